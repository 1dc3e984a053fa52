"""Rental days on screen: sums, call-outs, the rows, files, and statements kept as evidence."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from reports.engine.files.columns import FileColumn, Tally
from reports.engine.files.csv import csv_stream
from reports.engine.run import CONTENT_TYPES
from smi_portal.access.entered import recorder_of
from smi_portal.access.scope import Viewer, scope
from smi_portal.inventory.models import ExtractLoad
from smi_portal.portfolio import rental
from smi_portal.portfolio.asking import Period, Refused, last_month, period
from smi_portal.portfolio.models import Statement
from smi_portal.portfolio.rental import statements
from smi_portal.portfolio.rental.callouts import callouts
from smi_portal.portfolio.rental.statements import Difference
from smi_portal.portfolio.rental.totals import totals
from smi_portal.portfolio.text import copy_line, csv_line
from smi_portal.portfolio.views.common import (
    PARTIES,
    as_file,
    download,
    for_portfolio,
    in_plain_text,
    note,
    refuse_unknown,
)

SHOWN = 100  # rows on the page; files have all

DIFFERENCES = (
    FileColumn("device_id", "Device ID", "text"),
    FileColumn("mpxn", "MPxN", "text"),
    FileColumn("map_id", "MAP ID", "text"),
    FileColumn("supplier_id", "Supplier ID", "text"),
    FileColumn("stated_first_day", "Stated first day", "date"),
    FileColumn("stated_last_day", "Stated last day", "date"),
    FileColumn("stated_days", "Stated days", "integer"),
    FileColumn("first_day_now", "First day now", "date"),
    FileColumn("last_day_now", "Last day now", "date"),
    FileColumn("days_now", "Days now", "integer"),
    FileColumn("difference_days", "Difference in days", "integer"),
)


@require_safe
@gzip_page
@for_portfolio()
def page(request: HttpRequest, viewer: Viewer, load: ExtractLoad) -> HttpResponse:
    """Sums, call-outs and the first rows of a period; by default the last calendar month."""
    usual = last_month(load.day)
    given = {"from": request.GET.get("from") or "", "to": request.GET.get("to") or ""}
    context: dict[str, Any] = {"load": load, "usual": usual, "given": given}
    try:
        refuse_unknown(request.GET, {"from", "to"})
        days = period(given["from"] or usual.start, given["to"] or usual.end, load)
    except Refused as refused:
        return render(request, "portfolio/rental.html", context | {"errors": refused.errors}, status=400)
    return render(request, "portfolio/rental.html", context | _answered(viewer, load, days))


@require_safe
@for_portfolio()
def rental_file(request: HttpRequest, viewer: Viewer, load: ExtractLoad, extension: str) -> HttpResponseBase:
    """The same rows as a file."""
    usual = last_month(load.day)
    try:
        refuse_unknown(request.GET, {"from", "to", "dialect"})
        days = period(request.GET.get("from") or usual.start, request.GET.get("to") or usual.end, load)
        return download(request, rental.listing(viewer, days, load), extension)
    except Refused as refused:
        return in_plain_text(refused)


@require_POST
@for_portfolio(PARTIES)
def keep(request: HttpRequest, viewer: Viewer, load: ExtractLoad) -> HttpResponseBase:
    """Keep the rental days of a period as a statement."""
    try:
        days = period(request.POST.get("from") or "", request.POST.get("to") or "", load)
        statement = statements.keep(viewer, days, recorder_of(request))
    except Refused as refused:
        return in_plain_text(refused)
    note(request, "rental statement kept", statement=str(statement.pk), period=str(days))
    messages.success(request, "The statement is kept, with the extract that it was made from.")
    return redirect("rental:statement", str(statement.pk))


@require_safe
@for_portfolio(PARTIES)
def statement_page(request: HttpRequest, viewer: Viewer, load: ExtractLoad, kept_id: str) -> HttpResponse:
    """A statement as it was made, and what the inventory says differently now."""
    statement = _statement(viewer, kept_id)
    found: list[Difference] = []
    readable = statements.is_readable(viewer, statement)
    if readable:
        found = list(islice(statements.differences(viewer, statement), SHOWN + 1))
    context = {
        "statement": statement,
        "readable": readable,
        "differences": found[:SHOWN],
        "more": len(found) > SHOWN,
        "load": load,
        "shows_suppliers": statement.with_suppliers,
    }
    return render(request, "portfolio/statement.html", context)


@require_safe
@for_portfolio(PARTIES)
def differences_file(
    request: HttpRequest, viewer: Viewer, load: ExtractLoad, kept_id: str
) -> HttpResponseBase:
    """Every difference as CSV."""
    statement = _statement(viewer, kept_id)
    if not statements.is_readable(viewer, statement):
        raise Http404
    columns = [column for column in DIFFERENCES if column.key != "supplier_id" or statement.with_suppliers]
    lines = (csv_line(line, columns, True) for line in _lines(viewer, statement))
    response = StreamingHttpResponse(
        csv_stream(lines, columns, "people", Tally()), content_type=CONTENT_TYPES["csv"]
    )
    note(request, "statement's differences downloaded", statement=str(statement.pk))
    return as_file(response, f"statement-differences_{statement.period_from}_{statement.pk}.csv", load)


def _answered(viewer: Viewer, load: ExtractLoad, days: Period) -> dict[str, Any]:
    found = rental.listing(viewer, days, load)
    rows = list(islice(rental.listing(viewer, days, load, limit=SHOWN + 1).rows(), SHOWN + 1))
    query = f"from={days.start}&to={days.end}"
    last = statements.latest_for(viewer, days) if viewer.role.value != "DCC" else None
    return {
        "period": days,
        "totals": totals(viewer, days),
        "callouts": callouts(viewer, days, last.extract_sequence if last else None),
        "last_statement": last,
        "columns": found.columns,
        "rows": [list(row.values()) for row in rows[:SHOWN]],
        "more": len(rows) > SHOWN,
        "may_keep": viewer.role.value != "DCC",
        "statements": statements.kept(viewer) if viewer.role.value != "DCC" else [],
        "downloads": [
            {"label": label, "hint": hint, "url": f"{reverse('rental:file', args=[form])}?{query}{more}"}
            for label, hint, form, more in (
                ("Excel", "With definitions", "xlsx", ""),
                ("CSV", "Opens in Excel", "csv", ""),
                ("CSV for machines", "Plain UTF-8", "csv", "&dialect=machine"),
            )
        ],
    }


def _statement(viewer: Viewer, key: str) -> Statement:
    try:
        wanted = uuid.UUID(key)
    except ValueError:
        raise Http404 from None
    with scope(viewer):
        found = Statement.objects.filter(pk=wanted).first()
    if found is None:
        raise Http404
    return found


def _lines(viewer: Viewer, statement: Statement) -> Iterator[bytes]:
    for one in statements.differences(viewer, statement):
        key = one.key if statement.with_suppliers else one.key[:3]
        then, now = (
            (row["first_day"], row["last_day"], row["days"]) if row else (None, None, None)
            for row in (one.stated, one.now)
        )
        yield copy_line([*key, *then, *now, one.days])
