"""Indexes of the period tables during a first load: made once at the end instead of row by row.

Only before any extract is served: dropping an index locks its table, and later loads must not keep readers waiting.
"""

from __future__ import annotations

from typing import Any

SCRATCH = ("index_set_aside",)


def prepare(cursor: Any) -> None:
    """Make the list of what was set aside."""
    cursor.execute("CREATE TEMP TABLE index_set_aside (definition text) ON COMMIT DROP")


def set_aside(cursor: Any, table: str) -> None:
    """Drop the table's indexes, save its key's, and note how to make them again."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = %s "
        "AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
        [table, table],
    )
    for name, definition in cursor.fetchall():
        cursor.execute("INSERT INTO index_set_aside VALUES (%s)", [definition])
        cursor.execute(f'DROP INDEX "{name}"')


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


def put_back(cursor: Any) -> None:
    """Make them again, over all rows at once."""
    cursor.execute("SELECT definition FROM index_set_aside")
    for (definition,) in cursor.fetchall():
        cursor.execute(definition)
