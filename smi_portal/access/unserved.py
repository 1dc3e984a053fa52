"""Tables that are still being filled: closed to every reader, in the database, until the load says so (decision 0026).

A restrictive policy is laid over those that the declarations give; it only takes away, so the start-up checks let it be.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final

from django.apps import apps
from django.db import OperationalError, transaction
from psycopg import sql

from smi_portal.access.policies import OWNER_ALIAS, SITE_ROLE, UNSERVED
from smi_portal.access.readers import Reader
from smi_portal.access.tables import Scoped, access_of

#: Less than PostgreSQL waits before it looks for a deadlock: it is we who let go and ask again, never a reader.
PATIENCE: Final = "500ms"
TRIES: Final = 600


def close(cursor: Any, app: str) -> None:
    """From the commit on, no reader sees a row of any table of `app` under row-level security."""
    tables = _tables(app)
    _lock(cursor, tables)
    readers = sql.SQL(", ").join([sql.Identifier(SITE_ROLE), *(sql.Identifier(r.value) for r in Reader)])
    for table in tables:
        cursor.execute(
            sql.SQL("CREATE POLICY {} ON {} AS RESTRICTIVE TO {} USING (false)").format(
                sql.Identifier(UNSERVED), sql.Identifier(table), readers
            )
        )


def reopen(cursor: Any, app: str) -> None:
    """From the commit on, readers see what the declarations give them. Nothing happens where nothing was closed."""
    tables = _tables(app)
    _lock(cursor, tables)
    for table in tables:
        cursor.execute(
            sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(sql.Identifier(UNSERVED), sql.Identifier(table))
        )


def _tables(app: str) -> list[str]:
    models = apps.get_app_config(app).get_models()
    return sorted(model._meta.db_table for model in models if isinstance(access_of(model), Scoped))


def _lock(cursor: Any, tables: Iterable[str]) -> None:
    """All at once or none, so that a reader who has one and wants another is never waited for with the other in hand."""
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic(using=OWNER_ALIAS):
                cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
                cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names))
                cursor.execute("SET LOCAL lock_timeout = 0")
                return
        except OperationalError:
            if not left:
                raise
            time.sleep(0.1)
