"""The route in figures, for DCC and SECAS."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reports.engine.summaries import cross_table
from smi_portal.access.entered import viewer_of
from smi_portal.access.readers import Role
from smi_portal.access.scope import scope
from smi_portal.data_issues import figures
from smi_portal.data_issues.views.common import for_roles
from smi_portal.days import Days, month_in_words


@require_safe
@for_roles(Role.DCC, Role.SECAS)
def metrics(request: HttpRequest, days: Days) -> HttpResponseBase:
    """Raised, open by age and cause, how long they took, and what was mended without DCC."""
    with scope(viewer_of(request)):
        totals = figures.totals(days.today)
        months, raised = figures.raised_by_month(days.today)
        causes, aged = figures.open_by_age(days.today)
    summaries = []
    if months:
        told = "Lines raised in each month, by cause; without those returned or withdrawn."
        named = {month_in_words(month): raised[month] for month in months}
        summaries.append(cross_table("Month", list(named), named, "Raised by month and cause", told))
    if causes:
        told = "Lines that are open, or mended and not yet verified, by the days since they were raised."
        summaries.append(cross_table("Cause", causes, aged, "Open by cause and age", told))
    return render(
        request, "data_issues/figures.html", {"totals": totals, "summaries": summaries, "days": days}
    )
