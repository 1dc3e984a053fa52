"""Statistical disclosure control: from exact counts to a table that tells nobody's number (issue's rules).

Counts from 1 to 9 are suppressed; all others are rounded to the nearest 5, totals on their own. Since totals are
shown, a lone gap in a row or column could be worked out: further cells are suppressed until each gap lies on a
closed path of gaps and the gaps of a line together hold at least 10 (our design). Rows and columns whose total
is below 10 are put together as "Other", so that every total can be shown in every table. A table for which no
pattern of gaps is safe is not shown at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SMALL, BASE = 10, 5
OTHER = "Other"

Cell = tuple[int, int]


@dataclass(frozen=True)
class Table:
    """Names, and cells: exact counts before, and after: rounded ones, None where suppressed."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int, ...]
    column_totals: tuple[int, ...]
    total: int

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "rows": self.rows,
            "columns": self.columns,
            "cells": self.cells,
            "row_totals": self.row_totals,
            "column_totals": self.column_totals,
            "total": self.total,
        }


def rounded(count: int) -> int:
    """To the nearest 5."""
    return BASE * ((count + BASE // 2) // BASE)


def protect(counts: Mapping[tuple[str, str], int]) -> Table | None:
    """The table that may be shown of these counts by (row, column); None when nothing may."""
    counts = {key: count for key, count in counts.items() if count}
    counts = _fold(_fold(counts, 0), 1)
    if sum(counts.values()) < SMALL:
        return None
    rows, columns = _names(counts, 0), _names(counts, 1)
    exact = [[counts.get((row, column), 0) for column in columns] for row in rows]
    gaps = _gaps(exact)
    if gaps is None:
        return None
    return Table(
        tuple(rows),
        tuple(columns),
        tuple(
            tuple(None if (i, j) in gaps else rounded(count) for j, count in enumerate(line))
            for i, line in enumerate(exact)
        ),
        tuple(rounded(sum(line)) for line in exact),
        tuple(rounded(sum(line)) for line in zip(*exact, strict=True)),
        rounded(sum(counts.values())),
    )


def _fold(counts: Mapping[tuple[str, str], int], place: int) -> dict[tuple[str, str], int]:
    """Put the smallest rows (place 0) or columns (1) together until each total is 0 or at least SMALL."""
    totals: dict[str, int] = {}
    for key, count in counts.items():
        totals[key[place]] = totals.get(key[place], 0) + count
    ascending = sorted(totals, key=lambda name: (totals[name], name))
    other: set[str] = {name for name in ascending if totals[name] < SMALL or name == OTHER}
    for name in ascending:
        if not other or sum(totals[each] for each in other) >= SMALL:
            break
        other.add(name)
    folded: dict[tuple[str, str], int] = {}
    for key, count in counts.items():
        name = OTHER if key[place] in other else key[place]
        new = (name, key[1]) if place == 0 else (key[0], name)
        folded[new] = folded.get(new, 0) + count
    return folded


def _names(counts: Iterable[tuple[str, str]], place: int) -> list[str]:
    """In the order of the alphabet, Other last."""
    return sorted({key[place] for key in counts}, key=lambda name: (name == OTHER, name))


def _gaps(exact: Sequence[Sequence[int]]) -> set[Cell] | None:
    """The cells to suppress: small ones, and as few and small others as make each of them safe."""
    size = {(i, j): count for i, line in enumerate(exact) for j, count in enumerate(line) if count}
    gaps = {cell for cell, count in size.items() if count < SMALL}
    while candidates := _wanted(gaps, size):
        better = min(candidates & (size.keys() - gaps), key=lambda cell: (size[cell], cell), default=None)
        if better is None:
            return None
        gaps.add(better)
    return gaps


def _wanted(gaps: set[Cell], size: Mapping[Cell, int]) -> set[Cell]:
    """Cells of which one must be suppressed as well, for a gap that could still be worked out; empty when none can.

    Such a gap lies on a line whose gaps hold too little, or on no closed path.
    """
    for cell in sorted(gaps):
        for place in (0, 1):
            line = {each for each in size if each[place] == cell[place]}
            if sum(size[each] for each in line & gaps) < SMALL:
                return line - gaps or {cell}
        if not _connected(cell, gaps - {cell}):
            closing = {each for each in size.keys() - gaps if _connected(cell, (gaps | {each}) - {cell})}
            return closing or _beside(cell, gaps, size) or {cell}
    return set()


def _beside(cell: Cell, gaps: set[Cell], size: Mapping[Cell, int]) -> set[Cell]:
    """Cells that lengthen the paths on which a gap lies."""
    rows, columns = _spread({cell[0]}, {cell[1]}, gaps)
    return {each for each in size.keys() - gaps if each[0] in rows or each[1] in columns}


def _connected(cell: Cell, gaps: set[Cell]) -> bool:
    """Whether a path of gaps leads from the cell's row to its column without the cell itself."""
    rows, columns = {cell[0]}, set[int]()
    return cell[1] in _spread(rows, columns, gaps)[1]


def _spread(rows: set[int], columns: set[int], gaps: set[Cell]) -> tuple[set[int], set[int]]:
    """Every row and column that paths of gaps reach from these."""
    while True:
        more_columns = {j for i, j in gaps if i in rows} - columns
        more_rows = {i for i, j in gaps if j in columns} - rows
        if not more_columns and not more_rows:
            return rows, columns
        rows, columns = rows | more_rows, columns | more_columns
