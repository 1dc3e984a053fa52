"""A device's timeline: when each of its values held, as far as the viewer saw it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.engine.timeline import Span

#: Column of the history rows → what the page calls it.
ATTRIBUTES = {
    "device_status": "Status",
    "firmware_version": "Firmware",
    "mpxn": "MPxN",
    "supplier_id": "Supplier",
    "map_id": "MAP ID",
}


def lanes(history: Sequence[Mapping[str, Any]]) -> dict[str, list[Span]]:
    """Attribute → its spans, oldest first, from history rows in any order.

    Rows that touch and agree in the attribute are one span. A blank value makes no span, so gaps stay gaps: also
    those between two periods of the viewer. An attribute that the viewer is not shown has no lane.
    """
    ordered = sorted(history, key=lambda row: row["valid_from"])
    return {name: _spans(ordered, key) for key, name in ATTRIBUTES.items() if ordered and key in ordered[0]}


def _spans(ordered: Sequence[Mapping[str, Any]], key: str) -> list[Span]:
    spans: list[Span] = []
    for row in ordered:
        value, start, end = row[key], row["valid_from"], row["valid_to"]
        if value is None:
            continue
        if spans and spans[-1].value == value and spans[-1].end == start:
            spans[-1] = Span(value, spans[-1].start, end)
        else:
            spans.append(Span(value, start, end))
    return spans
