"""The report pages: catalogue, a report on screen, and its files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from reports.accounting import accounted, begin_file, note_page
from reports.display import chooser, densities, density, tidied
from reports.engine.ahead import Busy, Handed, send
from reports.engine.ask import Ask, AskRefused, parse
from reports.engine.columns import Column
from reports.engine.filters import filter_rows
from reports.engine.options import options_for
from reports.engine.paging import PAGE_SIZES, page, page_size
from reports.engine.report import Report, catalogue, report_for
from reports.engine.rows import Rows
from reports.engine.run import FORMS, capped_count, count, counted_at_once, stream
from reports.engine.summaries import summaries
from reports.engine.table import table_for
from reports.few import few_mark, is_known_few
from reports.forms import filter_form
from reports.links import Links
from reports.saved.menu import menu, opening
from reports.saved.questions import check, tidy
from smi_portal.access.declare import with_role
from smi_portal.access.entered import viewer_of
from smi_portal.access.scope import Viewer, scope
from smi_portal.fair_use import OverCap
from smi_portal.inventory.models import ExtractLoad
from smi_portal.reader import reader_of

#: What outlives a change of filters.
KEPT = ("sort", "columns", "rows", "density", "view")


@require_safe
@gzip_page
@with_role
def catalogue_page(request: HttpRequest) -> HttpResponse:
    """Every report, the reader's own first: what it answers, who may run it, and what its columns mean."""
    viewer = viewer_of(request)
    reports = [
        {
            **card(report, viewer),
            "roles": [role.words for role in sorted(report.roles)],
            "may_run": viewer.role in report.roles,
            "notes": [(report.__doc__ or "").strip(), *report.notes],
            "columns_help": columns_help(report.columns),
        }
        for report in sorted(catalogue(), key=lambda report: viewer.role not in report.roles)
    ]
    return render(request, "reports/catalogue.html", {"reports": reports})


@require_safe
@gzip_page
@with_role
def report_page(request: HttpRequest, code: str) -> HttpResponse:
    """One report on screen. A question that cannot be answered: the same page with what is wrong, status 400."""
    report, viewer = _entered(request, code)
    if address := tidied(report, viewer, request.GET):
        return HttpResponseRedirect(address)
    try:
        ask = parse(report, viewer, request.GET)
        with scope(viewer):
            if address := opening(request, viewer, report):
                return HttpResponseRedirect(address)
            context = _answered(request, ask)
        note_page(request.user, ask, context["count"]["value"], context["count"]["capped"])
    except AskRefused as refused:
        context = _refused(request, report, viewer, refused)
        return render(request, "reports/report.html", context, status=refused.status)
    return render(request, "reports/report.html", context)


@require_safe
@with_role
def download(request: HttpRequest, code: str, extension: str) -> HttpResponseBase:
    """The same rows as a file, streamed at once; above SMI_DIRECT_ROWS the page that makes it a job instead.

    So it is too when they cannot be counted at once, or when many files are being sent.
    Refused in plain text, as scripts and download managers can show it.
    """
    report, viewer = _entered(request, code)
    if extension not in FORMS:
        raise Http404
    dialect = request.GET.get("dialect") or "people"
    try:
        ask = parse(report, viewer, request.GET)
        if dialect not in {"people", "machine"}:
            raise AskRefused({"dialect": ["Write people or machine."]})
        found = filter_rows(ask).rows
        if why := "" if is_known_few(ask, request.GET) else _why_not_at_once(found):
            return redirect(Links(ask, request.GET).as_job(extension, why))
        made = stream(found, extension, "machine" if dialect == "machine" else "people")  # type: ignore[arg-type]  # checked above
        made = send(made, reader_of(request))
        taken = begin_file(request.user, found, extension, "page")
    except Busy:
        return redirect(Links(ask, request.GET).as_job(extension, why="busy"))
    except OverCap as over:
        return HttpResponse(str(over), status=over.status, content_type="text/plain; charset=utf-8")
    except AskRefused as refused:
        lines = [f"{key}: {sentence}" for key, sentences in refused.errors.items() for sentence in sentences]
        return HttpResponse("\n".join(lines), status=refused.status, content_type="text/plain; charset=utf-8")
    chunks = accounted(made, request.user, found, extension, "page", taken)
    response = StreamingHttpResponse(Handed(chunks, made), content_type=made.content_type)
    response["Content-Disposition"] = f'attachment; filename="{made.filename}"'
    response["Cache-Control"] = "private, no-store"
    # A CSV has no room for where it comes from, so every file says it in its headers and its name.
    response["SMI-Extract-Sequence"] = str(ask.load.sequence)
    response["SMI-Data-As-At"] = f"{ask.load.as_at:%Y-%m-%dT%H:%M:%SZ}"
    return response


def _why_not_at_once(found: Rows) -> str:
    """Why these rows are better made in the background; empty when they are few, and known to be soon."""
    counted = counted_at_once(found, settings.SMI_DIRECT_ROWS, settings.SMI_DIRECT_SECONDS)
    if counted is None:
        return "slow"
    return "large" if counted[1] else ""


def card(report: Report, viewer: Viewer) -> dict[str, Any]:
    """A report as lists show it; `url` only for those who may run it."""
    url = reverse("reports:report", args=[report.code]) if viewer.role in report.roles else ""
    return {"code": report.code, "title": report.title, "answers": report.answers, "url": url}


def columns_help(columns: tuple[Column, ...]) -> list[dict[str, str]]:
    """Definitions for people: page, catalogue and About sheet say the same."""
    return [{"key": c.key, "title": c.title, "help": c.help, "source": c.source} for c in columns]


