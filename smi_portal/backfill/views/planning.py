"""A supplier's plan: how many to send on which day; as table, chart, calendar file and list of Device IDs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from reports.engine.charts import bar_chart
from reports.engine.summaries import Summary
from smi_portal.access.entered import viewer_of
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.attachments import csv_file, file_answer
from smi_portal.backfill import figures, programme, records
from smi_portal.backfill.ics import calendar_file
from smi_portal.backfill.models import Allowance
from smi_portal.backfill.plan import Limits, Plan, make_plan, share_out
from smi_portal.backfill.views.common import Table, for_roles, programme_facts
from smi_portal.backfill.views.forms import PlanForm
from smi_portal.backfill.working_days import ONE_DAY
from smi_portal.days import Days

#: More bars than this cannot be told apart: the chart sums up by week, the table keeps the days.
MOST_BARS = 45


@require_safe
@for_roles(Role.SUPPLIER)
def plan_page(request: HttpRequest, days: Days) -> HttpResponse:
    """The plan on screen. Without an allowance, the pace that would be needed."""
    viewer, form = viewer_of(request), PlanForm(request.GET)
    valid = form.is_valid()
    with scope(viewer):
        facts = programme_facts(days)
        allowance = _allowance(viewer, days)
        number = figures.outstanding_on(viewer.organisation_id, days.data)
    made = _plan(number, allowance, facts["panel_date"], days, form) if valid and allowance else None
    context = {
        **facts,
        "form": form,
        "allowance": allowance,
        "outstanding": number,
        "start": _start(days),
        "plan": made,
        "over_panel": bool(made and facts["panel_date"] and made.limits.window_to < facts["panel_date"]),
        "chart": _chart(made) if made and made.days else None,
        "table": _table(made) if made and len(made.days) > MOST_BARS else None,
        "query": request.GET.urlencode(),
        "pace": _pace(number, facts["panel_date"], days) if not allowance else None,
    }
    return render(request, "backfill/plan.html", context, status=200 if valid else 400)


@require_safe
@for_roles(Role.SUPPLIER)
def plan_ics(request: HttpRequest, days: Days) -> HttpResponseBase:
    """The plan as a calendar file; without a plan, back to the page that says why."""
    viewer, form = viewer_of(request), PlanForm(request.GET)
    with scope(viewer):
        allowance = _allowance(viewer, days)
        number = figures.outstanding_on(viewer.organisation_id, days.data)
        panel = programme.panel_date(days.today)
    if not form.is_valid() or allowance is None:
        return redirect("backfill:plan")
    body = calendar_file(_plan(number, allowance, panel, days, form), viewer.organisation, datetime.now(UTC))
    name = f"backfill-plan_{days.data}_{slugify(viewer.organisation)}.ics"
    return file_answer(body, "text/calendar; charset=utf-8", name)


@require_safe
@for_roles(Role.SUPPLIER)
def plan_csv(request: HttpRequest, days: Days) -> HttpResponseBase:
    """Which Device ID on which day: outstanding meters in the order of their Device IDs."""
    viewer, form = viewer_of(request), PlanForm(request.GET)
    with scope(viewer):
        allowance = _allowance(viewer, days)
        panel = programme.panel_date(days.today)
    if not form.is_valid() or allowance is None:
        return redirect("backfill:plan")

    def rows() -> Iterator[Sequence[Any]]:
        with scope(viewer):
            found = figures.outstanding(viewer.organisation_id, days.data).values_list(
                "device_id", "device_type"
            )
            kinds = dict(found)
            made = _plan(len(kinds), allowance, panel, days, form)
            for day, device in share_out(list(kinds), made):
                yield [day, device, kinds[device]]

    return csv_file(f"backfill-plan_{days.data}", viewer, ["send_on", "device_id", "device_type"], rows())


def _allowance(viewer: Viewer, days: Days) -> Allowance | None:
    held = records.in_force(records.allowances(days.today, viewer.organisation_id))
    return held.get(viewer.organisation_id)


def _start(days: Days) -> Any:
    """Sending starts tomorrow: what was sent today is in the data already, or will be."""
    return days.today + ONE_DAY


def _plan(number: int, allowance: Allowance, panel: Any, days: Days, form: PlanForm) -> Plan:
    limits = Limits(allowance.daily_allowance, allowance.window_from, allowance.window_to, panel)
    calendar = programme.working_calendar()
    counts = (lambda day: True) if form.cleaned_data["days"] == "all" else calendar.is_working
    return make_plan(number, limits, _start(days), counts, form.cleaned_data["slack"] or 0)


def _pace(number: int, panel: Any, days: Days) -> dict[str, int] | None:
    """What would have to be sent each Working Day to finish by the Panel's date, were it allowed."""
    if panel is None or panel < _start(days):
        return None
    working = len(programme.working_calendar().working(_start(days), panel))
    return {"days": working, "each": -(-number // working)} if working else None


def _table(made: Plan) -> Table:
    left, rows = made.outstanding, []
    for planned in made.days:
        left -= planned.number
        rows.append([planned.day, f"{planned.day:%A}", planned.number, left])
    return Table("The plan, day by day", ["Day", "Weekday", "To send", "Left after"], rows, frozenset({2, 3}))


def _chart(made: Plan) -> Summary:
    """Bars by day with the days' table; or by week (from Monday) when there are too many days."""
    weekly = len(made.days) > MOST_BARS
    bars: dict[str, int] = {}
    for planned in made.days:
        day = planned.day
        monday = day.fromordinal(day.toordinal() - day.weekday())
        label = f"{monday.day} {monday:%b %Y}" if weekly else f"{day:%a} {day.day} {day:%b %Y}"
        bars[label] = bars.get(label, 0) + planned.number
    title = "To send each week" if weekly else "To send each day"
    words = f"At most {made.limits.allowance:,} a day." + (" A week begins on Monday." if weekly else "")
    svg = bar_chart(title, words, list(bars), {"To send": list(bars.values())})
    left, rows = made.outstanding, []
    for label, number in bars.items():
        left -= number
        rows.append([label, number, left])
    return Summary(title, words, ["Week from" if weekly else "Day", "To send", "Left after"], rows, svg)
