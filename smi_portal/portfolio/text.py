"""Rows as COPY text lines, which every file writer of the house reads, made of values that no query gave."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from reports.engine.files.columns import FileColumn
from reports.engine.files.copytext import NULL, unescape
from reports.engine.files.csv import guard_text

#: A cell that begins as a formula might; a negative number does too, and takes the careful way for nothing.
_MAY_RUN = re.compile(rb"(?:^|\t)[^0-9A-Za-z\\\t\n]")
_ESCAPES = str.maketrans(
    {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v"}
)


def copy_line(cells: Iterable[object]) -> bytes:
    """The cells as one line; None and empty texts are no value."""
    return ("\t".join(map(_cell, cells)) + "\n").encode()


def csv_line(line: bytes, columns: Sequence[FileColumn], guarded: bool) -> bytes:
    """The same line as CSV; `guarded`: texts that a spreadsheet would run are neutralised."""
    if _is_plain(line, guarded):
        return line.replace(b"\\N", b"").replace(b"\t", b",")
    buffer = io.StringIO()
    cells = ("" if cell == NULL else unescape(cell) for cell in line[:-1].decode().split("\t"))
    pairs = zip(cells, columns, strict=True)
    safe = (guard_text(cell) if guarded and column.kind == "text" else cell for cell, column in pairs)
    csv.writer(buffer, lineterminator="\n").writerow(safe)
    return buffer.getvalue().encode()


def _is_plain(line: bytes, guarded: bool) -> bool:
    """Whether nothing in it must be quoted, unescaped or neutralised, as in nearly all of half a million lines."""
    return (
        b'"' not in line
        and b"," not in line
        and line.count(b"\\") == line.count(b"\\N")
        and not (guarded and _MAY_RUN.search(line))
    )


def _cell(value: object) -> str:
    if value is None or value == "":
        return NULL
    return value.translate(_ESCAPES) if isinstance(value, str) else str(value)
