"""Rental days for programs: pages with a cursor, and one CSV file. The rows are the portfolio's own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response

from reports.api import cursor, describe
from reports.api.operations import FILE_COST, channel, covered, operation
from reports.api.question import MOST_ROWS, USUAL_ROWS, query_string, tag
from reports.api.telling import labelled, told
from reports.engine.ask import AskRefused
from reports.engine.run import CONTENT_TYPES
from smi_portal import audit, fair_use
from smi_portal.access.entered import viewer_of
from smi_portal.access.scope import Viewer
from smi_portal.inventory.models import ExtractLoad
from smi_portal.portfolio import rental
from smi_portal.portfolio.accounting import accounted, begin_file
from smi_portal.portfolio.asking import Period, Refused, current_load, last_month, period
from smi_portal.portfolio.listing import Listing
from smi_portal.portfolio.rental.days import groups
from smi_portal.problems import Problem
from smi_portal.tokens.covering import RENTAL

KEYS = ("from", "to", "limit", "cursor")


@operation("GET")
def days(request: HttpRequest) -> HttpResponse:
    """A page of rental days. All pages of a walk are of one extract, or the walk is refused (410)."""
    covered(request, RENTAL)
    viewer, load = viewer_of(request), current_load()
    asked, limit = _read(request, KEYS, load)
    address = request.build_absolute_uri(request.path)
    first, question = address + query_string(request.GET, cursor=None), _told(viewer, asked)
    place = cursor.opened(request.GET.get("cursor"), question, load, first)
    found = rental.listing(viewer, asked, load, limit=limit + 1, after=place and tuple(place))
    etag = tag(viewer, load, found.select)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        rows = list(found.rows())
        shown, more = rows[:limit], len(rows) > limit
        if current_load() != load:
            raise Problem("busy", "An extract is being loaded: ask again.", headers={"Retry-After": "5"})
        fair_use.spend(request.user, "rows", len(shown))
        _note(request, found, rows=len(shown), more=more)
        last = [shown[-1][name] for name in groups(viewer)] if more else None
        following = last and query_string(request.GET, cursor=cursor.sealed(last, question, load))
        response = told(
            {
                "organisation": viewer.organisation,
                "extract": describe.extract(load),
                "from": asked.start,
                "to": asked.end,
                "rows": shown,
                "next": f"{address}{following}" if following else None,
            }
        )
    return labelled(response, load, etag)


@operation("GET", cost=FILE_COST)
def file(request: HttpRequest) -> HttpResponseBase:
    """All rows as one CSV file in the machines' dialect, streamed."""
    covered(request, RENTAL)
    viewer, load = viewer_of(request), current_load()
    asked, _ = _read(request, KEYS[:2], load)
    found = rental.listing(viewer, asked, load)
    etag = tag(viewer, load, found.select, "csv")
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse() if request.method == "HEAD" else _stream(request, found)
        response["Content-Type"] = CONTENT_TYPES["csv"]
        response["Content-Disposition"] = f'attachment; filename="{found.filename("csv")}"'
    return labelled(response, load, etag)


def _stream(request: HttpRequest, found: Listing) -> StreamingHttpResponse:
    how = channel(request)
    taken = begin_file(request.user, found, "csv", how)
    made = found.stream("csv", "machine")
    return StreamingHttpResponse(accounted(made, request.user, found, "csv", how, taken))


def _read(request: HttpRequest, keys: tuple[str, ...], load: ExtractLoad) -> tuple[Period, int]:
    """The question, all that is wrong named at once; by default the last calendar month. Raises AskRefused."""
    data, errors = request.GET, {}
    for key in data:
        if key not in keys:
            errors[key] = [f"“{key}” is not an input of rental days. It has: {', '.join(keys)}."]
        elif len([text for text in data.getlist(key) if text]) > 1:
            errors[key] = [f"“{key}” was given more than once: give it one value."]
    text = data.get("limit") or str(USUAL_ROWS)
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= MOST_ROWS):
        errors["limit"] = [f"Write a whole number from 1 to {MOST_ROWS}."]
    usual = last_month(load.day)
    asked = usual
    try:
        asked = period(data.get("from") or usual.start, data.get("to") or usual.end, load)
    except Refused as refused:
        errors |= refused.errors
    if errors:
        raise AskRefused(errors)
    return asked, int(text)


def _told(viewer: Viewer, asked: Period) -> list[str]:
    """The question and its asker, for a cursor."""
    eyes = [viewer.reader.value, str(viewer.organisation_id)]
    return [RENTAL.code, *eyes, asked.start.isoformat(), asked.end.isoformat()]


def _note(request: HttpRequest, found: Listing, **details: Any) -> None:
    asked = {"facts": dict(found.facts), "extract": found.load.sequence, "channel": channel(request)}
    audit.note("rental-days page", request.user, found.viewer, **asked, **details)
