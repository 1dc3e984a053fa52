"""Values over time as server-rendered SVG: a lane for each attribute, a bar for each period. See `drawing`.

The same periods stand in a table beside it: the drawing adds no fact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString

from reports.engine.drawing import (
    CHAR,
    RIGHT,
    WIDTH,
    Node,
    add,
    add_text,
    canvas,
    finished,
    identity_of,
    number,
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
    identity = identity_of("timeline", title, description, dict(lanes), until)
    foot = _HEAD + _LANE * len(lanes)
    svg = canvas(identity, title, description, foot + 8)
    for mark in _marks(first, last):
        x = scale.x(mark)
        add(svg, "path", {"class": "chart-grid", "d": f"M{number(x)} {number(_HEAD - 6)}V{number(foot)}"})
        add_text(svg, x, _HEAD - 12, f"{mark:%b %Y}", "middle", quiet=True)
    for place, (name, spans) in enumerate(lanes.items()):
        top = _HEAD + _LANE * place
        add_text(svg, 0, top + _LANE - 12, name, "start")
        for span in spans:
            right = scale.x(min(span.end or last, last))
            _add_span(svg, (scale.x(span.start), right), top + _LANE - _BAR, name, span)
    return finished(svg)


def _add_span(svg: Node, across: tuple[float, float], foot: float, name: str, span: Span) -> None:
    """A bar, its words for who points at it, and as much of its value above it as there is room for."""
    left, width = across[0], max(across[1] - across[0], 2.0)
    group = add(svg, "g", {})
    add(group, "title", {}, f"{name}: {span.value}, {_words(span)}")
    box = {"x": left, "y": foot - 9, "width": width, "height": _BAR}
    add(group, "rect", {"class": "chart-edge chart-c0", **{key: number(v) for key, v in box.items()}})
    if shown := _fitting(span.value, int(width / CHAR)):
        add_text(group, left + 1, foot - 13, shown, "start")


def _fitting(value: str, room: int) -> str:
    """The value within `room` characters: whole, cut, or nothing where a cut would say too little."""
    if len(value) <= room:
        return value
    return value[: room - 1] + "…" if room > 4 else ""


@dataclass(frozen=True)
class _Scale:
    first: date
    days: int

    def x(self, day: date) -> float:
        """Where a day lies; days before the first lie at its place."""
        passed = max((day - self.first).days, 0)
        return _LEFT + (WIDTH - RIGHT - _LEFT) * min(passed / self.days, 1)


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
