"""Nobody's number can be worked out of a table: an attacker who knows the rules tries."""

from __future__ import annotations

from itertools import product

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from smi_portal.statistics.disclosure import OTHER, Table, protect, rounded
from tests.support.profiles import examples

Counts = dict[tuple[str, str], int]
#: The attacker's largest guess for a gap.
MOST = 300


def counts_of(*lines: tuple[int, ...]) -> Counts:
    return {(f"r{i}", f"c{j}"): n for i, line in enumerate(lines) for j, n in enumerate(line)}


def test_large_counts_are_rounded_and_shown() -> None:
    table = protect(counts_of((12, 13), (101, 97)))
    assert table is not None
    assert table.cells == ((10, 15), (100, 95))
    assert (table.row_totals, table.column_totals, table.total) == ((25, 200), (115, 110), 225)


def test_a_small_count_is_never_alone() -> None:
    table = protect(counts_of((4, 50, 60), (70, 80, 90), (100, 110, 120)))
    assert table is not None
    assert table.cells == ((None, None, 60), (None, None, 90), (100, 110, 120))


def test_lines_with_few_are_put_together() -> None:
    table = protect(counts_of((500, 600), (1, 2), (3, 1), (4, 5)))
    assert table is not None
    assert table.rows == ("r0", OTHER)
    lone = protect(counts_of((500, 600), (1, 2)))
    assert lone is not None
    assert lone.rows == (OTHER,), "one small line alone takes the next smallest with it"


def test_too_few_altogether_are_not_shown() -> None:
    assert protect({}) is None
    assert protect(counts_of((1, 2), (3, 3))) is None


def test_zeros_are_told() -> None:
    """That there is none of something is no one's number."""
    table = protect(counts_of((0, 50), (60, 70)))
    assert table is not None
    assert table.cells[0] == (0, 50)


tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.tuples(*[st.one_of(st.just(0), st.integers(0, 14), st.integers(0, 200)) for _ in range(width)]),
        min_size=1,
        max_size=4,
    )
)


@settings(max_examples=examples(150, 3000), deadline=None)
@given(tables)
def test_what_is_shown_is_right_and_nothing_small(lines: list[tuple[int, ...]]) -> None:
    counts = counts_of(*lines)
    table = protect(counts)
    assume(table is not None)
    assert table is not None
    shown = [cell for line in table.cells for cell in line if cell is not None]
    assert all(cell == 0 or cell >= 10 for cell in shown)
    assert all(cell % 5 == 0 for cell in shown)
    assert all(total >= 10 for total in (*table.row_totals, *table.column_totals, table.total))
    assert table.total == rounded(sum(counts.values()))
    for i, row in enumerate(table.rows):
        for j, column in enumerate(table.columns):
            if OTHER not in (row, column) and table.cells[i][j] is not None:
                assert table.cells[i][j] == rounded(counts.get((row, column), 0))


@settings(max_examples=examples(30, 1500), deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(tables)
def test_no_gap_can_be_worked_out(lines: list[tuple[int, ...]]) -> None:
    """For every gap at least four values fit all that is shown."""
    exact, table = counts_of(*lines), protect(counts_of(*lines))
    assume(table is not None)
    assert table is not None
    gaps = [
        (i, j)
        for i, j in product(range(len(table.rows)), range(len(table.columns)))
        if table.cells[i][j] is None
    ]
    assume(0 < len(gaps) <= 6)
    assert sum(exact.values()) >= 10
    for gap in gaps:
        assert len(feasible(table, gaps, gap, slack=2)) >= 4, (table, gap)


def feasible(table: Table, gaps: list[tuple[int, int]], gap: tuple[int, int], slack: int) -> set[int]:
    """Values from 1 on that the gap may have: interval by interval, each line's sum must be able to come out."""
    found: set[int] = set()
    for value in range(1, MOST):
        if _fits(table, [g for g in gaps if g != gap], {gap: value}, slack):
            found.add(value)
        if len(found) >= 4:
            break
    return found


def _fits(
    table: Table, open_gaps: list[tuple[int, int]], guess: dict[tuple[int, int], int], slack: int
) -> bool:
    for i, total in enumerate(table.row_totals):
        line = [(i, j) for j in range(len(table.columns))]
        if not _line_can(table, line, total, open_gaps, guess, slack):
            return False
    for j, total in enumerate(table.column_totals):
        line = [(i, j) for i in range(len(table.rows))]
        if not _line_can(table, line, total, open_gaps, guess, slack):
            return False
    if not open_gaps:
        return True
    gap, *rest = open_gaps
    return any(_fits(table, rest, {**guess, gap: value}, slack) for value in _plausible(table, gap))


def _plausible(table: Table, gap: tuple[int, int]) -> list[int]:
    """Guesses that are tried: all the small ones, then coarser."""
    most = min(table.row_totals[gap[0]], table.column_totals[gap[1]]) + 2
    return [v for v in (*range(1, 15), *range(16, 400, 3)) if v <= most]


def _line_can(
    table: Table,
    line: list[tuple[int, int]],
    total: int,
    open_gaps: list[tuple[int, int]],
    guess: dict[tuple[int, int], int],
    slack: int,
) -> bool:
    low = high = 0
    for i, j in line:
        shown = table.cells[i][j]
        if shown is not None:
            low, high = low + max(shown - slack, 0) * (shown > 0), high + (shown + slack) * (shown > 0)
        elif (i, j) in guess:
            low, high = low + guess[i, j], high + guess[i, j]
        else:
            low, high = low + 1, high + 10**9
    return low <= total + slack and total - slack <= high
