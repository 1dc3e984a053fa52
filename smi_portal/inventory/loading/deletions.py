"""A delta's deletions: read from JSON keys, checked against what is loaded, and never cascading."""

from __future__ import annotations

from typing import Final

from smi_portal.inventory.loading.expressions import device_id, is_date, text
from smi_portal.inventory.loading.rejects import Rejects
from smi_portal.inventory.loading.rules import DEVICE_ID_COLUMNS
from smi_portal.inventory.loading.schema import DELETIONS, TABLES, Column, Reference, Table
from smi_portal.inventory.loading.session import Session, base, same

#: JSON that may be anything at all. PostgreSQL 15 has no other way to ask without risking an error.
READ_JSON: Final = """
CREATE OR REPLACE FUNCTION pg_temp.load_json(given text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $body$
BEGIN
    RETURN given::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN NULL;
END $body$
"""


def alive(table: str, alias: str) -> str:
    """The condition that a loaded row is part of the state: organisations are kept after they are gone."""
    return f"{alias}.in_extract" if table == "organisations" else "true"


def check(session: Session, rejects: Rejects) -> None:
    """Make `gone_<table>` (key columns, row_no) of sound deletions that name a loaded row."""
    if DELETIONS.name not in session.staged:
        return
    session.execute(READ_JSON)
    session.execute(
        'CREATE TEMP TABLE load_gone ON COMMIT DROP AS SELECT row_no, "table", key_json,'
        " pg_temp.load_json(key_json) AS key FROM new_deletions"
    )
    known = ", ".join(map(text, TABLES))
    _reject(rejects, "table", '"table"', "deletion_table", f'"table" NOT IN ({known})')
    for table in TABLES.values():
        if session.value(f'SELECT EXISTS (SELECT FROM load_gone WHERE "table" = {text(table.name)})'):
            _take(session, rejects, table)


def _reject(rejects: Rejects, column: str, value: str, rule: str, where: str, detail: str = "NULL") -> int:
    return rejects.insert(
        DELETIONS.name,
        f"SELECT g.row_no, {text(column)} AS col, {value} AS value, {text(rule)} AS rule,"
        f" NULL::bigint AS other, {detail} AS detail FROM load_gone g WHERE {where}",
    )


def _take(session: Session, rejects: Rejects, table: Table) -> None:
    mine = f'g."table" = {text(table.name)}'
    _reject(
        rejects,
        "key_json",
        "key_json",
        "deletion_key",
        f"{mine} AND NOT ({_is_key(table)})",
        text(_example(table)),
    )
    sound = (
        f"{mine} AND NOT EXISTS (SELECT FROM load_reject r WHERE r.tbl = 'deletions' AND r.row_no = g.row_no)"
    )
    columns = ", ".join(f"{_typed(table.column(name))} AS {name}" for name in table.key)
    session.execute(
        f"CREATE TEMP TABLE gone_{table.name} ON COMMIT DROP AS SELECT {columns}, g.row_no FROM load_gone g"
        f" WHERE {sound}"
    )
    session.gone.add(table.name)
    name, key = table.name, ", ".join(table.key)
    no_row = (
        f"{sound} AND NOT EXISTS (SELECT FROM gone_{name} t JOIN {base(name)} b ON {same('b', 't', table.key)}"
        f" WHERE t.row_no = g.row_no AND {alive(name, 'b')})"
    )
    _reject(rejects, "key_json", "key_json", "deletion_unknown", no_row)
    rejects.insert(
        DELETIONS.name,
        "SELECT t.row_no, 'key_json' AS col, (SELECT key_json FROM load_gone g WHERE g.row_no = t.row_no) AS value,"
        " 'duplicate' AS rule, t.first AS other, NULL AS detail"
        f" FROM (SELECT *, min(row_no) OVER (PARTITION BY {key}) AS first FROM gone_{name}) t"
        " WHERE t.row_no <> t.first",
    )
    _keep_rejected(session, table)
    session.execute(f"CREATE UNIQUE INDEX ON gone_{name} ({key})")
    session.execute(f"ANALYZE gone_{name}")


def _keep_rejected(session: Session, table: Table) -> None:
    session.execute(
        f"DELETE FROM gone_{table.name} WHERE row_no IN (SELECT row_no FROM load_reject WHERE tbl = 'deletions')"
    )


def _is_key(table: Table) -> str:
    """The JSON is an object of exactly the key columns, each as text (empty or null where that may be)."""
    tests = [
        "jsonb_typeof(g.key) = 'object'",
        f"(SELECT count(*) FROM jsonb_object_keys(CASE WHEN jsonb_typeof(g.key) = 'object' THEN g.key ELSE '{{}}' END))"
        f" = {len(table.key)}",
    ]
    for name in table.key:
        column = table.column(name)
        value = f"(g.key ->> {text(name)})"
        kind = f"coalesce(jsonb_typeof(g.key -> {text(name)}), 'absent')"
        if column.required:
            tests.append(f"{kind} = 'string' AND {value} <> ''")
        else:
            tests.append(f"{kind} IN ('string', 'null')")
        if column.type == "date":
            tests.append(f"coalesce({is_date(value)}, false)")
    return f"g.key IS NOT NULL AND ({' AND '.join(tests)})"


def _typed(column: Column) -> str:
    value = f"(g.key ->> {text(column.name)})"
    if column.type == "date":
        return f"{value}::date"
    if column.name in DEVICE_ID_COLUMNS:
        return f'{device_id(value)} COLLATE "C"'
    return f"coalesce({value}, '') COLLATE \"C\""


def _example(table: Table) -> str:
    inside = ", ".join(f'"{name}": "…"' for name in table.key)
    return "{" + inside + "}"


def check_references(session: Session, rejects: Rejects) -> int:
    """Deletions of rows that the resulting state would still refer to."""
    found = 0
    for table in TABLES.values():
        for reference in table.references:
            if reference.table in session.gone:
                found += _still_used(session, rejects, table, reference)
    return found


def _still_used(session: Session, rejects: Rejects, table: Table, reference: Reference) -> int:
    parent, column, key = reference.table, reference.column, reference.parent
    stays = "true"
    if table.name in session.gone:
        stays += f" AND NOT EXISTS (SELECT FROM gone_{table.name} c WHERE {same('c', 'b', table.key)})"
    if table.name in session.staged:
        stays += f" AND NOT EXISTS (SELECT FROM new_{table.name} n WHERE {same('n', 'b', table.key)})"
    # Deleted and brought anew by the same package: it is there afterwards.
    back = (
        f"EXISTS (SELECT FROM new_{parent} p WHERE p.{key} = t.{key})"
        if parent in session.staged
        else "false"
    )
    # Worked out once and by itself: joined with the deletions, the planner takes it for a row or two.
    used = (
        f"WITH used AS MATERIALIZED (SELECT DISTINCT b.{column} AS key FROM gone_{parent} g"
        f" JOIN {base(table.name)} b ON b.{column} = g.{key} WHERE {stays})"
    )
    found = rejects.insert(
        DELETIONS.name,
        f"{used} SELECT t.row_no, 'key_json' AS col, l.key_json AS value, 'deletion_dangling' AS rule,"
        f" NULL::bigint AS other, {text(table.name)} AS detail"
        f" FROM used JOIN gone_{parent} t ON t.{key} = used.key JOIN load_gone l ON l.row_no = t.row_no"
        f" WHERE NOT {back}",
    )
    if found:
        _keep_rejected(session, TABLES[parent])
    return found
