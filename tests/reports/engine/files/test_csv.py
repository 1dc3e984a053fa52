"""CSV: RFC 4180 with what PostgreSQL writes, the two dialects, and the mark of an incomplete file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from reports.engine.files.columns import FileColumn, Tally
from reports.engine.files.csv import BOM, csv_stream, guard_sql

from .conftest import Copy
from .hostile import ALL, FORMULAS, HARMLESS, TWO_TEXTS, rows_of_two_texts

per_example = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)


def parsed(content: bytes) -> list[list[str]]:
    """The rows as Python's own reader sees them, line breaks in cells kept."""
    return list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))


def test_every_odd_text_comes_back_as_it_was(copy: Copy) -> None:
    rows = [(f"{n:04}", text) for n, text in enumerate(ALL)]
    content = b"".join(csv_stream(copy(TWO_TEXTS, rows, "csv"), TWO_TEXTS, "machine"))
    assert parsed(content) == [["device_id", "remark"], *map(list, rows)]


@per_example
@given(rows=rows_of_two_texts)
def test_random_text_comes_back_as_it_was(copy: Copy, rows: list[tuple[str | None, str | None]]) -> None:
    content = b"".join(csv_stream(copy(TWO_TEXTS, rows, "csv"), TWO_TEXTS, "machine"))
    assert parsed(content)[1:] == [[first or "", second or ""] for first, second in rows]


def test_typed_values_and_no_value(copy: Copy) -> None:
    columns = [
        FileColumn("day", "Day", "date"),
        FileColumn("count", "Count", "integer"),
        FileColumn("share", "Share", "decimal"),
        FileColumn("yes", "Yes", "boolean"),
        FileColumn("mpxn", "MPxN", "text"),
    ]
    rows = [(date(2024, 2, 29), 7, Decimal("12.5"), True, "0012345678901"), (None, None, None, None, None)]
    content = b"".join(csv_stream(copy(columns, rows, "csv"), columns, "machine"))
    assert content == b"day,count,share,yes,mpxn\r\n2024-02-29,7,12.5,t,0012345678901\r\n,,,,\r\n"


def test_rows_end_with_crlf_in_both_paths_and_cells_keep_their_line_breaks(copy: Copy) -> None:
    plain = b"".join(csv_stream(copy(TWO_TEXTS, [("a", "b"), ("c", "d")], "csv"), TWO_TEXTS, "machine"))
    assert plain == b"device_id,remark\r\na,b\r\nc,d\r\n"
    odd = b"".join(csv_stream(copy(TWO_TEXTS, [("a", "x\ny"), ("c", "x\r\ny")], "csv"), TWO_TEXTS, "machine"))
    assert odd == b'device_id,remark\r\na,"x\ny"\r\nc,"x\r\ny"\r\n'


@pytest.mark.parametrize(("dialect", "start"), [("people", BOM), ("machine", b"")])
def test_an_empty_result_is_a_header(copy: Copy, dialect: str, start: bytes) -> None:
    tally = Tally()
    content = b"".join(csv_stream(copy(TWO_TEXTS, [], "csv"), TWO_TEXTS, dialect, tally))
    assert content == start + b"device_id,remark\r\n"
    assert tally.rows == 0


def test_the_guard_marks_formulas_and_leaves_the_rest(copy: Copy) -> None:
    rows = [(None, text) for text in (*FORMULAS, *HARMLESS)]
    content = b"".join(csv_stream(copy(TWO_TEXTS, rows, "csv", guard_sql), TWO_TEXTS, "people"))
    shown = [row[1] for row in parsed(content)[1:]]
    assert shown == [*("'" + text for text in FORMULAS), *HARMLESS]


def test_large_results_come_in_chunks_and_are_counted(copy: Copy) -> None:
    rows = [(f"{n:08}", "x" * 300) for n in range(1500)]
    tally = Tally()
    chunks = list(csv_stream(copy(TWO_TEXTS, rows, "csv"), TWO_TEXTS, "machine", tally))
    assert len(chunks) > 5
    assert max(map(len, chunks)) < 100_000
    assert tally.rows == 1500
    assert parsed(b"".join(chunks))[1:] == [list(row) for row in rows]


def test_a_broken_source_marks_the_file_and_is_raised_again(copy: Copy) -> None:
    messages = copy(TWO_TEXTS, [(str(n), "x") for n in range(16)], "csv")

    def source() -> Iterator[bytes]:
        yield from messages
        raise psycopg.OperationalError("secret of another organisation")

    stream = csv_stream(source(), TWO_TEXTS, "machine")
    got: list[bytes] = []
    with pytest.raises(psycopg.OperationalError):
        got.extend(stream)  # keeps what came before the error
    last = "# INCOMPLETE: this file stopped after 16 rows: the connection to the database was lost"
    assert parsed(b"".join(got))[17:] == [[f"{last}; do not use it"]]
    assert b"secret" not in b"".join(got)
