"""The chart engine: well-formed, accessible, escaped, deterministic, and true to its numbers."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.engine.charts import MAX_SERIES, bar_chart, line_chart, nice_ticks

SVG = "{http://www.w3.org/2000/svg}"
CSS = (Path(__file__).resolve().parents[3] / "static/css/portal.css").read_text()

names = st.text(max_size=40)


@st.composite
def charts(draw: st.DrawFn) -> tuple[list[str], dict[str, list[int]]]:
    categories = draw(st.lists(names, max_size=60))
    counts = st.integers(0, 10**12)
    columns = st.lists(counts, min_size=len(categories), max_size=len(categories))
    return categories, draw(st.dictionaries(names, columns, max_size=MAX_SERIES))


def bars(svg: str) -> list[dict[str, float]]:
    """The bars themselves, without patterns and legend."""
    groups = [
        group
        for group in ElementTree.fromstring(svg).iter(f"{SVG}g")
        if group.find(f"{SVG}title") is not None
    ]
    boxes = [group.find(f"{SVG}rect").attrib for group in groups]
    return [{key: float(box[key]) for key in ("x", "y", "width", "height")} for box in boxes]


def every_chart(categories: list[str], series: dict[str, list[int]]) -> list[str]:
    return [
        bar_chart("Title", "Description", categories, series),
        bar_chart("Title", "Description", categories, series, stacked=False),
        line_chart("Title", "Description", categories, series),
    ]


@given(charts(), names, names)
@settings(max_examples=60, deadline=None)
def test_any_chart_is_well_formed_inert_and_inside_its_frame(
    data: tuple[list[str], dict[str, list[int]]], title: str, description: str
) -> None:
    categories, series = data
    for draw in (bar_chart, line_chart):
        svg = draw(title, description, categories, series)
        root = ElementTree.fromstring(svg)
        width, height = map(float, root.get("viewBox", "").split()[2:])
        for element in root.iter():
            assert not {name for name in element.attrib if name == "style" or name.startswith("on")}
            assert element.tag != f"{SVG}script"
        for box in bars(svg):
            assert box["x"] >= -0.1
            assert box["x"] + box["width"] <= width + 0.1
            assert box["y"] >= -0.1
            assert box["y"] + box["height"] <= height
        assert svg == draw(title, description, categories, series)


@given(charts())
@settings(max_examples=40, deadline=None)
def test_every_count_above_none_has_its_bar_and_its_words(
    data: tuple[list[str], dict[str, list[int]]],
) -> None:
    categories, series = data
    for stacked in (True, False):
        found = bars(bar_chart("t", "d", categories, series, stacked=stacked))
        assert len(found) == sum(value > 0 for values in series.values() for value in values)


def test_heights_are_in_proportion() -> None:
    first, second = bars(bar_chart("t", "d", ["a", "b"], {"n": [100, 25]}))
    assert first["height"] == pytest.approx(4 * second["height"], abs=0.5)


def test_stacked_bars_stand_on_each_other_and_grouped_ones_side_by_side() -> None:
    lower, upper = bars(bar_chart("t", "d", ["a"], {"x": [10], "y": [5]}))
    assert upper["x"] == lower["x"]
    assert upper["y"] + upper["height"] == pytest.approx(lower["y"], abs=0.11)
    left, right = bars(bar_chart("t", "d", ["a"], {"x": [10], "y": [5]}, stacked=False))
    assert right["x"] == pytest.approx(left["x"] + left["width"], abs=0.11)
    assert left["y"] + left["height"] == pytest.approx(right["y"] + right["height"], abs=0.11)


def test_it_names_and_describes_itself() -> None:
    root = ElementTree.fromstring(bar_chart("By month", "Most are in May.", ["May"], {"n": [1]}))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert (title.text, description.text) == ("By month", "Most are in May.")


def test_hostile_text_is_only_text() -> None:
    hostile = "</title><script>alert(1)</script>\"' onload=x &\x00\ud800"
    for svg in every_chart([hostile], {hostile: [3], "other": [1]}):
        assert "<script" not in svg
        assert ElementTree.fromstring(svg).find(f".//{SVG}script") is None


def test_ids_differ_between_charts_and_repeat_for_the_same_one() -> None:
    def ids(svg: str) -> set[str]:
        return set(re.findall(r' id="([^"]+)"', svg))

    series = {"x": [1], "y": [2]}
    assert ids(bar_chart("t", "d", ["a"], series)) == ids(bar_chart("t", "d", ["a"], series))
    assert not ids(bar_chart("t", "d", ["a"], series)) & ids(bar_chart("u", "d", ["a"], series))
    for svg in every_chart(["a"], series):
        for used in re.findall(r"url\(#([^)]+)\)", svg):
            assert used in ids(svg)


def test_series_differ_without_colour() -> None:
    series = {f"s{number}": [number + 1] for number in range(MAX_SERIES)}
    root = ElementTree.fromstring(bar_chart("t", "d", ["a"], series))
    marks = [pattern[0].get("d") for pattern in root.iter(f"{SVG}pattern")]
    assert len(set(marks)) == MAX_SERIES - 1
    lines = ElementTree.fromstring(line_chart("t", "d", ["a", "b"], {k: v * 2 for k, v in series.items()}))
    dashes = [line.get("stroke-dasharray") for line in lines.iter(f"{SVG}polyline")]
    assert len(set(dashes)) == MAX_SERIES


def test_each_class_has_its_look_in_the_stylesheet() -> None:
    series = {f"s{number}": [number + 1, 2] for number in range(MAX_SERIES)}
    for svg in every_chart(["a", "b"], series):
        for name in {name for value in re.findall(r'class="([^"]+)"', svg) for name in value.split()}:
            assert f".{name}" in CSS, name


@pytest.mark.parametrize(
    ("categories", "series"), [([], {}), ([], {"n": []}), (["a"], {}), (["a", "b"], {"n": [0, 0]})]
)
def test_nothing_to_draw_is_said_in_words(categories: list[str], series: dict[str, list[int]]) -> None:
    for stacked in (True, False):
        assert "Nothing to show" in bar_chart("t", "d", categories, series, stacked=stacked)
    if not any(series.values()):
        assert "Nothing to show" in line_chart("t", "d", categories, series)


def test_a_line_at_zero_is_drawn() -> None:
    svg = line_chart("t", "d", ["a", "b"], {"n": [0, 0]})
    assert "Nothing to show" not in svg
    assert svg.count("<circle") == 2


def test_sixty_months_keep_every_bar_and_readable_labels() -> None:
    months = [f"{year}-{month:02}" for year in range(2019, 2024) for month in range(1, 13)]
    svg = bar_chart("t", "d", months, {"n": list(range(1, 61))})
    assert len(bars(svg)) == 60
    xs = [float(x) for x in re.findall(r'<text class="chart-text" text-anchor="end" x="([\d.]+)"', svg)]
    assert len(xs) >= 20
    assert min(b - a for a, b in pairwise(xs)) >= 12


@pytest.mark.parametrize("days", [35, 41, 45, 50, 90, 366])
def test_slanted_labels_do_not_touch(days: int) -> None:
    """At 45 degrees, names of 12 units' height need 12 units between them across the slant."""
    names = [f"Mon {day:03} Mar 2019" for day in range(days)]
    svg = bar_chart("t", "d", names, {"n": [1] * days})
    xs = [float(x) for x in re.findall(r'<text class="chart-text" text-anchor="end" x="([\d.]+)"', svg)]
    assert len(xs) >= 20
    assert min(b - a for a, b in pairwise(xs)) * 0.707 >= 12


