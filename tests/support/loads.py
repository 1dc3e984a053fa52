"""Packages loaded as `manage.py load_extract` loads them, and forgotten again."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.db import connections

from smi_portal.accounts.models import Person, ReleaseDecision
from smi_portal.fair_use.models import DailyUse
from smi_portal.inventory.loading.clear import clear
from smi_portal.inventory.loading.loader import LoadOptions, load
from smi_portal.inventory.models import ExtractLoad, Organisation
from smi_portal.inventory.periods import rebuild
from tests.oracle.inventory import Deletion, Tables
from tests.oracle.strategies import write_extract


def quiet(_message: str) -> None:
    """Progress that nobody reads."""


def forget() -> None:
    """An inventory, and accounts, as a new installation has them."""
    with connections["owner"].cursor() as cursor:
        # Nobody minds if a test's data is lost with the server.
        cursor.execute("SET synchronous_commit = off")
    clear(quiet)
    for model in (DailyUse, ReleaseDecision, Person, Organisation):
        model.objects.using("owner").all().delete()
    cache.clear()


def load_tables(
    directory: Path,
    tables: Tables,
    as_at: datetime,
    kind: str = "full",
    deletions: Iterable[Deletion] = (),
    incremental: bool = False,
) -> None:
    """Load these tables as the next package. `incremental`: rebuild only the periods that it touches.

    The loader itself would rebuild everything, as touched packages this small are mostly touched as a whole.
    """
    sequence = (ExtractLoad.objects.using("owner").count()) + 1
    package = directory / f"package-{sequence}"
    write_extract(tables, package, kind, sequence, as_at, f"extract-{sequence}", deletions)
    options = LoadOptions(vacuum=False, rebuild=_only_touched if incremental else None)
    load(package, options, io.StringIO())


def _only_touched(cursor: Any, _everything: bool, progress: Callable[[str], None]) -> None:
    rebuild(cursor, False, progress)
