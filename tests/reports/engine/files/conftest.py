"""Rows for the file writers, from the real database: what they read is what PostgreSQL's COPY writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import pytest
from django.db import connection
from psycopg import sql

from reports.engine.files.columns import FileColumn

SQL_TYPES = {
    "text": "text",
    "date": "date",
    "month": "date",
    "integer": "numeric",
    "decimal": "numeric",
    "boolean": "boolean",
}

Rows = Sequence[Sequence[object]]
Copy = Callable[..., list[bytes]]


@pytest.fixture
def copy(db: None) -> Copy:
    """``copy(columns, rows, "csv" or "text", guard=None)``: the messages of a COPY of these values."""

    def run(
        columns: Sequence[FileColumn],
        rows: Rows,
        form: Literal["csv", "text"],
        guard: Callable[[str], str] | None = None,
    ) -> list[bytes]:
        shown = [
            guard(f"c{n}") if guard and column.kind == "text" else f"c{n}" for n, column in enumerate(columns)
        ]
        statement = sql.SQL("COPY (SELECT {} FROM (VALUES {}) v (n, {}) WHERE n > 0 ORDER BY n) TO STDOUT {}")
        composed = statement.format(
            sql.SQL(", ".join(shown)),
            _values(columns, rows),
            sql.SQL(", ".join(f"c{n}" for n in range(len(columns)))),
            sql.SQL(f"(FORMAT {form})"),
        )
        with connection.cursor() as cursor, cursor.copy(composed) as messages:
            return [bytes(message) for message in messages]

    return run


def _values(columns: Sequence[FileColumn], rows: Rows) -> sql.Composed:
    """Each row as ``(number, value::type, …)``; where there is none, one numbered 0, which is left out."""
    numbered = list(enumerate(rows, 1)) or [(0, [None] * len(columns))]
    return sql.SQL(", ").join(
        sql.SQL("({}, {})").format(
            sql.Literal(number),
            sql.SQL(", ").join(
                sql.Literal(value) + sql.SQL(f"::{SQL_TYPES[column.kind]}")
                for column, value in zip(columns, row, strict=True)
            ),
        )
        for number, row in numbered
    )