def _entered(request: HttpRequest, code: str) -> tuple[Report, Viewer]:
    report, viewer = report_for(code), viewer_of(request)
    if report is None:
        raise Http404
    if viewer.role not in report.roles:
        raise PermissionDenied(f"{report.code} is not for your role ({viewer.role.words}).")
    return report, viewer


def _answered(request: HttpRequest, ask: Ask) -> dict[str, Any]:
    """The context of an answered question. Runs inside the viewer's scope; everything is read here."""
    options = options_for(ask)
    filtered = filter_rows(ask, options)
    found, links = filtered.rows, Links(ask, request.GET)
    size, text = page_size(request.GET.get("rows")), density(request.GET.get("density"))
    shown = page(found, request.GET.get("after"), request.GET.get("before"), size)
    exact = request.GET.get("count") == "exact"
    number, capped = (count(found), False) if exact else capped_count(found)
    chips = links.chips()
    counted = summaries(found) if not capped or request.GET.get("summary") == "show" else ()
    return {
        **_common(ask.report, found.columns, request),
        "ask": ask,
        "form": filter_form(ask.report, ask.viewer, request.GET, options),
        "chips": chips,
        "clear_url": links.clear() if chips else "",
        "table": table_for(found, shown.rows),
        "count": {"value": number, "capped": capped, "exact_url": links.place(count="exact")},
        "pages": {
            "first_url": links.to() if shown.before else "",
            "previous_url": links.place(before=shown.before) if shown.before else "",
            "next_url": links.place(after=shown.after) if shown.after else "",
        },
        "page_sizes": [
            {"label": str(n), "url": links.to(rows=str(n)), "current": n == size} for n in PAGE_SIZES
        ],
        "density": text,
        "densities": densities(links, text),
        "chooser": chooser(ask, links),
        "order": order_in_words(ask),
        "own_order_url": links.to(sort=None) if ask.sort else "",
        "saved": menu(request, ask.viewer, ask.report),
        "downloads": _downloads(
            links, few_mark(ask) if not capped and number <= settings.SMI_DIRECT_ROWS else None
        ),
        "summaries": counted,
        "summaries_open": request.GET.get("summary") == "show",
        "summary_url": links.to(summary="show") if capped and not counted else "",
        "empty": None if shown.rows else _empty(ask, chips, links),
    }


def _refused(request: HttpRequest, report: Report, viewer: Viewer, refused: AskRefused) -> dict[str, Any]:
    load = ExtractLoad.current()
    form = filter_form(report, viewer, request.GET, {})
    form.full_clean()
    for key, sentences in refused.errors.items():
        form.errors.pop(key, None)  # the form's own words for the same fault: one fault, one sentence
        form.add_error(key if key in form.fields else None, sentences)
    day = load.day if load else None
    with scope(viewer):
        saved = menu(request, viewer, report)
    return {
        **_common(report, report.columns_for(viewer), request),
        "ask": {"day": day, "extract_day": day, "is_past": False, "history": False},
        "form": form,
        "saved": saved,
        "checked": check(report.code, viewer, tidy(request.GET)) if saved.current else None,
    }


def _common(report: Report, columns: tuple[Column, ...], request: HttpRequest) -> dict[str, Any]:
    kept = [(key, value) for key in KEPT for value in request.GET.getlist(key) if value]
    return {"report": report, "notes": report.notes, "columns_help": columns_help(columns), "kept": kept}


def _downloads(links: Links, few: str | None) -> list[dict[str, str]]:
    """The page's files. `few`: the mark that says that the page has counted these rows, so that nobody counts again."""
    machine = links.download("csv", dialect="machine", count=few)
    return [
        {"label": "Excel", "url": links.download("xlsx", count=few), "hint": "With definitions"},
        {"label": "CSV", "url": links.download("csv", count=few), "hint": "Opens in Excel"},
        {"label": "CSV for machines", "url": machine, "hint": "Plain UTF-8"},
        {"label": "Other formats", "url": links.as_job(), "hint": "Parquet, compressed"},
        {"label": "Get it regularly", "url": links.as_schedule(), "hint": "With a link by email"},
    ]


def _empty(ask: Ask, chips: list[dict[str, Any]], links: Links) -> dict[str, Any]:
    """Why there are no rows, and which filter to loosen: each is taken away in turn and counted."""
    if not chips:
        return {"message": "You have no rows in this report on this day.", "suggestions": []}
    suggestions = []
    for chip in chips:
        without = ask.given.copy()
        without.setlist(chip["key"], [])
        try:
            number, more = capped_count(_rows_with(ask, without))
        except AskRefused:
            continue  # what the report cannot be asked without, such as an annotated list's own reference
        if number:
            words = f"{'more than ' if more else ''}{number:,} row{'' if number == 1 else 's'}"
            text = f"Remove “{chip['label']}: {chip['value']}” ({words})"
            suggestions.append({"text": text, "url": links.to(drop=[chip["key"]])})
    return {"message": "No row matches all of these filters.", "suggestions": suggestions}


def order_in_words(ask: Ask) -> str:
    """The person's order as a sentence would say it; empty when the order is the report's own."""
    return ", then ".join(
        f"{ask.report.column(name.removeprefix('-')).title}{', highest first' if name.startswith('-') else ''}"
        for name in ask.sort
    )


def _rows_with(ask: Ask, given: Any) -> Rows:
    return filter_rows(replace(ask, given=given)).rows
