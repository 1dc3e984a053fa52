"""What a file needs to know of a report's columns, and what it tells of its own progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "date", "integer", "decimal", "boolean", "month"]

Message: TypeAlias = bytes | bytearray | memoryview
"""One CopyData message of a ``COPY … TO STDOUT``: exactly one row, with its newline."""


@dataclass(frozen=True)
class FileColumn:
    """One column of a file, in the order of the SELECT's columns.

    ``key`` heads CSV and JSON; ``title`` heads Excel; ``kind`` says how the SELECT's value is to be typed
    (a ``month`` is ``YYYY-MM`` or any day of it); ``help`` is the definition that the About sheet gives.
    """

    key: str
    title: str
    kind: Kind
    help: str = ""


@dataclass
class Tally:
    """What a stream has written so far; the caller may read it while the stream runs.

    ``rows``: data rows handed on (never the header, never rows still waiting in a batch).
    ``cut_cells``: texts beyond Excel's 32,767 characters that were cut and marked (Excel only).
    """

    rows: int = 0
    cut_cells: int = 0
