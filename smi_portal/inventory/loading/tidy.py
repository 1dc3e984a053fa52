"""After the commit: dead rows out, statistics and visibility maps fresh, where a load changed much."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from django.apps import apps
from django.db import DatabaseError, connections

from smi_portal.access.tables import OwnerOnly, access_of
from smi_portal.inventory.hands import vacuum
from smi_portal.inventory.loading.report import LoadReport
from smi_portal.inventory.loading.session import model_of

SHARE: Final = 10  # one row in ten
WORKERS: Final = 2  # tables at a time


def tidy(report: LoadReport, progress: Callable[[str], None]) -> None:
    """VACUUM (ANALYZE) the tables that changed much. What goes wrong here is said, and harms nothing."""
    try:
        with connections["owner"].cursor() as cursor:
            progress("tidying up")
            tables = list(_by_size(cursor, _tables(cursor, report)))
        with ThreadPoolExecutor(WORKERS) as workers:
            list(workers.map(_vacuum, tables))
    except DatabaseError as error:
        progress(f"The load is in; tidying up stopped: {error}")


def _vacuum(table: str) -> None:
    """In a thread of its own, and so on a connection of its own."""
    try:
        with connections["owner"].cursor() as cursor:
            vacuum(table, cursor, "(ANALYZE)")
    finally:
        connections["owner"].close()


def changed_much(cursor: Any, table: str, rows: int) -> bool:
    """Whether `rows` are a good part of what the planner believes `table` holds."""
    cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
    return rows > 0 and rows * SHARE > cursor.fetchone()[0]


def _tables(cursor: Any, report: LoadReport) -> Iterator[str]:
    for name, change in report.tables.items():
        model = model_of(name)
        # Rows that only the owner reads gain nothing from a visibility map: dead rows alone count there.
        dead = change.changed + change.deleted
        much = dead if isinstance(access_of(model), OwnerOnly) else change.written
        if changed_much(cursor, model._meta.db_table, much):
            yield model._meta.db_table
    if report.rebuilt_everything:
        periods = "smi_portal.inventory.models.periods"
        yield from (
            m._meta.db_table for m in apps.get_app_config("inventory").get_models() if m.__module__ == periods
        )


def _by_size(cursor: Any, tables: Iterable[str]) -> list[str]:
    """The largest first, so that no worker waits for another that began it last."""
    cursor.execute(
        "SELECT t FROM unnest(%s::text[]) t ORDER BY pg_table_size(t::regclass) DESC", [sorted(set(tables))]
    )
    return [name for (name,) in cursor.fetchall()]
