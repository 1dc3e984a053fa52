"""Days as small integers, for speed: a day number indexes ISO, which holds its text."""

from datetime import date, timedelta
from typing import Final

EPOCH: Final = date(2000, 1, 1)
_COUNT: Final = 366 * 50

NEVER: Final = _COUNT
"""The day number of an open end: later than every day, and written as an empty cell."""

ISO: Final[tuple[str, ...]] = (*((EPOCH + timedelta(n)).isoformat() for n in range(_COUNT)), "")


def number(day: date) -> int:
    """Return the day number of `day` (0 = 1 January 2000)."""
    return (day - EPOCH).days


def day_of(day_number: int) -> date:
    """Return the date of a day number."""
    return EPOCH + timedelta(day_number)


def month_later(day: date) -> date:
    """Return the same day of the next month; the last day of a month leads to the last day of the next.

    >>> month_later(date(2019, 1, 31)).isoformat(), month_later(date(2019, 2, 28)).isoformat()
    ('2019-02-28', '2019-03-31')
    """
    first_of_next = (day.replace(day=28) + timedelta(7)).replace(day=1)
    end_of_next = (first_of_next.replace(day=28) + timedelta(7)).replace(day=1) - timedelta(1)
    if (day + timedelta(1)).day == 1 or day.day > end_of_next.day:
        return end_of_next
    return end_of_next.replace(day=day.day)


def working_days(first: date, last: date) -> list[int]:
    """Return the day numbers of Mondays to Fridays from first to last, without Christmas and New Year."""
    span = range(number(first), number(last) + 1)
    return [n for n in span if day_of(n).weekday() < 5 and ISO[n][5:] not in _HOLIDAYS]


_HOLIDAYS: Final = frozenset({"12-25", "12-26", "01-01"})
IMPLEMENTATION_DAY: Final = date(2018, 11, 1)
IMPLEMENTATION: Final = number(IMPLEMENTATION_DAY)
"""SECMP0011's implementation: from this day on a pre-notified meter carries its MAP ID."""
