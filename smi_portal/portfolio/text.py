"""Rows as COPY text lines, which every file writer of the house reads, made of values that no query gave."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from reports.engine.files.columns import FileColumn
from reports.engine.files.copytext import NULL, unescape
from reports.engine.files.csv import guard_text

_ESCAPES = str.maketrans(
    {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v"}
)


def copy_line(cells: Iterable[object]) -> bytes:
    """The cells as one line; None and empty texts are no value."""
    return ("\t".join(map(_cell, cells)) + "\n").encode()


def csv_line(line: bytes, columns: Sequence[FileColumn], guarded: bool) -> bytes:
    """The same line as CSV; `guarded`: texts that a spreadsheet would run are neutralised."""
    buffer = io.StringIO()
    cells = ("" if cell == NULL else unescape(cell) for cell in line[:-1].decode().split("\t"))
    pairs = zip(cells, columns, strict=True)
    safe = (guard_text(cell) if guarded and column.kind == "text" else cell for cell, column in pairs)
    csv.writer(buffer, lineterminator="\n").writerow(safe)
    return buffer.getvalue().encode()


def _cell(value: object) -> str:
    if value is None or value == "":
        return NULL
    return value.translate(_ESCAPES) if isinstance(value, str) else str(value)
