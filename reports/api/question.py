"""From a query string to a checked question: the engine's own checks, and the few keys that are the API's."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from reports.engine.ask import RESERVED, AskRefused, parse
from reports.engine.filters import filter_rows
from reports.engine.report import Report
from reports.engine.rows import Rows
from smi_portal.access.scope import Viewer, scope
from smi_portal.inventory.models import ExtractLoad

#: The engine's reserved keys that mean something here; the others belong to the page on screen.
ASKED = frozenset({"as_at", "history", "sort"})
#: Keys of a page of rows.
PAGE_KEYS = frozenset({"limit", "cursor", "count"})
MOST_ROWS, USUAL_ROWS = 5_000, 500
#: Goes into every ETag: raise it when the form of an answer changes.
FORM = "1"


@dataclass(frozen=True)
class Question:
    """A question that the engine has accepted, and the values of the API's own keys."""

    found: Rows
    own: dict[str, str]

    def etag(self, form: str) -> str:
        """The answer's ETag in this form.

        The SQL holds the columns that exist for the viewer, the day, the filters and the order; the report says what
        else its rows rest on.
        """
        ask = self.found.ask
        with scope(ask.viewer):
            asked = [self.found.sql(), ask.report.revision(), form]
        return tag(
            ask.viewer, ask.load, *asked, *(f"{key}={value}" for key, value in sorted(self.own.items()))
        )


def tag(viewer: Viewer, load: ExtractLoad, *asked: str) -> str:
    """A weak ETag: equal rows of one extract for one reader; packed files differ in their clocks.

    The reader and the organisation decide which rows there are.
    """
    told = [viewer.reader.value, str(viewer.organisation_id), load.content_hash, str(load.pk), FORM, *asked]
    return (
        f'W/"{hashlib.sha256(chr(0).join([*told, load.finished_at.isoformat()]).encode()).hexdigest()[:32]}"'
    )


def read(report: Report, viewer: Viewer, data: MultiValueDict[str, str], own: Collection[str]) -> Question:
    """Check a question. `own`: the API's keys that this operation has. Raises AskRefused, naming all that is wrong."""
    errors: dict[str, list[str]] = {}
    given: MultiValueDict[str, str] = MultiValueDict()
    values: dict[str, str] = {}
    for key, texts in data.lists():
        if key in own:
            filled = [text for text in texts if text]
            if len(filled) > 1:
                errors[key] = [f"“{key}” was given more than once: give it one value."]
            values |= {key: filled[0]} if filled else {}
        elif key in (RESERVED | PAGE_KEYS) - ASKED:
            errors[key] = [f"“{key}” is not a key of this address. {_known(report, viewer, own)}"]
        else:
            given.setlist(key, texts)
    try:
        found = filter_rows(parse(report, viewer, given)).rows
    except AskRefused as refused:
        raise AskRefused({**errors, **refused.errors}, refused.status) from None
    if errors:
        raise AskRefused(errors)
    return Question(found, values)


def limit_of(question: Question) -> int:
    """How many rows the page is to have at most. Raises AskRefused."""
    text = question.own.get("limit", str(USUAL_ROWS))
    if text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= MOST_ROWS:
        return int(text)
    raise AskRefused({"limit": [f"Write a whole number from 1 to {MOST_ROWS}."]})


def wants_total(question: Question) -> bool:
    """Whether all matching rows are to be counted. Raises AskRefused."""
    text = question.own.get("count", "")
    if text not in {"", "exact"}:
        raise AskRefused({"count": ["Write exact, or leave it out."]})
    return text == "exact"


def query_string(data: QueryDict, **changes: str | None) -> str:
    """The query with some keys set (None = left out), without empty values."""
    query: Any = data.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value is not None:
            query[key] = value
    for key in [key for key, values in query.lists() if not any(values)]:
        query.pop(key)
    text: str = query.urlencode()
    return f"?{text}" if text else ""


def _known(report: Report, viewer: Viewer, own: Collection[str]) -> str:
    keys = sorted({key for item in report.inputs_for(viewer) for key in item.keys} | ASKED | set(own))
    return f"It has: {', '.join(keys)}."
