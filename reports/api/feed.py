"""The change feed for programs: what each load changed, from a cursor on, without a gap."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from reports.api import describe
from reports.api.operations import channel, covered, operation
from reports.api.question import MOST_ROWS, USUAL_ROWS, query_string, tag
from reports.api.telling import told
from reports.engine.ask import AskRefused
from smi_portal import audit, fair_use
from smi_portal.access.entered import viewer_of
from smi_portal.inventory.identifiers import normalise_device_id
from smi_portal.portfolio.asking import Refused, read_day
from smi_portal.portfolio.feed import Wanted, listing
from smi_portal.tokens.covering import CHANGES

KEYS = ("after", "limit", "kind", "device_id", "effective_from", "effective_to", "extract")
NUMBER = re.compile("[0-9]{1,18}")


@operation("GET")
def changes(request: HttpRequest) -> HttpResponse:
    """The events after a cursor, oldest first. `next` is where to go on, now or after the next load."""
    covered(request, CHANGES)
    viewer = viewer_of(request)
    wanted, limit = _read(request)
    found = listing(viewer, wanted, limit=limit + 1)
    etag = tag(viewer, found.load, found.select)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        rows = list(found.rows())
        events, more = rows[:limit], len(rows) > limit
        fair_use.spend(request.user, "rows", len(events))
        asked = {"facts": dict(found.facts), "extract": found.load.sequence, "channel": channel(request)}
        audit.note("change-feed page", request.user, viewer, **asked, rows=len(events), more=more)
        after = events[-1]["cursor"] if events else wanted.after
        address = request.build_absolute_uri(request.path)
        response = told(
            {
                "organisation": viewer.organisation,
                "extract": describe.extract(found.load),
                "events": events,
                "cursor": after,
                "more": more,
                "next": address + query_string(request.GET, after=str(after)),
            }
        )
    response["ETag"] = etag
    response["Vary"] = "Authorization"
    return response


def _read(request: HttpRequest) -> tuple[Wanted, int]:
    """The question, all that is wrong named at once. Raises AskRefused."""
    data, errors = request.GET, {}
    for key in data:
        if key not in KEYS:
            errors[key] = [f"“{key}” is not an input of the change feed. It has: {', '.join(KEYS)}."]
        elif key != "kind" and len([text for text in data.getlist(key) if text]) > 1:
            errors[key] = [f"“{key}” was given more than once: give it one value."]
    given = _value(data.get("limit"), _number, errors, "limit")
    limit = USUAL_ROWS if given is None else given
    if not 1 <= limit <= MOST_ROWS:
        errors["limit"] = [f"Write a whole number from 1 to {MOST_ROWS}."]
    device = data.get("device_id") or ""
    if device and normalise_device_id(device) is None:
        errors["device_id"] = ["Write a Device ID of 16 hexadecimal digits, such as 00-DB-12-34-56-78-90-A0."]
    first, last = (_value(data.get(key), date_of(key), errors, key) for key in KEYS[4:6])
    if first and last and first > last:
        errors["effective_to"] = [f"The range ends before it begins ({first}): give a later day."]
    extract = _value(data.get("extract"), _number, errors, "extract")
    after = _value(data.get("after"), _number, errors, "after") or 0
    if errors:
        raise AskRefused(errors)
    kinds = tuple(filter(None, data.getlist("kind")))
    return Wanted(
        after, kinds, normalise_device_id(device) or "" if device else "", first, last, extract
    ), limit


def _value(text: str | None, reading: Callable[[str], Any], errors: dict[str, list[str]], key: str) -> Any:
    """A key's value as read; None when it is not given or, with an error, when it cannot be read."""
    try:
        return reading(text) if text else None
    except Refused as refused:
        errors |= refused.errors
    except ValueError:
        errors[key] = ["Write a whole number, such as 30."]
    return None


def _number(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(text)


def date_of(key: str) -> Callable[[str], date]:
    """A reader of days that names this key in its refusal."""
    return lambda text: read_day(key, text)
