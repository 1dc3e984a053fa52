"""JSON: typed values, odd text, and a broken stream that no parser accepts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from reports.engine.files.columns import FileColumn, Tally
from reports.engine.files.json import json_stream

from .conftest import Copy
from .hostile import ALL, TWO_TEXTS, rows_of_two_texts

per_example = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)


def as_rows(rows: list[tuple[str | None, str | None]]) -> list[dict[str, str | None]]:
    return [{"device_id": first, "remark": second} for first, second in rows]


def test_every_odd_text_comes_back_as_it_was_alone_and_together(copy: Copy) -> None:
    rows = [(f"{n:04}", text) for n, text in enumerate(ALL)]
    together = json.loads(b"".join(json_stream(copy(TWO_TEXTS, rows, "text"), TWO_TEXTS, {})))
    assert together == {"rows": as_rows(rows), "row_count": len(rows)}
    for row in rows:  # each in a batch of its own, so that the plain path meets all it should
        alone = json.loads(b"".join(json_stream(copy(TWO_TEXTS, [row], "text"), TWO_TEXTS, {})))
        assert alone["rows"] == as_rows([row])


@per_example
@given(rows=rows_of_two_texts)
def test_random_text_comes_back_as_it_was(copy: Copy, rows: list[tuple[str | None, str | None]]) -> None:
    content = b"".join(json_stream(copy(TWO_TEXTS, rows, "text"), TWO_TEXTS, {"report": "X"}))
    assert json.loads(content) == {"report": "X", "rows": as_rows(rows), "row_count": len(rows)}


def test_values_have_their_types(copy: Copy) -> None:
    columns = [
        FileColumn("day", "Day", "date"),
        FileColumn("month", "Month", "month"),
        FileColumn("count", "Count", "integer"),
        FileColumn("share", "Share", "decimal"),
        FileColumn("yes", "Yes", "boolean"),
        FileColumn("mpxn", "MPxN", "text"),
    ]
    rows = [
        (date(2024, 2, 29), date(2024, 2, 1), -7, Decimal("12.50"), True, "0012345678901"),
        (None, None, None, None, None, None),
        (date(1066, 10, 14), None, 12345678901234567890, Decimal("NaN"), False, ""),
    ]
    content = b"".join(json_stream(copy(columns, rows, "text"), columns, {"as_at": "2024-03-01"}))
    got = json.loads(content, parse_float=Decimal)
    keys = [column.key for column in columns]
    assert got["rows"] == [
        dict(
            zip(keys, ["2024-02-29", "2024-02-01", -7, Decimal("12.50"), True, "0012345678901"], strict=True)
        ),
        dict.fromkeys(keys),
        dict(zip(keys, ["1066-10-14", None, 12345678901234567890, "NaN", False, ""], strict=True)),
    ]
    assert got["rows"][0]["yes"] is True
    assert list(got) == ["as_at", "rows", "row_count"]


def test_an_empty_result(copy: Copy) -> None:
    content = b"".join(json_stream(copy(TWO_TEXTS, [], "text"), TWO_TEXTS, {"report": 'a "b"'}))
    assert json.loads(content) == {"report": 'a "b"', "rows": [], "row_count": 0}


def test_rows_come_in_several_chunks_and_are_counted(copy: Copy) -> None:
    rows = [(f"{n:08}", "x" * 100) for n in range(1500)]
    tally = Tally()
    chunks = list(json_stream(copy(TWO_TEXTS, rows, "text"), TWO_TEXTS, {}, tally))
    assert len(chunks) > 5
    assert tally.rows == 1500
    assert json.loads(b"".join(chunks))["rows"] == as_rows(rows)


def test_an_envelope_cannot_hide_the_rows() -> None:
    with pytest.raises(ValueError, match="row_count, rows"):
        json_stream([], TWO_TEXTS, {"rows": [], "row_count": 1})


def test_columns_that_differ_from_the_query_are_refused(copy: Copy) -> None:
    messages = copy(TWO_TEXTS, [("a", "b")], "text")
    with pytest.raises(ValueError, match="1 columns are declared"):
        list(json_stream(messages, TWO_TEXTS[:1], {}))


def test_a_broken_source_leaves_what_no_parser_accepts(copy: Copy) -> None:
    messages = copy(TWO_TEXTS, [(str(n), "x") for n in range(16)], "text")

    def source() -> Iterator[bytes]:
        yield from messages
        raise ConnectionError("lost")

    stream = json_stream(source(), TWO_TEXTS, {})
    got = [next(stream), next(stream)]
    with pytest.raises(ConnectionError):
        next(stream)
    with pytest.raises(json.JSONDecodeError):
        json.loads(b"".join(got))
