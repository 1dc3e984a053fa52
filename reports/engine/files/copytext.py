"""Reading ``COPY … TO STDOUT`` messages in batches, with as little Python for each cell as can be.

A million rows of 23 columns are 23 million cells, so the writers work on whole batches with operations that
run in C: one join, one split, one fill of a row template. Rows that hold anything unusual take a careful
path, cell by cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice

from reports.engine.files.columns import Message

NULL = "\\N"

# Small enough that a batch and the XML made of it stay in the processor's cache (64 KB was a third slower).
BATCH_BYTES = 24_000
MOST_ROWS_IN_BATCH = 1024

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_CONTROLS = bytes(range(9)) + bytes(range(11, 32))  # below space, without COPY's own tab and newline


def batches(copy_rows: Iterable[Message], size: int = BATCH_BYTES) -> Iterator[tuple[bytes, list[Message]]]:
    """Yield the messages in batches of about ``size`` bytes: joined, and as they came.

    The number of rows follows the length of those before, from 16 at first, so that the first bytes come
    soon.
    """
    source = iter(copy_rows)
    take = 16
    while messages := list(islice(source, take)):
        joined = b"".join(messages)
        yield joined, messages
        take = max(1, min(size * len(messages) // max(1, len(joined)), MOST_ROWS_IN_BATCH))


def is_plain(joined: bytes) -> bool:
    """Whether text-format rows hold no backslash save in ``\\N``, no control character and no non-character.

    A backslash in the data is doubled by COPY, so that it always makes the two counts differ.
    """
    return (
        joined.count(b"\\") == joined.count(b"\\N")
        and len(joined.translate(None, _CONTROLS)) == len(joined)
        and b"\xef\xbf" not in joined  # where U+FFFE and U+FFFF lie
    )


def runs(
    joined: bytes, messages: list[Message], plain: Callable[[bytes], bool]
) -> Iterator[tuple[bool, bytes, int]]:
    """Yield (whether ``plain`` holds, the joined bytes, how many rows) of a batch, in order.

    Most batches are plain as a whole; else the odd rows are set apart: they alone take the careful path.
    """
    if plain(joined):
        yield True, joined, len(messages)
        return
    for is_plain_run, group in groupby(messages, key=lambda message: plain(bytes(message))):
        run = list(group)
        yield is_plain_run, b"".join(run), len(run)


def split_cells(joined: bytes, rows: int, width: int) -> list[str]:
    """Split text-format rows into one flat list of ``rows × width`` cells, still escaped.

    Raises ValueError when the query's columns are not those declared: a file must not shift a column
    silently.
    """
    cells = joined.replace(b"\n", b"\t").decode().split("\t")
    cells.pop()
    if len(cells) != rows * width:
        raise ValueError(f"The query gave {len(cells)} cells in {rows} rows; {width} columns are declared.")
    return cells


def unescape(cell: str) -> str:
    """Undo COPY's backslash escapes in a cell that is not NULL."""
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), cell) if "\\" in cell else cell


class CellCache(dict[str, str]):
    """Rendered cells of columns with few distinct values (dates, booleans, counts), bounded in size."""

    LIMIT = 20_000

    def __init__(self, render: Callable[[str], str]) -> None:
        super().__init__()
        self._render = render

    def __missing__(self, cell: str) -> str:
        if len(self) >= self.LIMIT:
            self.clear()
        rendered = self[cell] = self._render(cell)
        return rendered


class RowTemplate:
    """The fixed text around cells: ``literals`` are one more than the columns, in order."""

    def __init__(self, literals: Sequence[str]) -> None:
        self._first, *self._between, self._last = literals
        self._row: list[str] = []
        for literal in (self._last + self._first, *self._between):
            self._row += (literal, "")
        self._pieces: list[str] = []

    def fill(self, cells: list[str], rows: int) -> str:
        """Join ``rows`` rows of cells with the literals around them."""
        length = len(self._row) * rows
        if len(self._pieces) < length:
            self._pieces = self._row * rows
        pieces = self._pieces[:length]
        pieces[0] = self._first
        pieces[1::2] = cells
        pieces.append(self._last)
        return "".join(pieces)
