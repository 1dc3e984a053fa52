"""The data quality page: counts, how they changed, and a click to each list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from reports.engine.charts import MAX_SERIES, line_chart
from reports.engine.summaries import OTHER, Summary
from smi_portal.access.entered import viewer_of
from smi_portal.access.scope import scope
from smi_portal.inventory.quality.rules import Rule, rules_for
from smi_portal.lookup.views.common import raise_url, sees_devices
from smi_portal.quality.trend import Counted, current, trend


@require_safe
@sees_devices
def overview(request: HttpRequest) -> HttpResponseBase:
    """Every condition: what it is, how many of the viewer's assets break it, and what mends it."""
    viewer = viewer_of(request)
    with scope(viewer):
        counted = trend(viewer)
        now = current(viewer, counted)
    before = counted[-2].findings if len(counted) > 1 else None
    lines = [_line(rule, now, before) for rule in _once(rules_for(viewer.role))]
    context = {
        "total": sum(now.values()),
        "rules": sorted(lines, key=lambda line: not line["count"]),  # what there is to mend comes first
        "all_url": _list(),
        "chart": _chart(counted) if len(counted) > 1 else None,
        "loads": len(counted),
        "day": counted[-1].day if counted else None,
    }
    return render(request, "quality/overview.html", context)


def _once(rules: Sequence[Rule]) -> list[Rule]:
    """One rule a code: a code may be looked for in two tables."""
    return list({rule.code: rule for rule in rules}.values())


def _line(rule: Rule, now: dict[str, int], before: Any) -> dict[str, Any]:
    number = now.get(rule.code, 0)
    return {
        "rule": rule,
        "count": number,
        "change": None if before is None else number - before.get(rule.code, 0),
        "url": _list(rule.code) if number else "",
        "raise_url": raise_url(finding=rule.code) if number else "",
    }


def _list(code: str = "") -> str:
    address = reverse("reports:report", args=["DQ_001"])
    return f"{address}?{urlencode({'finding': code})}" if code else address


def _chart(counted: Sequence[Counted]) -> Summary:
    """A line for each of the most frequent findings over the loads; the rest together."""
    totals: dict[str, int] = {}
    for one in counted:
        for code, number in one.findings.items():
            totals[code] = max(totals.get(code, 0), number)
    codes = sorted(totals, key=lambda code: (-totals[code], code))
    shown, rest = codes, []
    if len(codes) > MAX_SERIES:
        shown, rest = codes[: MAX_SERIES - 1], codes[MAX_SERIES - 1 :]
    series = {code: [one.findings.get(code, 0) for one in counted] for code in shown}
    if rest:
        series[OTHER] = [sum(one.findings.get(code, 0) for code in rest) for one in counted]
    labels = [f"{one.sequence} ({one.day.isoformat()})" for one in counted]
    title, words = "Findings by load", "How many findings your assets had at each load (sequence and day)."
    table = [
        [label, *(series[name][place] for name in series), counted[place].total]
        for place, label in enumerate(labels)
    ]
    return Summary(
        title, words, ["Load", *series, "Total"], table[::-1], line_chart(title, words, labels, series)
    )