def test_long_labels_stay_inside_on_the_left() -> None:
    svg = bar_chart("t", "d", ["InstalledNotCommissioned" * 2] * 12, {"n": [1] * 12})
    x, length = re.search(
        r'text-anchor="end" x="([\d.]+)" y="[\d.]+" transform="[^"]+">([^<]+)<', svg
    ).groups()
    assert float(x) - len(length) * 6.6 * 0.71 >= 0


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        (0, (0, 1)),
        (1, (0, 1)),
        (7, (0, 2, 4, 6, 8)),
        (100, (0, 20, 40, 60, 80, 100)),
        (101, (0, 50, 100, 150)),
        (1_000_000, (0, 200_000, 400_000, 600_000, 800_000, 1_000_000)),
    ],
)
def test_ticks_are_round(largest: int, expected: tuple[int, ...]) -> None:
    assert nice_ticks(largest) == expected


@given(st.integers(0, 10**15))
def test_ticks_are_few_even_and_reach_the_largest(largest: int) -> None:
    ticks = nice_ticks(largest)
    assert ticks[0] == 0
    assert ticks[-1] >= largest
    assert 2 <= len(ticks) <= 6
    assert len({b - a for a, b in pairwise(ticks)}) == 1


@pytest.mark.parametrize(
    ("categories", "series"),
    [
        (["a"], {"n": [1, 2]}),
        (["a"], {"n": [-1]}),
        (["a"], {str(number): [1] for number in range(MAX_SERIES + 1)}),
    ],
)
def test_what_cannot_be_drawn_truly_is_refused(categories: list[str], series: dict[str, list[int]]) -> None:
    for draw in (bar_chart, line_chart):
        with pytest.raises(ValueError, match=r"series|values|negative"):
            draw("t", "d", categories, series)
