"""The programme's dates: implementation, the two deadlines in Working Days, the Panel's date, and DCC's capacities."""

from __future__ import annotations

from datetime import date

from django.conf import settings

from smi_portal.backfill.models import DailyCapacity, PanelDate
from smi_portal.backfill.working_days import Calendar, Deadline, calendar

#: SECMP0011: five Working Days after implementation to declare, five after a declaration to confirm.
WORKING_DAYS_TO_DECLARE = 5
WORKING_DAYS_TO_CONFIRM = 5


def implementation() -> date:
    """The implementation date (setting SMI_IMPLEMENTATION_DATE)."""
    day: date = settings.SMI_IMPLEMENTATION_DATE
    return day


def working_calendar() -> Calendar:
    """The calendar of Working Days (setting SMI_WORKING_DAY_CALENDAR). Raises UnknownCalendar."""
    return calendar(settings.SMI_WORKING_DAY_CALENDAR)


def declaration_deadline() -> Deadline:
    """By when each User declares, with its arithmetic."""
    return working_calendar().deadline(implementation(), WORKING_DAYS_TO_DECLARE)


def confirmation_deadline(declared_on: date) -> Deadline:
    """By when DCC confirms the allowance of a User that declared on this day."""
    return working_calendar().deadline(declared_on, WORKING_DAYS_TO_CONFIRM)


def panel_date(day: date) -> date | None:
    """The Panel's date as decided by `day`; None before any decision. Call inside a scope."""
    found = PanelDate.objects.filter(decided_on__lte=day).order_by("-pk").first()
    return found.panel_date if found else None


def capacities(day: date) -> list[tuple[date, int]]:
    """Every capacity set by `day`, with the day from which it held, oldest first. Call inside DCC's scope."""
    return list(DailyCapacity.objects.filter(set_on__lte=day).order_by("pk").values_list("set_on", "per_day"))


def daily_capacity(day: date) -> int | None:
    """DCC's daily capacity as set by `day`; None before any. Call inside DCC's scope."""
    found = DailyCapacity.objects.filter(set_on__lte=day).order_by("-pk").first()
    return found.per_day if found else None
