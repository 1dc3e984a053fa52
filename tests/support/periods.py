"""What the period tables hold, to compare an incremental rebuild with one of everything."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connections, transaction

from smi_portal.inventory.models import (
    AssetPeriod,
    AssociationPeriod,
    BackfillBasis,
    BackfillPeriod,
    BackfillRequestDay,
    BackfillStep,
    Certificate,
    EmptyHubPeriod,
    Schedule,
)
from smi_portal.inventory.periods import rebuild
from tests.support.loads import quiet

DERIVED = (
    AssetPeriod,
    AssociationPeriod,
    EmptyHubPeriod,
    BackfillPeriod,
    BackfillStep,
    BackfillRequestDay,
    BackfillBasis,
    Certificate,
    Schedule,
)
Snapshot = dict[str, list[tuple[Any, ...]]]


def snapshot(cursor: Any) -> Snapshot:
    """Every row of every derived table, in the order of all its columns; the basis without its serial id."""
    found: Snapshot = {}
    for model in DERIVED:
        columns = [field.column for field in model._meta.concrete_fields if field.column not in {None, "id"}]
        listed = ", ".join(f"{column}::text" for column in columns)
        cursor.execute(f"SELECT {listed} FROM {model._meta.db_table} ORDER BY {listed}")
        found[model._meta.db_table] = [tuple(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return found


def assert_as_if_rebuilt(implementation: date) -> None:
    """The tables hold what a rebuild of everything would give. Nothing is changed."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        incremental = snapshot(cursor)
        rebuild(cursor, True, quiet, implementation)
        complete = snapshot(cursor)
        transaction.set_rollback(True, using="owner")
    for table, rows in complete.items():
        lacking = [dict(row) for row in rows if row not in incremental[table]]
        stale = [dict(row) for row in incremental[table] if row not in rows]
        assert not lacking, f"{table} lacks {lacking[:5]} and has instead {stale[:5]}"
        assert not stale, f"{table} still has {stale[:5]}"
        assert len(rows) == len(incremental[table]), f"{table} has a row twice"
