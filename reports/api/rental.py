"""Rental days for programs: pages with a cursor, and one CSV file. The rows are the portfolio's own."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any, TypeVar

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response

from reports.api import describe
from reports.api.operations import FILE_COST, channel, covered, operation
from reports.api.question import MOST_ROWS, USUAL_ROWS, query_string, tag
from reports.api.telling import told
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

Response = TypeVar("Response", bound=HttpResponseBase)

KEYS = ("from", "to", "limit", "cursor")
SALT = "smi.api.rental"


@operation("GET")
def days(request: HttpRequest) -> HttpResponse:
    """A page of rental days. All pages of a walk are of one extract, or the walk is refused (410)."""
    covered(request, RENTAL)
    viewer, load = viewer_of(request), current_load()
    asked, limit = _read(request, KEYS, load)
    address = request.build_absolute_uri(request.path)
    after = _place(request, viewer, asked, load, address + query_string(request.GET, cursor=None))
    found = rental.listing(viewer, asked, load, limit=limit + 1, after=after)
    etag = tag(viewer, load, found.select)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        rows = list(found.rows())
        shown, more = rows[:limit], len(rows) > limit
        if current_load() != load:
            raise Problem("busy", "An extract is being loaded: ask again.", headers={"Retry-After": "5"})
        fair_use.spend(request.user, "rows", len(shown))
        _note(request, found, rows=len(shown), more=more)
        following = more and query_string(request.GET, cursor=_cursor(viewer, asked, load, shown[-1]))
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
    return _labelled(response, load, etag)


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
    return _labelled(response, load, etag)


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


def _cursor(viewer: Viewer, asked: Period, load: ExtractLoad, last: dict[str, Any]) -> str:
    place = [last[name] for name in groups(viewer)]
    return signing.dumps([place, _digest(viewer, asked), load.sequence], salt=SALT, compress=True)


def _place(
    request: HttpRequest, viewer: Viewer, asked: Period, load: ExtractLoad, first: str
) -> tuple[str | None, ...] | None:
    """Where the page begins. Raises AskRefused for a cursor that is broken or another question's, Problem (410)."""
    text = request.GET.get("cursor")
    if not text:
        return None
    try:
        place, digest, sequence = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError):
        raise AskRefused(
            {"cursor": ["This is not a cursor that was given out here. Send it as it was, or start again."]}
        ) from None
    if sequence != load.sequence:
        raise Problem(
            "extract-changed",
            f"This cursor belongs to extract {sequence}; extract {load.sequence} has been loaded since. Start again.",
            extra={"first": first},
        )
    if digest != _digest(viewer, asked):
        raise AskRefused(
            {"cursor": ["This cursor belongs to another question. Change only the cursor between pages."]}
        )
    return tuple(place)


def _digest(viewer: Viewer, asked: Period) -> str:
    told_by = [viewer.reader.value, str(viewer.organisation_id), _day(asked.start), _day(asked.end)]
    return hashlib.sha256("\0".join(told_by).encode()).hexdigest()[:32]


def _day(value: date) -> str:
    return value.isoformat()


def _note(request: HttpRequest, found: Listing, **details: Any) -> None:
    asked = {"facts": dict(found.facts), "extract": found.load.sequence, "channel": channel(request)}
    audit.note("rental-days page", request.user, found.viewer, **asked, **details)


def _labelled(response: Response, load: ExtractLoad, etag: str) -> Response:
    response["ETag"] = etag
    response["SMI-Extract-Sequence"] = str(load.sequence)
    response["SMI-Data-As-At"] = f"{load.as_at:%Y-%m-%dT%H:%M:%SZ}"
    response["Vary"] = "Authorization"
    return response
