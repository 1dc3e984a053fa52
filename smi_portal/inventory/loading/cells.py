"""Cell rules in SQL.

The quick road looks at a whole table in one scan and stops at the first oddity; only then are Device IDs brought
to their stored form, and only if that does not mend it is each bad cell looked for and its row left out.
"""

from __future__ import annotations

from django.db import DataError, transaction

from smi_portal.inventory.loading.expressions import (
    DEVICE_ID,
    STORED_DEVICE_ID,
    device_id,
    is_date,
    is_instant,
    is_stored_device_id,
    text,
    typed,
)
from smi_portal.inventory.loading.rejects import Rejects
from smi_portal.inventory.loading.rules import (
    DEVICE_ID_COLUMNS,
    INDEXED_COLUMNS,
    LENIENT_DEVICE_IDS,
    MAX_KEY,
    period_of,
)
from smi_portal.inventory.loading.schema import Column, Table
from smi_portal.inventory.loading.session import Session


def _quick(table: Table, column: Column) -> str | None:
    """The condition under which a cell that is not NULL is right. May raise an error on a bad date."""
    name = column.sql
    if column.type == "date":
        # The round trip refuses all that PostgreSQL understands beyond ISO, save infinity and far years.
        return f"octet_length({name}) = 10 AND {name}::date::text = {name}"
    if column.type == "datetime":
        plain = f'to_char({name}::timestamptz, \'YYYY-MM-DD"T"HH24:MI:SS"Z"\') = {name}'
        return f"CASE WHEN octet_length({name}) = 20 THEN {plain} ELSE {is_instant(name)} END"
    if _is_strict_device_id(table, column):
        return is_stored_device_id(name)
    return _by_pattern(table, column)


def _by_pattern(table: Table, column: Column) -> str | None:
    if column.type == "boolean":
        return f"{column.sql} IN ('true', 'false')"
    if column.enum:
        return f"{column.sql} IN ({', '.join(map(text, column.enum))})"
    if _is_strict_device_id(table, column):
        return f"{column.sql} ~ {text(STORED_DEVICE_ID)}"
    return None


def _is_strict_device_id(table: Table, column: Column) -> bool:
    return column.name in DEVICE_ID_COLUMNS and (table.name, column.name) not in LENIENT_DEVICE_IDS


def quick_condition(table: Table) -> str:
    """True for a row of `stage_…` whose cells are all right."""
    parts = []
    for column in table.columns:
        condition = _quick(table, column)
        if column.required:
            parts.append(f"{column.sql} IS NOT NULL")
        if condition is not None:
            parts.append(f"({condition})" if column.required else f"({column.sql} IS NULL OR ({condition}))")
    if period := period_of(table):
        # ISO dates compare as text as they do as dates.
        order = ">=" if period.inclusive else ">"
        parts.append(f"({period.end} IS NULL OR {period.end} {order} {period.start})")
    parts.extend(f"{size} <= {MAX_KEY}" for _, size in _bounded(table))
    return " AND ".join(parts)


def _bounded(table: Table) -> list[tuple[str, str]]:
    """Column to name, and size in bytes, of what goes into an index."""
    key = " + ".join(f"coalesce(octet_length({name}), 0)" for name in table.key)
    found = [(table.key[0], f"({key})")] if table.key else []
    return found + [
        (column, f"octet_length({column})") for name, column in INDEXED_COLUMNS if name == table.name
    ]


def check(session: Session, rejects: Rejects, table: Table) -> None:
    """Make `new_<table>`, the typed view of the rows whose cells are right; the others become rejects."""
    if not _all_right(session, table):
        changed = [_store_device_ids(session, table, name) for name in _device_ids(table)]
        if not any(changed) or not _all_right(session, table):
            session.progress(f"{session.staged[table.name].file}: there are bad cells, looking for each")
            rejects.insert(table.name, slow_query(table))
            rejects.leave_out(table, f"stage_{table.name}")
            if not _all_right(session, table):
                raise RuntimeError(f"The quick and the slow cell rules of {table.name} disagree.")
    for name, column in LENIENT_DEVICE_IDS:
        if name == table.name:
            _store_device_ids(session, table, column)
    session.execute(f"ANALYZE stage_{table.name}")
    session.execute(f"CREATE TEMP VIEW new_{table.name} AS {typed_rows(table)}")


def typed_rows(table: Table, schema: str = "") -> str:
    """The query of `new_<table>`. `schema`, with its dot: where the staging table stands."""
    columns = ", ".join(f"{typed(table, column)} AS {column.sql}" for column in table.columns)
    return f"SELECT {columns}, row_no FROM {schema}stage_{table.name}"


def _all_right(session: Session, table: Table) -> bool:
    """Whether every row is right as it stands, found in one scan that stops at the first that is not."""
    try:
        with transaction.atomic(using="owner"):
            # An aggregate, not EXISTS: nearly always every row is read, and all cores may read.
            return (
                session.value(f"SELECT bool_and({quick_condition(table)}) FROM stage_{table.name}")
                is not False
            )
    except DataError:
        return False


def _device_ids(table: Table) -> list[str]:
    return [column.name for column in table.columns if _is_strict_device_id(table, column)]


def _store_device_ids(session: Session, table: Table, column: str) -> int:
    """Write Device IDs of any accepted form as they are stored; how many were not."""
    return session.execute(
        f"UPDATE stage_{table.name} SET {column} = {device_id(column)}"
        f" WHERE {column} !~ {text(STORED_DEVICE_ID)} AND {column} ~ {text(DEVICE_ID)}"
    )


def slow_query(table: Table) -> str:
    """Each bad cell of `stage_…`: row_no, col, value, rule, other, detail. Raises no error, whatever the cells hold."""
    cells = ", ".join(f"({text(c.name)}, {c.sql}, {_slow_rule(table, c)})" for c in table.columns)
    extra = [
        f"({text(name)}, {name}, CASE WHEN {size} > {MAX_KEY} THEN 'key_length' END, NULL)"
        for name, size in _bounded(table)
    ]
    if period := period_of(table):
        order, rule = ("<", "period_inclusive") if period.inclusive else ("<=", "period")
        both = f"{is_date(period.start)} AND {is_date(period.end)} AND {period.end} {order} {period.start}"
        extra.append(f"({text(period.end)}, {period.end}, CASE WHEN {both} THEN {text(rule)} END, NULL)")
    values = ", ".join([cells, *extra])
    return (
        f"SELECT s.row_no, c.col, c.value, c.rule, NULL::bigint AS other, c.detail FROM stage_{table.name} s"
        f" CROSS JOIN LATERAL (VALUES {values}) c (col, value, rule, detail) WHERE c.rule IS NOT NULL"
    )


def _slow_rule(table: Table, column: Column) -> str:
    """The broken rule's code and its detail, as two expressions."""
    name = column.sql
    condition, rule = _by_pattern(table, column), ("enum" if column.enum else "device_id")
    if column.type == "date":
        condition, rule = is_date(name), "date"
    elif column.type == "datetime":
        condition, rule = is_instant(name), "datetime"
    elif column.type == "boolean":
        rule = "boolean"
    empty = f"WHEN {name} IS NULL THEN {text('required')} " if column.required else ""
    wrong = f"WHEN {name} IS NOT NULL AND NOT ({condition}) THEN {text(rule)} " if condition else ""
    detail = text(", ".join(column.enum)) if column.enum else "NULL::text"
    return f"CASE {empty}{wrong}END, {detail}" if empty or wrong else f"NULL::text, {detail}"
