"""Making the inventory what the package says: only rows that differ are written.

A table that was empty takes the package's rows as they are, in the order of the key. Otherwise the package is
compared with what is loaded, once, and what differs is inserted, updated or deleted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from smi_portal.access.tables import OwnerOnly, access_of
from smi_portal.inventory.hands import COUNT, Hands, Task
from smi_portal.inventory.loading import indexes, touched
from smi_portal.inventory.loading.schema import TABLES, Table
from smi_portal.inventory.loading.session import LARGE, Session, base, listed, model_of, same

_OWNER: Final = " JOIN inventory_organisation o ON o.organisation = n.organisation"
_MAP_OWNER: Final = "CASE WHEN o.kind = 'MAP' THEN o.id END"

#: Columns of our own that follow from the row: column → expression. An update brings them up to date.
DERIVED: Final = {
    "organisations": {"in_extract": "true"},
    "schedules": {"owner_id": "o.id", "map_owner_id": _MAP_OWNER},
    "service_requests": {"organisation_ref": "o.id"},
}
#: Columns that the period rebuild fills; an update leaves them alone.
INITIAL: Final = {"certificates": {"viewer_ids": "'{}'::int[]"}, "schedules": {"viewer_ids": "'{}'::int[]"}}
JOINS: Final = {"schedules": _OWNER, "service_requests": _OWNER}


@dataclass
class Changes:
    """What a load did to one table, in rows."""

    rows: int = 0
    inserted: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0

    @property
    def written(self) -> int:
        """Rows that are not as they were."""
        return self.inserted + self.changed + self.deleted


#: Columns that are known late and where they come from, as `periods.viewers.LATE` has it.
Late = tuple[dict[str, str], str]


@dataclass(frozen=True)
class _Late:
    """The same by name; nothing of the kind by default."""

    columns: dict[str, str] = field(default_factory=dict)
    joins: str = ""


def apply(session: Session) -> dict[str, Changes]:
    """Bring every table that the package speaks of to the resulting state. Call after all checks."""
    session.progress("writing what differs")
    touched.begin(session)
    changes = {}
    for table in TABLES.values():
        if table.name in session.staged or table.name in session.gone:
            session.about(table.name, "writing")
            changes[table.name] = _apply(session, table)
    if changes.get("organisations", Changes()).written:
        _follow_organisations(session)
    return changes


def fill(session: Session, hands: Hands, late: Collection[str]) -> dict[str, Changes]:
    """Fill every table, all of them empty, from the package; those in `late` are left to `fill_late`."""
    session.progress(f"writing the rows, in {COUNT} hands")
    present = [table for table in TABLES.values() if table.name in session.staged]
    changes = {table.name: Changes() for table in present}

    def organisations(cursor: Any) -> None:
        """Those of earlier extracts are kept, so this table alone may hold rows; rows of others name them."""
        changes["organisations"] = _apply(replace(session, cursor=cursor), TABLES["organisations"])
        cursor.execute(f"ANALYZE {base('organisations')}")

    if "organisations" in changes:
        hands.share([organisations])
    others = [table for table in present if table.name not in {"organisations", *late}]
    tables = _largest_first(session, others)
    hands.share([partial(_fill_one, session, table, changes, _Late()) for table in tables])
    return changes


def fill_late(session: Session, changes: dict[str, Changes], late: dict[str, Late]) -> list[Task]:
    """The tasks that fill the tables that `fill` left out, with what has become known of their rows since."""
    tables = _largest_first(session, [TABLES[name] for name in late if name in session.staged])
    return [partial(_fill_one, session, table, changes, _Late(*late[table.name])) for table in tables]


def _largest_first(session: Session, tables: list[Table]) -> list[Table]:
    """So that no hand waits for another that began the longest last."""
    return sorted(tables, key=lambda table: -session.staged[table.name].rows)


def _fill_one(session: Session, table: Table, changes: dict[str, Changes], late: _Late, cursor: Any) -> None:
    mine = replace(session, cursor=cursor)
    mine.about(table.name, "writing")
    rows = int(mine.value(f"SELECT count(*) FROM new_{table.name}"))
    changes[table.name] = _fill(mine, table, rows, late)
    mine.execute(f"ANALYZE {base(table.name)}")


def _apply(session: Session, table: Table) -> Changes:
    if table.name not in session.staged:
        session.execute(f"CREATE TEMP TABLE new_{table.name} (LIKE {base(table.name)}) ON COMMIT DROP")
        session.execute(f"ALTER TABLE new_{table.name} ADD row_no bigint")
    rows = int(session.value(f"SELECT count(*) FROM new_{table.name}"))
    if not session.value(f"SELECT EXISTS (SELECT FROM {base(table.name)})"):
        return _fill(session, table, rows)
    _compare(session, table)
    touched.note(session, table)
    done = Changes(rows=rows)
    done.deleted = _delete(session, table)
    done.changed = _update(session, table)
    done.inserted = _insert(session, table)
    done.unchanged = rows - done.changed - done.inserted
    session.execute(f"DROP TABLE diff_{table.name}")
    return done


def _fill(session: Session, table: Table, rows: int, late: _Late = _Late()) -> Changes:
    insertion = f"{_insertion(table, late=late)} ORDER BY {listed('n', table.key)}"
    # What only the owner reads may be locked, and so may everything before the first extract is served.
    owners = isinstance(access_of(model_of(table.name)), OwnerOnly)
    # (Other tables refer to organisations, and there are never many.)
    if rows >= LARGE and (owners or session.first) and table.name != "organisations":
        with indexes.aside(session.cursor, base(table.name)):
            session.execute(insertion)
    else:
        session.execute(insertion)
    if not session.everything:
        touched.note_all(session, table)
    return Changes(rows=rows, inserted=rows)


def _insertion(table: Table, source: str = "", late: _Late = _Late()) -> str:
    extra = DERIVED.get(table.name, {}) | INITIAL.get(table.name, {}) | late.columns
    columns = ", ".join([*table.column_names, *extra])
    values = ", ".join([listed("n", table.column_names), *extra.values()])
    joins = JOINS.get(table.name, "") + late.joins
    return (
        f"INSERT INTO {base(table.name)} ({columns}) SELECT {values} FROM new_{table.name} n{joins}{source}"
    )


def _compare(session: Session, table: Table) -> None:
    """Make `diff_<table>`: the key, row_no and what is to be done (I, U or D) of each row that differs."""
    name, first = table.name, table.key[0]
    state = f"(SELECT * FROM {base(name)} WHERE in_extract)" if name == "organisations" else base(name)
    differs = f"({listed('b', table.values)}) IS DISTINCT FROM ({listed('n', table.values)})"
    if not table.values:
        differs = "false"
    on = same("b", "n", table.key)
    if session.delta:
        query = (
            f"SELECT {listed('n', table.key)}, n.row_no, CASE WHEN b.{first} IS NULL THEN 'I' ELSE 'U' END AS op"
            f" FROM new_{name} n LEFT JOIN {state} b ON {on} WHERE b.{first} IS NULL OR {differs}"
        )
        if name in session.gone:
            query += (
                f" UNION ALL SELECT {listed('g', table.key)}, NULL, 'D' FROM gone_{name} g"
                f" WHERE NOT EXISTS (SELECT FROM new_{name} n WHERE {same('g', 'n', table.key)})"
            )
    else:
        keys = ", ".join(f"coalesce(n.{column}, b.{column}) AS {column}" for column in table.key)
        query = (
            f"SELECT {keys}, n.row_no, CASE WHEN b.{first} IS NULL THEN 'I' WHEN n.{first} IS NULL THEN 'D'"
            f" ELSE 'U' END AS op FROM new_{name} n FULL JOIN {state} b ON {on}"
            f" WHERE b.{first} IS NULL OR n.{first} IS NULL OR {differs}"
        )
    session.execute(f"CREATE TEMP TABLE diff_{name} ON COMMIT DROP AS {query}")
    session.execute(f"ANALYZE diff_{name}")


def _delete(session: Session, table: Table) -> int:
    where = f"d.op = 'D' AND {same('b', 'd', table.key)}"
    if table.name == "organisations":
        # People and the audit refer to organisations, and row-level security to their ids: they stay.
        return session.execute(
            f"UPDATE {base(table.name)} b SET in_extract = false FROM diff_{table.name} d WHERE {where}"
        )
    return session.execute(f"DELETE FROM {base(table.name)} b USING diff_{table.name} d WHERE {where}")


def _update(session: Session, table: Table) -> int:
    new = {column: f"n.{column}" for column in table.values} | DERIVED.get(table.name, {})
    if not new:
        return 0
    assignments = ", ".join(f"{column} = {value}" for column, value in new.items())
    return session.execute(
        f"UPDATE {base(table.name)} b SET {assignments} FROM diff_{table.name} d"
        f" JOIN new_{table.name} n ON n.row_no = d.row_no{JOINS.get(table.name, '')}"
        f" WHERE d.op = 'U' AND {same('b', 'd', table.key)}"
    )


def _insert(session: Session, table: Table) -> int:
    source = (
        f" JOIN diff_{table.name} d ON d.row_no = n.row_no WHERE d.op = 'I' ORDER BY {listed('n', table.key)}"
    )
    back = ""
    if table.name == "organisations":
        new = [*table.values, *DERIVED[table.name]]
        back = " ON CONFLICT (organisation) DO UPDATE SET " + ", ".join(f"{c} = excluded.{c}" for c in new)
    return session.execute(_insertion(table, source) + back)


def _follow_organisations(session: Session) -> None:
    """An organisation that became a MAP, or is none any more: its schedules say so."""
    session.execute(
        f"UPDATE inventory_schedule s SET owner_id = o.id, map_owner_id = {_MAP_OWNER} FROM inventory_organisation o"
        f" WHERE s.organisation = o.organisation AND (s.owner_id, s.map_owner_id) IS DISTINCT FROM (o.id::int,"
        f" ({_MAP_OWNER})::int)"
    )
