"""What a first load in steps leaves behind when it fails or is killed, and the way back (decision 0026).

It has committed rows that no record of a load speaks of, closed tables, and perhaps set indexes aside. Nobody is shown any
of it; whoever loads or clears next begins here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.apps import apps
from django.db import IntegrityError, connections, models, transaction

from smi_portal.access import unserved
from smi_portal.inventory.hands import COUNT, HANDS_LOCK, OWNER, SCHEMA
from smi_portal.inventory.models import ChangeStream, Organisation

APP: Final = "inventory"
SCHEMAS: Final = (SCHEMA, *(f"{SCHEMA}_{number}" for number in range(1, COUNT + 1)))
BEFORE: Final = f"{SCHEMA}.organisations_before"
ASIDE: Final = f"{SCHEMA}.index_set_aside"


def emptied_tables() -> list[str]:
    """The tables of all that is forgotten with the extracts.

    Organisations stay: people, grants and the audit refer to them. So do the last positions of the change feed, lest a
    cursor be given twice.
    """
    kept: set[type[models.Model]] = {Organisation, ChangeStream}
    return [m._meta.db_table for m in apps.get_app_config(APP).get_models() if m not in kept]


def make_room(cursor: Any) -> None:
    """Begin a load in steps: close the tables, and make the schemas by which an unfinished one is known."""
    for schema in SCHEMAS:
        cursor.execute(f"CREATE SCHEMA {schema}")
    cursor.execute(f"CREATE TABLE {BEFORE} AS TABLE inventory_organisation")
    unserved.close(cursor, APP)
    for table in emptied_tables():
        cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")  # it would take a core's time


def forget_room(cursor: Any) -> None:
    """End it: what was written is served from the commit on."""
    unserved.reopen(cursor, APP)
    for table in emptied_tables():
        cursor.execute(f"ALTER TABLE {table} RESET (autovacuum_enabled)")
    cursor.execute(f"DROP SCHEMA IF EXISTS {', '.join(SCHEMAS)} CASCADE")


def are_there(cursor: Any) -> bool:
    """Whether a first load was begun in steps and not ended."""
    cursor.execute("SELECT to_regnamespace(%s) IS NOT NULL", [SCHEMA])
    return bool(cursor.fetchone()[0])


def sweep(cursor: Any, progress: Callable[[str], None]) -> None:
    """Undo an unfinished first load, if there is one. Hold the loads' lock; the caller's transaction keeps it."""
    if not are_there(cursor):
        return
    progress("clearing what an unfinished first load left")
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [HANDS_LOCK])  # its hands may still be at work
    cursor.execute(f"TRUNCATE {', '.join(emptied_tables())}")
    _put_indexes_back(cursor)
    _put_organisations_back(cursor)
    forget_room(cursor)


def _put_indexes_back(cursor: Any) -> None:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [ASIDE])
    if not cursor.fetchone()[0]:
        return
    cursor.execute(f"SELECT tbl, name, definition, is_key FROM {ASIDE} ORDER BY place")
    for table, name, definition, is_key in cursor.fetchall():
        cursor.execute(
            "SELECT count(*) FROM pg_indexes WHERE tablename = %s AND indexname = %s", [table, name]
        )
        if not cursor.fetchone()[0]:
            cursor.execute(definition)
        cursor.execute(
            "SELECT count(*) FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s", [table, name]
        )
        if is_key and not cursor.fetchone()[0]:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" PRIMARY KEY USING INDEX "{name}"')


def _put_organisations_back(cursor: Any) -> None:
    columns = [field.column for field in Organisation._meta.concrete_fields if not field.primary_key]
    old = f"FROM {BEFORE} b WHERE b.id = o.id"
    cursor.execute(
        f"UPDATE inventory_organisation o SET {', '.join(f'{name} = b.{name}' for name in columns)} {old}"
    )
    new = f"NOT EXISTS (SELECT {old})"
    cursor.execute(f"UPDATE inventory_organisation o SET in_extract = false WHERE {new}")
    try:
        with transaction.atomic(using=OWNER):
            cursor.execute(f"DELETE FROM inventory_organisation o WHERE {new}")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError:
        pass  # somebody was invited to one meanwhile: they stay, as not in the extract
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def give_up(progress: Callable[[str], None]) -> None:
    """Clear at once after a load that failed. What goes wrong here the next load puts right."""
    try:
        with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
            sweep(cursor, progress)
    except Exception as error:
        progress(f"what was written could not be cleared ({error}); the next load will")
