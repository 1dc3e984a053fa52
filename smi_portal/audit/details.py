"""Details of an entry as they are kept: JSON that the database gives back exactly, and of bounded size."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

LONGEST_TEXT, LONGEST_LIST = 500, 50
#: What PostgreSQL's jsonb or UTF-8 cannot hold.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(value: Any) -> Any:
    """`value` in texts, whole numbers, booleans, lists and dictionaries; long ones cut, saying how much."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return _cut_mapping(value)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        listed = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
        kept = [clean(item) for item in listed[:LONGEST_LIST]]
        return [*kept, f"… and {len(listed) - LONGEST_LIST:,} more"] if len(listed) > LONGEST_LIST else kept
    return text(value)


def text(value: Any) -> str:
    """A text that can be stored."""
    found = UNSTORABLE.sub("\ufffd", str(value))
    return found if len(found) <= LONGEST_TEXT else f"{found[:LONGEST_TEXT]}… ({len(found):,} characters)"


def _cut_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    items = list(value.items())
    kept = {text(key): clean(item) for key, item in items[:LONGEST_LIST]}
    return kept | ({"…": f"and {len(items) - LONGEST_LIST:,} more"} if len(items) > LONGEST_LIST else {})
