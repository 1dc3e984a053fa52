"""Everything that a load leaves in the database: every row of the inventory, and how its tables are made."""

from __future__ import annotations

import time
from typing import Any

from django.apps import apps
from django.db import connections

from smi_portal.inventory.hands import SCHEMA
from smi_portal.inventory.models import ChangeStream, ExtractLoad

#: Of the record of a load: when it ran is no part of what it did.
TIMES = ("started_at", "finished_at", "report")
SHAPE = """
SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'policy', tablename || '.' || policyname, permissive || coalesce(qual, '') FROM pg_policies
UNION ALL SELECT 'table', relname, relpersistence::text || coalesce(reloptions::text, '') FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')
UNION ALL SELECT 'schema', nspname, '' FROM pg_namespace WHERE nspname LIKE %s
"""
LOCKS = """
SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE l.locktype = 'advisory' AND d.datname = current_database()
"""


def rows() -> dict[str, list[str]]:
    """Each table's rows as text, sorted: every column, save serial numbers and the times of the load."""
    found = {}
    with connections["owner"].cursor() as cursor:
        for model in apps.get_app_config("inventory").get_models():
            if model is ChangeStream:  # its last positions outlive the extracts
                continue
            skipped = {"id", *(TIMES if model is ExtractLoad else ())}
            names = [f.column for f in model._meta.concrete_fields if f.column and f.column not in skipped]
            cursor.execute(f"SELECT row({', '.join(names)})::text FROM {model._meta.db_table} ORDER BY 1")
            found[model._meta.db_table] = [text for (text,) in cursor.fetchall()]
    return found


def shape() -> set[tuple[Any, ...]]:
    """Indexes, constraints, policies, tables, and schemas of a load."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(SHAPE, [f"{SCHEMA}%"])
        return set(cursor.fetchall())


def is_let_go() -> bool:
    """Whether nobody holds a lock of loads; a connection that was closed may need a moment on the server."""
    deadline = time.monotonic() + 10
    with connections["owner"].cursor() as cursor:
        while True:
            cursor.execute(LOCKS)
            if cursor.fetchone()[0] == 0:
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)


def number_anew() -> None:
    """The serial numbers of the next load begin where those of the first did, so that rows can be compared."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE inventory_cplentry ALTER COLUMN id RESTART WITH 1")
