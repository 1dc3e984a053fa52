"""The operations of the API, version 1. None knows any report by name."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.gzip import gzip_page

from reports.accounting import accounted, begin_file, hand_out_page
from reports.api import cursor, describe
from reports.api.openapi import document
from reports.api.operations import FILE_COST, channel, operation, report_of, token_of
from reports.api.question import PAGE_KEYS, Question, limit_of, query_string, read, wants_total
from reports.api.telling import labelled, told
from reports.engine.ahead import Busy, Handed, send
from reports.engine.paging import Page, page
from reports.engine.report import reports_for
from reports.engine.run import CONTENT_TYPES, Format, count, envelope, filename, stream
from smi_portal.access.entered import viewer_of
from smi_portal.access.scope import scope
from smi_portal.inventory.models import ExtractLoad
from smi_portal.problems import Problem
from smi_portal.reader import reader_of


@operation("GET")
def index(request: HttpRequest) -> HttpResponse:
    """Who asks, for which data, how much is allowed, and where everything else is."""
    viewer, token = viewer_of(request), token_of(request)
    return told(
        {
            "organisation": viewer.organisation,
            "role": viewer.role.value,
            "released": sorted(group.value for group in viewer.released),
            "token": {
                "name": token.name,
                "covers": token.covers,
                "expires_at": f"{token.expires_at:%Y-%m-%dT%H:%M:%SZ}",
            },
            "extract": describe.extract(ExtractLoad.current()),
            "links": {
                "reports": request.build_absolute_uri(reverse("api:reports")),
                "description": request.build_absolute_uri(reverse("api:openapi")),
                "help": request.build_absolute_uri(reverse("api:help")),
            },
        }
    )


@operation("GET")
def openapi(request: HttpRequest) -> HttpResponse:
    """The API's own description."""
    return told(document(request.build_absolute_uri("/")))


@operation("GET")
def reports(request: HttpRequest) -> HttpResponse:
    """The reports that this token may run."""
    covers = token_of(request).covers
    found = [report for report in reports_for(viewer_of(request)) if report.code in covers]
    return told({"reports": [describe.summary(request, report) for report in found]})


@operation("GET")
def report(request: HttpRequest, code: str) -> HttpResponse:
    """One report's declaration."""
    return told(describe.whole(request, report_of(request, code), viewer_of(request)))


@gzip_page
@operation("GET")
def rows(request: HttpRequest, code: str) -> HttpResponseBase:
    """A page of rows. All pages of a walk are of one extract, or the walk is refused (410)."""
    asked = report_of(request, code)
    while True:
        question = read(asked, viewer_of(request), request.GET, PAGE_KEYS)
        etag = question.etag("page")
        unchanged = get_conditional_response(request, etag=etag)
        if unchanged is not None:
            return labelled(unchanged, question.found.ask.load, etag)
        if request.method == "HEAD":
            return labelled(HttpResponse(content_type="application/json"), question.found.ask.load, etag)
        body = _page(request, question)
        # A load commits at once: what was read before it is of the old extract, and then this is still the current.
        if ExtractLoad.current() == question.found.ask.load:
            break
    hand_out_page(request.user, question.found.ask, len(body["rows"]), bool(body["next"]), channel(request))
    response = told(body)
    if body["next"]:
        response["Link"] = f'<{body["next"]}>; rel="next"'
    return labelled(response, question.found.ask.load, etag)


@operation("GET", cost=FILE_COST)
def file(request: HttpRequest, code: str, form: str) -> HttpResponseBase:
    """All rows as one file, streamed. CSV is the dialect for machines."""
    asked = report_of(request, code)
    if form not in CONTENT_TYPES:
        raise Problem("not-found", f"There is no such file; there are: {', '.join(CONTENT_TYPES)}.")
    question = read(asked, viewer_of(request), request.GET, ())
    etag = question.etag(form)
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        # For HEAD no row is read: the server would throw them away.
        response = HttpResponse() if request.method == "HEAD" else _stream(request, question, form)
        response["Content-Type"] = CONTENT_TYPES[form]
        response["Content-Disposition"] = f'attachment; filename="{filename(question.found, form)}"'
    return labelled(response, question.found.ask.load, etag)


@operation("GET", "POST", "PUT", "PATCH", "DELETE")
def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Every other address."""
    hint = " Addresses of the API have no slash at their end." if request.path.endswith("/") else ""
    raise Problem("not-found", f"The API has no address {request.path}.{hint}")


def _stream(request: HttpRequest, question: Question, form: str) -> StreamingHttpResponse:
    found, how = question.found, channel(request)
    made = stream(found, cast(Format, form), "machine")  # the caller has found it in CONTENT_TYPES
    try:
        made = send(made, reader_of(request))
    except Busy as busy:
        raise Problem("busy", f"{busy} Or ask for a job.", headers={"Retry-After": "30"}) from busy
    taken = begin_file(request.user, found, form, how)
    return StreamingHttpResponse(Handed(accounted(made, request.user, found, form, how, taken), made))


def _page(request: HttpRequest, question: Question) -> dict[str, Any]:
    limit, total = limit_of(question), wants_total(question)
    address = request.build_absolute_uri(request.path)
    after = cursor.read(question, address + query_string(request.GET, cursor=None))
    found = question.found
    with scope(found.ask.viewer):
        shown: Page = page(found, after, None, limit)
        number = count(found) if total else None
    following = shown.after and query_string(request.GET, cursor=cursor.make(question, shown.after))
    return {
        **envelope(found),
        "rows": [{key: row[key] for key in found.keys} for row in shown.rows],
        **({"total": number} if total else {}),
        "next": f"{address}{following}" if following else None,
    }
