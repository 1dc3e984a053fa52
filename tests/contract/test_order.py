"""Every column sorts, both ways, with the key as tie-break; pages cut that order without gap or repetition."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from reports.engine.columns import Column, Kind
from reports.engine.filters import filter_rows
from reports.engine.paging import page
from reports.engine.table import cell
from smi_portal.access.scope import scope
from tests.contract.cases import CASES, WIDEST, Case

pytestmark = pytest.mark.django_db


def typed(column: Column, text: str) -> object:
    """A value as its kind compares; text by code point."""
    if column.kind is Kind.DATE:
        return date.fromisoformat(text)
    if column.kind in {Kind.INTEGER, Kind.DECIMAL}:
        return Decimal(text)
    return text


def expected(case: Case, column: Column, descending: bool, history: str) -> list[dict[str, str]]:
    """Stable sorts, least important first: the key, then the column; blanks last both ways."""
    records = case.records(history=history)
    if history and column.key != "valid_from":
        records.sort(key=lambda row: row["valid_from"], reverse=True)
    for key in reversed(case.report.key):
        if key != column.key:
            part = case.report.column(key)
            records.sort(key=lambda row, c=part: typed(c, row[c.key]))
    # Of the key, a blank is a text like any other: it is never unknown.
    filled = [row for row in records if row[column.key] != "" or column.key in case.report.key]
    filled.sort(key=lambda row: typed(column, row[column.key]), reverse=descending)
    return filled if column.key in case.report.key else filled + [r for r in records if r[column.key] == ""]


@pytest.mark.parametrize("case", WIDEST, ids=str)
@pytest.mark.parametrize("history", ["", "true"], ids=["plain", "history"])
def test_every_column_sorts_across_pages(case: Case, history: str) -> None:
    if history and not case.report.has_history:
        pytest.skip("no history")
    for number, column in enumerate(case.columns(bool(history))):
        for sign in ("", "-"):
            want = expected(case, column, sign == "-", history)
            values = [list(row.values()) for row in want]
            assert case.rows(sort=sign + column.key, history=history) == values, (sign, column.key)
            if number % 2 == (sign == "-"):  # each kind of column is there often enough for both directions
                _walk(case, sign + column.key, values, history)


def _walk(case: Case, sort: str, want: list[list[str]], history: str) -> None:
    """Forward to the last page and back to the first: the same pages, which are those of the whole."""
    viewer = case.viewer
    found = filter_rows(case.ask(sort=sort, history=history)).rows
    size = len(want) // 3 + 1
    cut = [want[place : place + size] for place in range(0, len(want), size)]
    with scope(viewer):
        shown = page(found, None, None, size)
        assert shown.before is None
        forward = [shown]
        while shown.after and len(forward) <= len(cut):
            shown = page(found, shown.after, None, size)
            forward.append(shown)
        backward = [shown]
        while shown.before and len(backward) <= len(cut):
            shown = page(found, None, shown.before, size)
            backward.append(shown)
    keys = found.keys
    texts = [[[cell(row[key]) for key in keys] for row in each.rows] for each in forward]
    assert texts == cut, sort
    assert [[[cell(row[key]) for key in keys] for row in each.rows] for each in reversed(backward)] == cut, (
        sort
    )


@pytest.mark.parametrize("case", CASES, ids=str)
def test_several_columns_sort_together(case: Case) -> None:
    """The first named is the most important; the key still decides in the end."""
    first, second = [column for column in case.columns() if column.key not in case.report.key][:2]
    records = case.records()
    for column, descending in ((second, True), (first, False)):
        filled = [row for row in records if row[column.key] != ""]
        filled.sort(key=lambda row, c=column: typed(c, row[c.key]), reverse=descending)
        records = filled + [row for row in records if row[column.key] == ""]
    want = [list(row.values()) for row in records]
    assert case.rows(sort=[first.key, f"-{second.key}"]) == want
    assert case.rows(sort=f"{first.key},-{second.key}") == want
