"""Values over time as server-rendered SVG: a lane for each attribute, a bar for each period. See `charts`.

The same periods stand in a table beside it: the drawing adds no fact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString

from reports.engine.charts import (
    _CHAR,
    _RIGHT,
    _WIDTH,
    _add,
    _add_text,
    _canvas,
    _finished,
    _Frame,
    _identity,
    _number,
)

_LEFT, _LANE, _BAR, _HEAD = 110.0, 44.0, 14.0, 26.0  # units of the viewBox: names, a lane, its bar, the axis
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240)  # months between marks
_MOST_MARKS = 9


@dataclass(frozen=True)
class Span:
    """A value that held on `start ≤ day < end`; no end = it holds on, as far as the viewer may know."""

    value: str
    start: date
    end: date | None


def timeline(title: str, description: str, lanes: Mapping[str, Sequence[Span]], until: date) -> SafeString:
    """Lanes (name → its spans) from the first start to `until`, which open spans are drawn to."""
    starts = [span.start for spans in lanes.values() for span in spans]
    first, last = min(starts, default=until), max([until, *starts])
    scale = _Scale(first, max((last - first).days, 1))
    identity = _identity("timeline", title, description, dict(lanes), until)
    foot = _HEAD + _LANE * len(lanes)
    svg = _canvas(identity, title, description, _Frame(_LEFT, foot - 240 - 22, (0, 1), (), False))
    svg.set("viewBox", f"0 0 {_WIDTH} {_number(foot + 8)}")
    for mark in _marks(first, last):
        x = scale.x(mark)
        _add(svg, "path", {"class": "chart-grid", "d": f"M{_number(x)} {_HEAD - 6}V{_number(foot)}"})
        _add_text(svg, x, _HEAD - 12, f"{mark:%b %Y}", "middle", quiet=True)
    for place, (name, spans) in enumerate(lanes.items()):
        top = _HEAD + _LANE * place
        _add_text(svg, 0, top + _LANE - 12, name, "start")
        for span in spans:
            left, right = scale.x(span.start), scale.x(min(span.end or last, last))
            width = max(right - left, 2.0)
            group = _add(svg, "g", {})
            _add(group, "title", {}, f"{name}: {span.value}, {_words(span)}")
            box = {"x": left, "y": top + _LANE - _BAR - 9, "width": width, "height": _BAR}
            _add(
                group, "rect", {"class": "chart-edge chart-c0", **{key: _number(v) for key, v in box.items()}}
            )
            if room := int(width / _CHAR):
                shown = (
                    span.value
                    if len(span.value) <= room
                    else (span.value[: room - 1] + "…" if room > 4 else "")
                )
                if shown:
                    _add_text(group, left + 1, top + _LANE - _BAR - 13, shown, "start")
    return _finished(svg)


@dataclass(frozen=True)
class _Scale:
    first: date
    days: int

    def x(self, day: date) -> float:
        """Where a day lies; days before the first lie at its place."""
        passed = max((day - self.first).days, 0)
        return _LEFT + (_WIDTH - _RIGHT - _LEFT) * min(passed / self.days, 1)


def _marks(first: date, last: date) -> list[date]:
    """First days of months, evenly, at most `_MOST_MARKS`."""
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next((step for step in _STEPS if months / step <= _MOST_MARKS), _STEPS[-1])
    begin = first.year * 12 + first.month  # the month after the first, counted from 0
    return [
        date(month // 12, month % 12 + 1, 1)
        for month in range(begin, begin + months)
        if step == 1 or ((month % 12) % min(step, 12) == 0 and (month // 12) % max(step // 12, 1) == 0)
    ]


def _words(span: Span) -> str:
    return f"from {span.start.isoformat()}" + (f" to {span.end.isoformat()} (exclusive)" if span.end else "")
