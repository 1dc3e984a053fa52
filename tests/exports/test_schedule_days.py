"""When schedules are due: against a search day by day, and by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.exports.schedule_models import Rhythm
from reports.exports.schedules.calendar import (
    MOST,
    end_of_month,
    last_month_end,
    months_later,
    next_day,
    ordinal,
    words,
)
from smi_portal.backfill.working_days import calendar

GB = calendar("GB-ENG")
DAYS = st.dates(date(2018, 1, 1), date(2027, 12, 31))


def falls(rhythm: Rhythm, number: int, day: date) -> bool:
    """Whether the rhythm falls on this day, told plainly."""
    last = end_of_month(day)
    if rhythm == Rhythm.DAILY:
        return True
    if rhythm == Rhythm.WEEKLY:
        return day.isoweekday() == number
    if rhythm == Rhythm.MONTHLY:
        return day.day == number or (day == last and last.day < number)
    before = [d for d in range(1, day.day + 1) if GB.is_working(day.replace(day=d))]
    return GB.is_working(day) and len(before) == number


@given(st.sampled_from(Rhythm), st.integers(1, 31), DAYS)
def test_the_next_day_is_the_first_on_which_it_falls(rhythm: Rhythm, number: int, after: date) -> None:
    number = min(number, MOST[rhythm])
    day = after + timedelta(days=1)
    while not falls(rhythm, number, day):
        day += timedelta(days=1)
    assert next_day(rhythm, number, after, GB) == day


@pytest.mark.parametrize(
    ("rhythm", "number", "after", "day"),
    [
        (Rhythm.WORKING_DAY, 1, date(2018, 12, 31), date(2019, 1, 2)),  # New Year's Day is none
        (Rhythm.WORKING_DAY, 5, date(2018, 11, 30), date(2018, 12, 7)),
        (Rhythm.MONTHLY, 31, date(2019, 1, 31), date(2019, 2, 28)),
        (Rhythm.WEEKLY, 1, date(2018, 11, 5), date(2018, 11, 12)),
        (Rhythm.DAILY, 1, date(2018, 12, 31), date(2019, 1, 1)),
    ],
)
def test_by_hand(rhythm: Rhythm, number: int, after: date, day: date) -> None:
    assert next_day(rhythm, number, after, GB) == day


@given(DAYS)
def test_month_ends(day: date) -> None:
    assert (end_of_month(day) + timedelta(days=1)).day == 1
    assert end_of_month(day) >= day
    assert last_month_end(day) == (
        day if day == end_of_month(day) else day.replace(day=1) - timedelta(days=1)
    )


def test_months_later() -> None:
    assert months_later(date(2018, 11, 30), 13) == date(2019, 12, 30)
    assert months_later(date(2019, 1, 31), 13) == date(2020, 2, 29)


def test_words() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23)] == (
        ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd"]
    )
    assert words("weekly", 7) == "every Sunday"
    assert words("working_day", 3) == "every month on its 3rd Working Day"
