"""What is loaded, read back as rows of text, and a naive model of what deltas do to rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from smi_portal.inventory.loading.schema import TABLES
from smi_portal.inventory.loading.session import model_of

from .packages import Row, Tables

Key = tuple[str, ...]
State = dict[str, dict[Key, Row]]


def loaded() -> State:
    """The inventory as it is, by table and key, values as text."""
    found: State = {}
    for table in TABLES.values():
        query = model_of(table.name).objects.using("owner")
        if table.name == "organisations":
            query = query.filter(in_extract=True)
        rows = [{n: text(v) for n, v in values.items()} for values in query.values(*table.column_names)]
        found[table.name] = by_key(table.name, rows)
    return found


def text(value: Any) -> str:
    """A value as the extract writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else str(value)


def by_key(table: str, rows: list[Row]) -> dict[Key, Row]:
    """Rows by their primary key."""
    return {tuple(found[name] for name in TABLES[table].key): found for found in rows}


def of(tables: Tables) -> State:
    """The state that a full extract makes."""
    return {name: by_key(name, tables.get(name, [])) for name in TABLES}


def after(state: State, upserts: Tables, deletions: list[tuple[str, Row]]) -> State:
    """The state after a delta: deletions first, then rows replaced by key."""
    result = {name: dict(rows) for name, rows in state.items()}
    for table, key in deletions:
        del result[table][tuple(key[name] for name in TABLES[table].key)]
    for table, rows in upserts.items():
        result[table].update(by_key(table, rows))
    return result


def rows_of(state: State) -> Tables:
    """A state as the rows of a full extract."""
    return {name: list(rows.values()) for name, rows in state.items()}
