"""DCC's demand page: what was planned, allowed and sent on each day, against capacity."""

from __future__ import annotations

from datetime import date
from typing import Any

from reports.engine.charts import line_chart
from reports.engine.summaries import Summary
from smi_portal.backfill import figures, programme, records
from smi_portal.backfill.allowances import allowed_on
from smi_portal.backfill.models import Allowance
from smi_portal.backfill.plan import Limits, make_plan
from smi_portal.backfill.reminders import last_day
from smi_portal.backfill.views.common import Table
from smi_portal.backfill.working_days import ONE_DAY
from smi_portal.backfill.working_days import days as every_day
from smi_portal.days import Days


def context(days: Days) -> dict[str, Any]:
    """Everything on the page. Call inside DCC's scope."""
    first = programme.implementation()
    held = records.in_force(records.allowances(days.today))
    sent = figures.sent_by_user_and_day(first, days.data)
    actual: dict[date, int] = {}
    for (_, day), number in sent.items():
        actual[day] = actual.get(day, 0) + number
    capacity = programme.daily_capacity(days.today)
    set_by = programme.capacities(days.today)
    grants = records.grants(held.values())
    planned, ahead = _planned(held), _ahead(held, days)
    past: list[list[Any]] = [
        [day, planned.get(day, 0), allowed_on(grants, day), actual.get(day, 0)]
        for day in every_day(first, days.data)
    ]
    last = max((one.window_to for one in held.values()), default=days.today)
    coming: list[list[Any]] = [
        [day, ahead.get(day, 0), allowed_on(grants, day)] for day in every_day(days.today + ONE_DAY, last)
    ]
    said = f"to {days.data.day} {days.data:%B %Y}"
    return {
        "past": _chart(f"Planned and actual, {said}", ["Planned", "Allowed", "Sent"], past, set_by),
        "ahead": _chart("Planned from tomorrow on", ["Planned", "Allowed"], coming, set_by)
        if coming
        else None,
        "table": Table(
            "Requests by day (UTC)",
            ["Day", "Planned", "Allowed", "Sent"],
            [row for row in reversed(past) if any(row[1:])],
            frozenset({1, 2, 3}),
        ),
        "capacity": capacity,
        "over_capacity": [row for row in past if _above(row, set_by)],
        "over": _over_allowance(sent, days),
    }


def _planned(held: dict[int, Allowance]) -> dict[date, int]:
    """What each allowance was meant for: what its User had outstanding when it was confirmed."""
    total: dict[date, int] = {}
    for user, allowance in held.items():
        number = figures.outstanding_on(user, allowance.confirmed_on)
        _spread(total, number, allowance, allowance.window_from)
    return total


def _ahead(held: dict[int, Allowance], days: Days) -> dict[date, int]:
    """What each User has outstanding now, over what is left of its window."""
    total: dict[date, int] = {}
    for user, allowance in held.items():
        _spread(total, figures.outstanding_on(user, days.data), allowance, days.today + ONE_DAY)
    return total


def _spread(total: dict[date, int], number: int, allowance: Allowance, start: date) -> None:
    """Add `number`, spread evenly over the Working Days of the window from `start`, to each day's `total`."""
    limits = Limits(allowance.daily_allowance, allowance.window_from, allowance.window_to, None)
    for planned in make_plan(number, limits, start, programme.working_calendar().is_working).days:
        total[planned.day] = total.get(planned.day, 0) + planned.number


def _over_allowance(sent: dict[tuple[int, date], int], days: Days) -> list[dict[str, Any]]:
    """Each day on which a User sent more than its allowance, latest first. As in BKF_002, a month is judged by
    the allowance in force on the month's last day (or D)."""
    names = {user.pk: user for user in records.users()}
    by_month: dict[date, dict[int, Allowance]] = {}
    found = []
    for (user, day), number in sent.items():
        end = min(last_day(day.replace(day=1)), days.data)
        if end not in by_month:
            by_month[end] = records.in_force(records.allowances(end))
        held = by_month[end].get(user)
        if held is not None and user in names and number > held.daily_allowance:
            found.append(
                {
                    "user": names[user],
                    "day": day,
                    "sent": number,
                    "allowance": held.daily_allowance,
                    "over": number - held.daily_allowance,
                    "outside": not held.window_from <= day <= held.window_to,
                }
            )
    return sorted(found, key=lambda one: (one["day"], one["over"]), reverse=True)


def _capacity_on(set_by: list[tuple[date, int]], day: date) -> int | None:
    """The capacity that held on a day: a later one judges no past day. None before the first was set."""
    return next((per_day for on, per_day in reversed(set_by) if on <= day), None)


def _above(row: list[Any], set_by: list[tuple[date, int]]) -> bool:
    """Whether more was sent on the row's day than its capacity."""
    held = _capacity_on(set_by, row[0])
    return held is not None and row[3] > held


def _chart(title: str, names: list[str], rows: list[list[Any]], set_by: list[tuple[date, int]]) -> Summary:
    """The busiest day of each week, so that half a year can be read and no spike is averaged away."""
    names = [*names, "Capacity"] if set_by else names
    weeks: dict[str, list[int]] = {}
    for day, *numbers in rows:
        monday = day.fromordinal(day.toordinal() - day.weekday())
        label = f"{monday.day} {monday:%b %Y}"
        now = [*numbers, _capacity_on(set_by, day) or 0] if set_by else numbers
        weeks[label] = [max(*pair) for pair in zip(weeks.get(label, [0] * len(names)), now, strict=True)]
    series = {name: [week[place] for week in weeks.values()] for place, name in enumerate(names)}
    words = "The busiest day of each week, all Users together."
    svg = line_chart(title, words, list(weeks), series)
    table = [[label, *(values[place] for values in series.values())] for place, label in enumerate(weeks)]
    return Summary(title, words, ["Week from", *series], table, svg)
