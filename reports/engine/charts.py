"""Charts as server-rendered SVG (see `drawing`): no script, no inline style, the same bytes for the same numbers.

Two kinds: bars (stacked or side by side) and lines. Every look is a class of `static/css/portal.css`, so
charts follow the colour scheme and print. Colour never stands alone: each series after the first has a
pattern, each line its own dashes. A chart repeats a table that stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

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
    length,
    number,
    short,
)

#: Series that palette and patterns can tell apart; the caller sums up the rest as "Other".
MAX_SERIES = 8

# Lengths, in the units of `drawing`.
_PLOT_HEIGHT = 240
_TOP = 12
_SLANT = 0.71  # sine and cosine of the 45 degrees at which long labels hang
_LEGEND_LINE = 20
_LABEL_LINE = 19  # along the axis; names at 45 degrees are then 13.5 apart, and 12 high

# The marks that tell one series from another without colour: SVG paths over the fill in an 8 by 8 tile.
_PATTERNS = (
    "",
    "M-2 2l4-4M0 8l8-8M6 10l4-4",
    "M3 3h2v2h-2z",
    "M0 4h8",
    "M-2 6l4 4M0 0l8 8M6-2l4 4",
    "M4 0v8",
    "M0 4h8M4 0v8",
    "M2 2l4 4M6 2l-4 4",
)
_DASHES = ("", "7 4", "2 3", "10 3 2 3", "5 2", "1 4", "12 4", "8 3 2 3 2 3")


@dataclass(frozen=True)
class _Frame:
    """Where the plot lies and how values map onto it."""

    left: float
    top: float
    ticks: tuple[int, ...]
    categories: tuple[str, ...]
    slanted: bool

    @property
    def width(self) -> float:
        return WIDTH - self.left - RIGHT

    @property
    def foot(self) -> float:
        return self.top + _PLOT_HEIGHT

    @property
    def slot(self) -> float:
        """One category's share of the axis."""
        return self.width / max(len(self.categories), 1)

    @property
    def below(self) -> float:
        """The height that the category names take under the axis."""
        return (
            max((length(name) for name in self.categories), default=0) * _SLANT + 22 if self.slanted else 26
        )

    @property
    def height(self) -> float:
        """From the legend's head to the foot of the category names."""
        return self.foot + self.below

    def y(self, value: float) -> float:
        """The height on the page of a value; 0 is the foot of the plot."""
        return self.foot - _PLOT_HEIGHT * value / self.ticks[-1]

    def middle(self, position: int) -> float:
        """The centre of a category's slot."""
        return self.left + self.slot * (position + 0.5)


