"""When a schedule is due. Pure arithmetic on days; Working Days come from the programme's calendar."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from reports.exports.schedule_models import Rhythm
from smi_portal.backfill.working_days import Calendar

ONE_DAY = timedelta(days=1)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: The most that `number` may be. No month of England and Wales has fewer than 18 Working Days.
MOST = {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7, Rhythm.MONTHLY: 31, Rhythm.WORKING_DAY: 18}


def next_day(rhythm: str, number: int, after: date, calendar: Calendar) -> date:
    """The first day after `after` on which the rhythm falls. A month too short has it on its last (Working) Day."""
    if rhythm == Rhythm.DAILY:
        return after + ONE_DAY
    if rhythm == Rhythm.WEEKLY:
        return after + timedelta(days=(number - 1 - after.weekday() - 1) % 7 + 1)
    month = after.replace(day=1)
    while True:
        day = _in_month(rhythm, number, month, calendar)
        if day > after:
            return day
        month = end_of_month(month) + ONE_DAY


def end_of_month(day: date) -> date:
    """The last day of the day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def last_month_end(day: date) -> date:
    """The newest month end that is not after `day`."""
    end = end_of_month(day)
    return end if end == day else day.replace(day=1) - ONE_DAY


def months_later(day: date, months: int) -> date:
    """The same day `months` months later, or the last of a shorter month."""
    place = day.year * 12 + day.month - 1 + months
    first = date(place // 12, place % 12 + 1, 1)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


def words(rhythm: str, number: int) -> str:
    """The rhythm in words."""
    if rhythm == Rhythm.WEEKLY:
        return f"every {WEEKDAYS[number - 1]}"
    if rhythm == Rhythm.MONTHLY:
        return f"every month on the {ordinal(number)}" + (", or its last day" if number > 28 else "")
    if rhythm == Rhythm.WORKING_DAY:
        return f"every month on its {ordinal(number)} Working Day"
    return "every day"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th."""
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _in_month(rhythm: str, number: int, month: date, calendar: Calendar) -> date:
    last = end_of_month(month)
    if rhythm == Rhythm.WORKING_DAY:
        working = calendar.working(month, last)
        return working[min(number, len(working)) - 1]
    return month.replace(day=min(number, last.day))
