"""Working Days against GOV.UK's list, and against arithmetic told in another way."""

from datetime import date, timedelta

import pytest
from django.conf import settings as conf
from hypothesis import given
from hypothesis import strategies as st

from smi_portal.backfill.apps import calendar_is_known
from smi_portal.backfill.working_days import Calendar, UnknownCalendar, calendar, days

from .bank_holidays import BANK_HOLIDAYS, FIRST, LAST

CALENDAR = Calendar()
DAYS = st.dates(FIRST, LAST - timedelta(days=60))


def naive(day: date) -> bool:
    return day.isoweekday() < 6 and day not in BANK_HOLIDAYS


def test_every_day_from_2012_to_2028_is_as_gov_uk_says() -> None:
    assert len(BANK_HOLIDAYS) == 17 * 8 + 4  # eight a year; one more in 2012 and 2023, two more in 2022
    wrong = [day for day in days(FIRST, LAST) if CALENDAR.is_working(day) != naive(day)]
    assert wrong == []


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2018-11-01", "2018-11-08"),
        ("2018-11-08", "2018-11-15"),
        ("2018-06-28", "2018-07-05"),
        ("2018-07-05", "2018-07-12"),
        ("2018-12-21", "2019-01-02"),  # over Christmas and New Year
        ("2018-11-03", "2018-11-09"),  # a Saturday is day nought too
    ],
)
def test_five_working_days_after(start: str, due: str) -> None:
    assert CALENDAR.deadline(date.fromisoformat(start), 5).due == date.fromisoformat(due)


@given(DAYS, st.integers(0, 20))
def test_a_deadline_is_the_nth_working_day_after_its_start(start: date, number: int) -> None:
    found = CALENDAR.deadline(start, number)
    after = [day for day in days(start + timedelta(days=1), start + timedelta(days=60)) if naive(day)]
    assert found.due == (after[number - 1] if number else start)
    assert [step.day for step in found.steps if step.number] == after[:number]
    assert [step.number for step in found.steps if step.number] == list(range(1, number + 1))
    assert all(step.why_not for step in found.steps if not step.number)
    assert [step.day for step in found.steps] == list(days(start + timedelta(days=1), found.due))


@given(DAYS, st.integers(0, 20))
def test_counting_undoes_a_deadline(start: date, number: int) -> None:
    due = CALENDAR.deadline(start, number).due
    assert CALENDAR.between(start, due) == number
    assert CALENDAR.between(due, start) == -number


@given(DAYS, DAYS)
def test_working_days_between_two_days(first: date, last: date) -> None:
    assert CALENDAR.working(first, last) == [day for day in days(first, last) if naive(day)]


def test_reasons_are_told() -> None:
    assert CALENDAR.why_not(date(2018, 12, 25)) == "Christmas Day"
    assert CALENDAR.why_not(date(2018, 11, 3)) == "Saturday"
    assert CALENDAR.why_not(date(2018, 11, 5)) == ""


def test_other_calendars_by_name() -> None:
    assert calendar("GB-SCT").is_working(date(2019, 1, 2)) is False  # 2nd January is Scotland's
    assert calendar("GB-ENG").is_working(date(2019, 1, 2)) is True
    with pytest.raises(UnknownCalendar, match="GB-ENG"):
        calendar("NOWHERE")
    with pytest.raises(UnknownCalendar, match="GB-ENG"):
        calendar("GB-XXX")


def test_no_deadline_before_its_start() -> None:
    with pytest.raises(ValueError, match="after its start"):
        CALENDAR.deadline(FIRST, -1)


def test_the_site_does_not_start_with_an_unknown_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    assert calendar_is_known(None) == []
    monkeypatch.setattr(conf, "SMI_WORKING_DAY_CALENDAR", "GB-XXX")
    (problem,) = calendar_is_known(None)
    assert "GB-XXX" in problem.msg