def nice_ticks(largest: int, wanted: int = 5) -> tuple[int, ...]:
    """Whole-number axis marks from 0 to at least `largest`, in steps of 1, 2 or 5 times a power of ten."""
    largest = max(largest, 1)
    power = 1
    while power * 10 * wanted <= largest:
        power *= 10
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor * wanted >= largest)
    return tuple(range(0, step * -(-largest // step) + 1, step))


def bar_chart(
    title: str,
    description: str,
    categories: Sequence[str],
    series: Mapping[str, Sequence[int]],
    stacked: bool = True,
) -> SafeString:
    """Bars of `series` (name → one count for each category), on top of each other or side by side.

    Raises ValueError for a series of another length, a negative count, or more than `MAX_SERIES` series.
    """
    columns = _checked(categories, series)
    heights = [sum(column) for column in zip(*columns, strict=True)] if stacked else _flat(columns)
    frame = _frame(categories, series, max(heights, default=0))
    identity = identity_of("bar", title, description, tuple(categories), dict(series), stacked)
    svg = canvas(identity, title, description, frame.height)
    _add_patterns(svg, identity, len(series))
    _add_axes(svg, frame, empty=not any(heights))
    _add_bars(svg, frame, identity, series, stacked)
    _add_labels(svg, frame)
    for index, spot in enumerate(_add_legend(svg, frame, series)):
        _add_fill(spot, identity, index, {"x": "10", "width": "12", "height": "12"})
    return finished(svg)


def line_chart(
    title: str, description: str, categories: Sequence[str], series: Mapping[str, Sequence[int]]
) -> SafeString:
    """One line for each of `series` over `categories` (days, months …), left to right.

    Raises ValueError as `bar_chart` does.
    """
    columns = _checked(categories, series)
    frame = _frame(categories, series, max(_flat(columns), default=0))
    identity = identity_of("line", title, description, tuple(categories), dict(series))
    svg = canvas(identity, title, description, frame.height)
    _add_axes(svg, frame, empty=not any(columns))
    for index, (name, values) in enumerate(series.items()):
        _add_line(svg, frame, index, name, values)
    _add_labels(svg, frame)
    for index, spot in enumerate(_add_legend(svg, frame, series)):
        add(spot, "path", {"class": f"chart-line chart-l{index}", "d": "M0 6h22", **_dash(index)})
    return finished(svg)


def _flat(columns: Sequence[Sequence[int]]) -> list[int]:
    return [value for column in columns for value in column]


def _checked(categories: Sequence[str], series: Mapping[str, Sequence[int]]) -> list[Sequence[int]]:
    if len(series) > MAX_SERIES:
        raise ValueError(f"A chart tells at most {MAX_SERIES} series apart; {len(series)} were given.")
    for name, values in series.items():
        if len(values) != len(categories):
            raise ValueError(f"{name!r} has {len(values)} values for {len(categories)} categories.")
        if any(value < 0 for value in values):
            raise ValueError(f"{name!r} has a negative count.")
    return list(series.values())


def _frame(categories: Sequence[str], series: Mapping[str, Sequence[int]], largest: int) -> _Frame:
    """Leaves room for the widest tick, for labels that hang to the left, and for the legend's lines above."""
    ticks = nice_ticks(largest)
    left = 14 + CHAR * len(f"{ticks[-1]:,}")
    slot = (WIDTH - left - RIGHT) / max(len(categories), 1)
    longest = max((length(name) for name in categories), default=0)
    slanted = longest > slot - 6
    if slanted:
        left = max(left, longest * _SLANT + 8 - slot / 2)
    lines = len(_legend_lines(list(series), left))
    return _Frame(left, _TOP + lines * _LEGEND_LINE + (8 if lines else 0), ticks, tuple(categories), slanted)


def _legend_lines(names: Sequence[str], left: float) -> list[list[tuple[float, str]]]:
    """The legend broken into lines of (x, name); none for a single series, which the title names."""
    lines: list[list[tuple[float, str]]] = []
    x = float(WIDTH)
    for name in names if len(names) > 1 else ():
        needed = 46 + length(name)
        if x + needed > WIDTH:
            lines.append([])
            x = left
        lines[-1].append((x, name))
        x += needed
    return lines


def _add_patterns(svg: Node, identity: str, count: int) -> None:
    defs = add(svg, "defs", {})
    for index, path in enumerate(_PATTERNS[:count]):
        if path:
            tile = {"id": f"{identity}-p{index}", "width": "8", "height": "8"}
            pattern = add(defs, "pattern", {**tile, "patternUnits": "userSpaceOnUse"})
            add(pattern, "path", {"class": "chart-mark", "d": path})


def _add_axes(svg: Node, frame: _Frame, empty: bool) -> None:
    for tick in frame.ticks:
        look = "chart-grid" if tick else "chart-axis"
        line = f"M{number(frame.left)} {number(frame.y(tick))}H{number(WIDTH - RIGHT)}"
        add(svg, "path", {"class": look, "d": line})
        add_text(svg, frame.left - 6, frame.y(tick) + 4, f"{tick:,}", "end", quiet=True)
    if empty:
        add_text(svg, frame.left + frame.width / 2, frame.y(0) - 110, "Nothing to show", "middle", quiet=True)


def _add_bars(
    svg: Node, frame: _Frame, identity: str, series: Mapping[str, Sequence[int]], stacked: bool
) -> None:
    abreast = 1 if stacked else max(len(series), 1)
    width = min(frame.slot * 0.76 / abreast, 64)
    for position, category in enumerate(frame.categories):
        left, below = frame.middle(position) - width * abreast / 2, 0
        for index, (name, values) in enumerate(series.items()):
            span = (below, below + values[position])
            _add_bar(svg, frame, (identity, index), (left, width), span, f"{category}, {name}")
            if stacked:
                below = span[1]
            else:
                left += width


def _add_bar(
    svg: Node,
    frame: _Frame,
    paint: tuple[str, int],
    across: tuple[float, float],
    span: tuple[int, int],
    label: str,
) -> None:
    """A bar at `across` (x, width) from value to value of `span`; nothing at all for none."""
    if span[0] == span[1]:
        return
    group = add(svg, "g", {})
    add(group, "title", {}, f"{label}: {span[1] - span[0]:,}")
    top = frame.y(span[1])
    box = {"x": across[0], "y": top, "width": across[1], "height": frame.y(span[0]) - top}
    _add_fill(group, *paint, {key: number(value) for key, value in box.items()})


def _add_fill(parent: Node, identity: str, index: int, box: Mapping[str, str]) -> None:
    """A rectangle in the colour of series `index`, and its pattern over it."""
    add(parent, "rect", {"class": f"chart-edge chart-c{index}", **box})
    if _PATTERNS[index]:
        add(parent, "rect", {"fill": f"url(#{identity}-p{index})", **box})


def _dash(index: int) -> dict[str, str]:
    return {"stroke-dasharray": _DASHES[index]} if _DASHES[index] else {}


def _add_line(svg: Node, frame: _Frame, index: int, name: str, values: Sequence[int]) -> None:
    group = add(svg, "g", {})
    points = [(number(frame.middle(place)), number(frame.y(value))) for place, value in enumerate(values)]
    path = " ".join(f"{x},{y}" for x, y in points)
    add(group, "polyline", {"class": f"chart-line chart-l{index}", "points": path, **_dash(index)})
    for (x, y), category, value in zip(points, frame.categories, values, strict=True):
        dot = add(group, "circle", {"class": f"chart-c{index}", "cx": x, "cy": y, "r": "2.8"})
        add(dot, "title", {}, f"{category}, {name}: {value:,}")


def _add_labels(svg: Node, frame: _Frame) -> None:
    """Category names under the axis: level where they fit, else slanted; where that is tight, every nth."""
    every = max(1, ceil(_LABEL_LINE / frame.slot)) if frame.slanted else 1
    y = frame.foot + 16
    for position in range(0, len(frame.categories), every):
        x = frame.middle(position) + (4 if frame.slanted else 0)
        anchor = "end" if frame.slanted else "middle"
        text = add_text(svg, x, y, short(frame.categories[position]), anchor)
        if frame.slanted:
            text.set("transform", f"rotate(-45 {number(x)} {number(y)})")


def _add_legend(svg: Node, frame: _Frame, series: Mapping[str, Sequence[int]]) -> list[Node]:
    """Names of the series above the plot; returns a group for each, in which the caller draws the sample."""
    spots = []
    for row, line in enumerate(_legend_lines(list(series), frame.left)):
        for x, name in line:
            place = f"translate({number(x)} {_TOP - 6 + row * _LEGEND_LINE})"
            spots.append(add(svg, "g", {"transform": place}))
            add_text(spots[-1], 28, 10, short(name), "start")
    return spots
