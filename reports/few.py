"""A page that has counted its rows says so in its links to files: those then begin without counting again.

Counting a million meters' worth of filtered rows can take a second, and the page has just done it. The mark is keyed
with the site's secret and holds for one question, extract and organisation; it says nothing else, and opens nothing.
"""

from __future__ import annotations

import json

from django.http import QueryDict
from django.utils.crypto import constant_time_compare, salted_hmac

from reports.engine.ask import Ask


def few_mark(ask: Ask) -> str:
    """What a link says in `count` when the rows of this question are few enough to come at once."""
    inputs = {key: values for key, values in sorted(ask.given.lists()) if any(values) and key in _keys(ask)}
    asked = [
        ask.viewer.organisation,
        ask.report.code,
        ask.load.sequence,
        str(ask.day),
        ask.history,
        inputs,
    ]
    return salted_hmac("reports.few", json.dumps(asked), algorithm="sha256").hexdigest()[:32]


def is_known_few(ask: Ask, given: QueryDict) -> bool:
    """Whether this link comes from a page that had counted the rows."""
    return constant_time_compare(given.get("count", ""), few_mark(ask))


def _keys(ask: Ask) -> set[str]:
    return {key for item in ask.inputs for key in item.keys}
