"""Spans of a timeline, from history rows."""

from __future__ import annotations

from datetime import date
from typing import Any

from reports.engine.timeline import Span, timeline
from smi_portal.lookup.history import lanes


def row(start: int, end: int | None, **values: str | None) -> dict[str, Any]:
    shown = {"device_status": None, "firmware_version": None, "mpxn": None, "map_id": None} | values
    return {
        **shown,
        "valid_from": date(2018, 11, start),
        "valid_to": date(2018, 11, end) if end else None,
    }


def test_rows_that_touch_and_agree_are_one_span() -> None:
    found = lanes(
        [
            row(9, None, device_status="Commissioned", map_id="MAPB"),
            row(5, 9, device_status="Commissioned", map_id="MAPA"),
            row(1, 3, device_status="Commissioned", map_id="MAPA"),
        ]
    )
    assert found["Status"] == [
        Span("Commissioned", date(2018, 11, 1), date(2018, 11, 3)),
        Span("Commissioned", date(2018, 11, 5), None),
    ]
    assert [span.value for span in found["MAP ID"]] == ["MAPA", "MAPA", "MAPB"]
    assert found["MPxN"] == []
    assert "Supplier" not in found, "a column that is not shown has no lane"


def test_the_drawing_holds_every_span_in_words_and_escapes_them() -> None:
    spans = {
        "Firmware": [Span("<b>&", date(2018, 1, 1), date(2018, 6, 1)), Span("2.0", date(2018, 6, 1), None)]
    }
    svg = timeline("Timeline", "of it", spans, date(2018, 11, 20))
    assert "Firmware: &lt;b&gt;&amp;, from 2018-01-01 to 2018-06-01 (exclusive)" in svg
    assert "Firmware: 2.0, from 2018-06-01" in svg
    assert "style=" not in svg
    assert svg == timeline("Timeline", "of it", spans, date(2018, 11, 20))


def test_a_timeline_of_one_day_or_of_a_century_is_drawn() -> None:
    for first in (date(2018, 11, 20), date(1918, 1, 1)):
        svg = timeline("T", "d", {"Status": [Span("Pending", first, None)]}, date(2018, 11, 20))
        assert svg.count("chart-grid") <= 12
