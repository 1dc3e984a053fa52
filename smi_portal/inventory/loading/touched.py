"""What a load changed, for the period rebuild: temporary tables of unique keys, old and new."""

from __future__ import annotations

from typing import Final

from smi_portal.inventory.loading.rules import TOUCHED_TABLES, TOUCHES
from smi_portal.inventory.loading.schema import Table
from smi_portal.inventory.loading.session import Session, base, same

EVERYTHING_FROM: Final = 3  # one device in three touched: cutting all periods anew is quicker


def begin(session: Session) -> None:
    """Make the tables. Where no device was loaded before, everything is new and they stay empty."""
    for name, columns in TOUCHED_TABLES.items():
        definitions = ", ".join(f'{column} text COLLATE "C"' for column in columns)
        session.execute(
            f"CREATE TEMP TABLE {name} ({definitions}, PRIMARY KEY ({', '.join(columns)})) ON COMMIT DROP"
        )
    session.everything = not session.value("SELECT EXISTS (SELECT FROM inventory_device)")


def note(session: Session, table: Table) -> None:
    """Note the rows of `diff_<table>`; call before they are applied, so that old values are still there."""
    if session.everything:
        return
    name = table.name
    if name == "hub_links":
        _note_left_hubs(session, table)
    columns = TOUCHED_TABLES[TOUCHES[name]]
    if set(columns) <= set(table.key):
        _add(session, table, f"diff_{name} t")
        return
    _add(
        session, table, f"{base(name)} t JOIN diff_{name} d ON {same('t', 'd', table.key)} WHERE d.op <> 'I'"
    )
    _add(session, table, f"new_{name} t JOIN diff_{name} d ON d.row_no = t.row_no WHERE d.op <> 'D'")


def _note_left_hubs(session: Session, table: Table) -> None:
    """A link that ends otherwise, or is gone, changes its hub too, and afterwards nothing may lead there."""
    session.execute(
        f"INSERT INTO touched_device SELECT DISTINCT t.chf_device_id FROM {base(table.name)} t "
        f"JOIN diff_{table.name} d ON {same('t', 'd', table.key)} WHERE d.op <> 'I' ON CONFLICT DO NOTHING"
    )


def note_all(session: Session, table: Table) -> None:
    """Note every row of a table that was empty before."""
    _add(session, table, f"new_{table.name} t")


def _add(session: Session, table: Table, source: str) -> None:
    target = TOUCHES[table.name]
    columns = ", ".join(f"t.{column}" for column in TOUCHED_TABLES[target])
    session.execute(f"INSERT INTO {target} SELECT DISTINCT {columns} FROM {source} ON CONFLICT DO NOTHING")


def finish(session: Session) -> bool:
    """Whether to rebuild everything; the tables are then ready for the planner."""
    for name in TOUCHED_TABLES:
        session.execute(f"ANALYZE {name}")
    if session.everything:
        return True
    touched = int(session.value("SELECT count(*) FROM touched_device")) * EVERYTHING_FROM
    # The planner's estimate settles nearly every load; counting millions of devices takes seconds.
    if 2 * touched < session.value("SELECT reltuples FROM pg_class WHERE oid = 'inventory_device'::regclass"):
        return False
    return touched > int(session.value("SELECT count(*) FROM inventory_device"))
