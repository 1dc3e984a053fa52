"""Working Days: Monday to Friday without the bank holidays of a configured calendar.

Pure arithmetic. Nothing here reads the clock, a setting or the database. Bank holidays come from the `holidays`
package; the tests hold England and Wales to an independent list of 2012 to 2028.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays

ONE_DAY = timedelta(days=1)
#: The calendar when no other is set: England and Wales, as the code's parties use it.
DEFAULT = "GB-ENG"


class UnknownCalendar(ValueError):
    """A calendar's name that the `holidays` package does not know."""


@dataclass(frozen=True)
class Step:
    """One day of the walk from a start to a deadline. `number` is its count; None for a day that does not count."""

    day: date
    number: int | None
    why_not: str = ""


@dataclass(frozen=True)
class Deadline:
    """A deadline with its arithmetic: `due` is the last of `steps`; the start itself counts nothing."""

    start: date
    working_days: int
    steps: tuple[Step, ...]

    @property
    def due(self) -> date:
        """The last day on which the thing is in time."""
        return self.steps[-1].day if self.steps else self.start


@dataclass(frozen=True)
class Calendar:
    """Which days are Working Days. `name` is country or country-subdivision, as in ISO 3166: GB-ENG, GB-SCT, IE."""

    name: str = DEFAULT

    def holiday(self, day: date) -> str:
        """The bank holiday's name, or '' for a day that is none."""
        return _bank_holidays(self.name, day.year).get(day, "")

    def why_not(self, day: date) -> str:
        """Why `day` is no Working Day, in a word or two; '' for a Working Day."""
        if found := self.holiday(day):
            return found
        return f"{day:%A}" if day.weekday() >= 5 else ""

    def is_working(self, day: date) -> bool:
        """Whether `day` is a Working Day."""
        return not self.why_not(day)

    def deadline(self, start: date, working_days: int) -> Deadline:
        """`working_days` Working Days after `start`: 1 November 2018 and five give 8 November.

        The start is day nought whether or not it is a Working Day. Raises ValueError for a negative number.
        """
        if working_days < 0:
            raise ValueError("A deadline lies after its start: count 0 or more Working Days.")
        steps: list[Step] = []
        day, number = start, 0
        while number < working_days:
            day += ONE_DAY
            why_not = self.why_not(day)
            number += not why_not
            steps.append(Step(day, None if why_not else number, why_not))
        return Deadline(start, working_days, tuple(steps))

    def between(self, after: date, until: date) -> int:
        """Working Days after `after`, up to and with `until`; negative, counted backwards, when that is earlier."""
        if until < after:
            return -self.between(until, after)
        return sum(self.is_working(day) for day in days(after + ONE_DAY, until))

    def working(self, first: date, last: date) -> list[date]:
        """The Working Days from `first` to `last`, both inclusive."""
        return [day for day in days(first, last) if self.is_working(day)]


def days(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both inclusive; none when `last` is earlier."""
    day = first
    while day <= last:
        yield day
        day += ONE_DAY


def calendar(name: str) -> Calendar:
    """The calendar of this name. Raises UnknownCalendar, with what to write instead."""
    _bank_holidays(name, 2018)
    return Calendar(name)


@cache
def _bank_holidays(name: str, year: int) -> dict[date, str]:
    country, _, subdivision = name.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError as error:
        raise UnknownCalendar(
            f"{name!r} is no calendar of the holidays package. Write country-subdivision, such as {DEFAULT}."
        ) from error
    return dict(found.items())
