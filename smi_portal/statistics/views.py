"""The statistics pages: for anyone a published month, for SECAS and DCC every month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from smi_portal import audit
from smi_portal.access.declare import for_roles, public
from smi_portal.access.readers import Role
from smi_portal.accounts.rights import is_dcc_operator
from smi_portal.attachments import as_attachment, csv_lines
from smi_portal.statistics.cubes import CUBES, cube_of
from smi_portal.statistics.models import MonthlyTable, Publication

SUPPRESSED = "c"


@require_safe
@public
def index(request: HttpRequest) -> HttpResponse:
    """The months that this reader may see."""
    published = public_months()
    months = [
        {"month": month, "day": day, "public": month in published}
        for month, day in MonthlyTable.objects.order_by("-month").values_list("month", "day").distinct()
        if month in published or sees_all(request)
    ]
    return render(request, "statistics/index.html", {"months": months, "sees_all": sees_all(request)})


@require_safe
@public
def month_page(request: HttpRequest, month: str) -> HttpResponse:
    """Every table of a month. One that is not published is, to others, like one that does not exist."""
    tables = _tables(request, month)
    shown = [{"cube": cube_of(table.cube), "table": table, "lines": _lines(table)} for table in tables]
    context = {
        "month": month,
        "day": tables[0].day,
        "sequence": tables[0].extract_sequence,
        "tables": [one for one in shown if one["cube"]],
        "is_public": month in public_months(),
        "may_publish": is_dcc_operator(request.user),
    }
    return render(request, "statistics/month.html", context)


@require_safe
@public
def month_csv(request: HttpRequest, month: str) -> HttpResponseBase:
    """The same, as one file: a line for each cell; `c` = suppressed."""
    lines = csv_lines(("month", "table", "row", "column", "count"), _cells(_tables(request, month)))
    response = HttpResponse(b"".join(lines), content_type="text/csv; charset=utf-8")
    return as_attachment(response, f"smi-statistics_{month}.csv")


@require_POST
@for_roles(Role.DCC)
def publish(request: HttpRequest, month: str) -> HttpResponse:
    """DCC shows a month to anyone, or no longer."""
    day = _tables(request, month)[0].day
    wanted = request.POST.get("public") == "yes"
    if wanted != (month in public_months()):
        Publication.objects.create(month=month, public=wanted, decided_by=str(request.user))
        audit.note("statistics published" if wanted else "statistics withdrawn", request.user, month=month)
    messages.success(request, f"{day:%B %Y} is {'' if wanted else 'no longer '}public.")
    return redirect("statistics:month", month)


def sees_all(request: HttpRequest) -> bool:
    """Whether months that are not published are shown: to SECAS and DCC."""
    viewer = getattr(request, "viewer", None)
    return viewer is not None and viewer.role in {Role.SECAS, Role.DCC}


def public_months() -> frozenset[str]:
    """The months whose last decision was to publish."""
    last = Publication.objects.order_by("month", "-pk").distinct("month")
    return frozenset(decision.month for decision in last if decision.public)


def _tables(request: HttpRequest, month: str) -> list[MonthlyTable]:
    if not sees_all(request) and month not in public_months():
        raise Http404
    order = [cube.slug for cube in CUBES]
    found = [table for table in MonthlyTable.objects.filter(month=month) if table.cube in order]
    if not found:
        raise Http404
    return sorted(found, key=lambda table: order.index(table.cube))


def _lines(table: MonthlyTable) -> list[dict[str, Any]]:
    figures = table.figures
    if figures is None:
        return []
    lines = zip(figures["rows"], figures["cells"], figures["row_totals"], strict=True)
    shown = [{"name": name, "cells": [*cells, total]} for name, cells, total in lines]
    return [*shown, {"name": "Total", "cells": [*figures["column_totals"], figures["total"]]}]


def _cells(tables: list[MonthlyTable]) -> Iterator[list[Any]]:
    for table in tables:
        names = [*table.figures["columns"], "Total"] if table.figures else []
        for line in _lines(table):
            for name, value in zip(names, line["cells"], strict=True):
                yield [table.month, table.cube, line["name"], name, SUPPRESSED if value is None else value]
        if table.figures is None:
            yield [table.month, table.cube, "", "", SUPPRESSED]
