"""Indexes of the period tables during a first load: made once at the end instead of row by row.

Only before any extract is served: dropping an index locks its table, and later loads must not keep readers waiting.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from smi_portal.inventory.hands import Task

#: An ordinary table: where the load is committed in steps, whoever clears up after it finds here what is lacking.
SCRATCH = ("index_set_aside",)

NOTE = """
INSERT INTO index_set_aside (tbl, name, definition, is_key)
SELECT %(table)s::text, c.relname, pg_get_indexdef(c.oid), i.indisprimary
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %(table)s::text::regclass
"""


def prepare(cursor: Any) -> None:
    """Make the list of what was set aside."""
    cursor.execute(
        "CREATE TABLE index_set_aside"
        " (place serial, tbl text, name text, definition text, is_key boolean NOT NULL)"
    )


def set_aside(cursor: Any, table: str) -> None:
    """Drop the table's indexes, its key's too, and note how to make them again."""
    cursor.execute(NOTE, {"table": table})
    for name, is_key in _noted(cursor, "name, is_key", table):
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"' if is_key else f'DROP INDEX "{name}"')


def empty(cursor: Any, table: str) -> None:
    """Forget every row of the table; its indexes are set aside when no extract is served yet."""
    cursor.execute("SELECT EXISTS (SELECT FROM inventory_extractload)")
    (is_serving,) = cursor.fetchone()
    if is_serving:
        # DELETE, not TRUNCATE: readers go on seeing the old rows until the load commits.
        cursor.execute(f"DELETE FROM {table}")
    else:
        set_aside(cursor, table)
        cursor.execute(f"TRUNCATE {table}")


def tasks(cursor: Any, tables: Iterable[str]) -> list[Task]:
    """Make them again, over all rows at once: one task an index. Then `put_keys_back`."""
    return [
        partial(_make, definition)
        for table in tables
        for (definition,) in _noted(cursor, "definition", table)
    ]


def put_keys_back(cursor: Any) -> None:
    """Make primary keys of the indexes that were, once all are made."""
    cursor.execute("SELECT tbl, name FROM index_set_aside WHERE is_key ORDER BY place")
    for table, name in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" PRIMARY KEY USING INDEX "{name}"')
    cursor.execute("DELETE FROM index_set_aside")


def _make(definition: str, cursor: Any) -> None:
    cursor.execute(definition)


def _noted(cursor: Any, columns: str, table: str) -> list[Any]:
    cursor.execute(f"SELECT {columns} FROM index_set_aside WHERE tbl = %s ORDER BY place", [table])
    return list(cursor.fetchall())
