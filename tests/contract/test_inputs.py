"""Every input narrows to just the rows that a naive filter of the unfiltered rows keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from reports.engine.inputs import Choice, Contains, DateRange, Input, Minimum, OfList
from reports.engine.options import options_for
from smi_portal.access.scope import scope
from tests.contract.cases import CASES, Case
from tests.support.html import Page
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db

Records = list[dict[str, str]]
#: One viewer of each role: the MAP with both releases, so that every input is there.
BY_ROLE = [case for case in CASES if case.organisation in {"M1", "S1", "DCC"}]
INPUTS = [(case, item) for case in BY_ROLE for item in case.report.inputs if not isinstance(item, OfList)]
NAMES = [f"{case}-{item.keys[0]}" for case, item in INPUTS]
#: Where a report shows no column for its input, another report of the same devices does.
SHOWN_IN = {"installation_date": "RSMI_003", "supplier_id": "RSMI_002"}


def with_input(case: Case, item: Input, records: Records) -> Records:
    """The rows with the input's value in each, also where the report does not show it."""
    if not records or item.column in records[0]:
        return records
    other = next(
        c for c in CASES if c.report.code == SHOWN_IN[item.column] and c.organisation == case.organisation
    )
    values = {record["device_id"]: record[item.column] for record in other.records()}
    return [{**record, item.column: values.get(record["device_id"], "")} for record in records]


def kept(case: Case, item: Input, test: Callable[[str], bool], history: str = "") -> list[list[str]]:
    """The naive answer: a blank value never matches."""
    records = case.records(history=history)
    extended = with_input(case, item, records)
    return [
        list(record.values())
        for record, more in zip(records, extended, strict=True)
        if more[item.column] and test(more[item.column])
    ]


@pytest.mark.parametrize(("case", "item"), INPUTS, ids=NAMES)
def test_it_narrows(case: Case, item: Input) -> None:
    for history in ("", "true") if case.report.has_history else ("",):
        _narrows(case, item, history)


def _narrows(case: Case, item: Input, history: str) -> None:
    values = sorted({row[item.column] for row in with_input(case, item, case.records())} - {""})
    assert values, "the world must have values to filter by"
    middle = values[len(values) // 2]
    if isinstance(item, Contains):
        parts = sorted({part for value in values for part in value.split(";")})
        for part in parts:
            want = kept(case, item, lambda v, p=part: p in v.split(";"), history)
            assert case.rows(**{item.column: part}, history=history) == want
            assert case.rows(**{item.column: part[:-1]}, history=history) == []
    elif isinstance(item, Choice):
        for chosen in (
            [middle],
            [values[0], values[-1]],
            ["no such value"],
            [middle, "no such value"],
            [middle + " "],
        ):
            want = kept(case, item, lambda v, c=chosen: v in c, history)
            assert case.rows(**{item.column: chosen}, history=history) == want
        if middle.swapcase() not in values:
            assert case.rows(**{item.column: middle.swapcase()}, history=history) == []
    elif isinstance(item, DateRange):
        start, end = item.keys
        assert case.rows(**{start: middle}, history=history) == kept(
            case, item, lambda v: v >= middle, history
        )
        assert case.rows(**{end: middle}, history=history) == kept(case, item, lambda v: v <= middle, history)
        both = {start: values[0], end: middle}
        assert case.rows(**both, history=history) == kept(
            case, item, lambda v: values[0] <= v <= middle, history
        )
    else:
        assert isinstance(item, Minimum)
        (key,) = item.keys
        least = sorted(map(int, values))[len(values) // 2]
        for minimum in (0, least, least + 1):
            assert case.rows(**{key: str(minimum)}) == kept(case, item, lambda v, m=minimum: int(v) >= m)


IMPLYING = [(case, item) for case, item in INPUTS if isinstance(item, Choice) and item.implies]


@pytest.mark.parametrize(
    ("case", "item"), IMPLYING, ids=[f"{case}-{item.keys[0]}" for case, item in IMPLYING]
)
def test_what_a_value_implies_changes_no_answer(case: Case, item: Choice) -> None:
    """Each value alone, all of them, and with one that implies nothing; on a past day too."""
    for day in ("", "2018-06-01"):
        records = case.records(as_at=day)
        every = {row[item.column] for row in records} | set(item.implies)
        for chosen in [*([value] for value in sorted(every)), list(item.implies), sorted(every)]:
            want = [list(row.values()) for row in records if row[item.column] in chosen]
            assert case.rows(**{item.column: chosen}, as_at=day) == want


def test_the_world_has_what_values_imply() -> None:
    """Without a row of each value the test above could not fail."""
    for case, item in IMPLYING:
        if case.organisation == "DCC":
            seen = {row[item.column] for day in ("", "2018-06-01") for row in case.records(as_at=day)}
            assert set(item.implies) <= seen


@pytest.mark.parametrize("case", [case for case in BY_ROLE if case.report.inputs], ids=str)
def test_inputs_combine(case: Case) -> None:
    """Two inputs at once keep what both keep; an empty value is no filter."""
    first, second = [item for item in case.report.inputs_for(case.viewer) if type(item) is Choice][:2]
    records = with_input(case, second, with_input(case, first, case.records()))
    pick = next(r for r in records if r[first.column] and r[second.column])
    a, b = pick[first.column], pick[second.column]
    by_a, by_b = case.rows(**{first.column: a}), case.rows(**{second.column: b})
    assert case.rows(**{first.column: a, second.column: b}) == [row for row in by_a if row in by_b]
    assert case.rows(**{first.column: [a, ""], second.column: [""]}) == by_a


@pytest.mark.parametrize("case", CASES, ids=str)
def test_options_are_the_viewers_own_values(case: Case) -> None:
    """What is offered are just the values in the viewer's rows, on that day, on the page too."""
    viewer, records = case.viewer, case.records()
    ask = case.ask()
    with scope(viewer):
        offered = options_for(ask)
    choices = [item for item in case.report.inputs_for(viewer) if isinstance(item, Choice)]
    assert set(offered) == {item.column for item in choices}
    page = Page(signed_in(case.organisation).get(case.address()).content.decode())
    for item in choices:
        values = {row[item.column] for row in with_input(case, item, records)} - {""}
        if isinstance(item, Contains):
            values = {part for value in values for part in value.split(";")}
        assert list(offered[item.column]) == sorted(values)
        assert page.options.get(item.column, []) == sorted(values)


def test_options_of_another_day_and_viewer_are_not_reused() -> None:
    """They are kept for one viewer and day: nobody is offered what another was."""
    by_viewer = {}
    for case in CASES:
        if case.report.code == "RSMI_001":
            for day in ("2018-11-05", ""):
                viewer, ask = case.viewer, case.ask(as_at=day)
                with scope(viewer):
                    offered = options_for(ask)["map_id"]
                by_viewer[case.organisation, day] = dict(offered)
                mine = [row["map_id"] for row in case.records(as_at=day)]
                assert dict(offered) == Counter(filter(None, mine)), (case, day)
    assert by_viewer["M1", ""].keys() == {"MAPA", "MAPB"}
    assert by_viewer["M2", ""].keys() == {"MAPZ"}
    assert by_viewer["DCC", ""].keys() == {"MAPA", "MAPB", "MAPZ"}
    assert by_viewer["M1", ""] != by_viewer["M1", "2018-11-05"], (
        "or a day's answer given again would go unseen"
    )
