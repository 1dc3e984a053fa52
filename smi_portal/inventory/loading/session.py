"""What every stage of a load works with: the cursor, the package's tables, progress and the defects found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.db import models

from smi_portal.inventory.loading.lines import LineMap
from smi_portal.inventory.loading.rules import MODELS
from smi_portal.inventory.loading.schema import Table

LARGE: Final = 100_000  # rows


@dataclass
class Staged:
    """One file that was read: `rows` came through in shape, `bad` records did not."""

    table: Table
    file: str
    rows: int
    bad: int
    lines: LineMap


@dataclass
class Session:
    """One load, inside its transaction.

    Temporary, all gone at its end: `stage_<table>` the file's rows as text, `new_<table>` a view that types them,
    `gone_<table>` a delta's deletions, `diff_<table>` what changes. `row_no` is a row's number in its file.
    `everything`: no device was loaded before. `first`: no extract was, so that nothing is served yet.
    """

    cursor: Any
    delta: bool
    progress: Callable[[str], None]
    staged: dict[str, Staged] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    everything: bool = False
    first: bool = False
    seconds: dict[str, float] = field(default_factory=dict)

    def about(self, table: str, what: str) -> None:
        """Progress within a stage, where it may take long enough to be wondered at."""
        if table in self.staged and self.staged[table].rows >= LARGE:
            self.progress(f"{table}: {what}")

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time spent inside under `name`."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - started

    def execute(self, sql: str) -> int:
        """Run a statement; how many rows it touched."""
        self.cursor.execute(sql)
        return int(self.cursor.rowcount)

    def value(self, sql: str) -> Any:
        """The first column of the first row."""
        self.cursor.execute(sql)
        return self.cursor.fetchone()[0]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query that has few."""
        self.cursor.execute(sql)
        return list(self.cursor.fetchall())


def model_of(table: str) -> type[models.Model]:
    """The model that holds a table of the extract."""
    return apps.get_model("inventory", MODELS[table])


def base(table: str) -> str:
    """The database table that holds a table of the extract."""
    return model_of(table)._meta.db_table


def same(left: str, right: str, columns: tuple[str, ...]) -> str:
    """The condition that two rows agree in columns that are never NULL."""
    return " AND ".join(f"{left}.{name} = {right}.{name}" for name in columns)


def listed(alias: str, columns: tuple[str, ...]) -> str:
    """Columns of one alias, with commas."""
    return ", ".join(f"{alias}.{name}" for name in columns)
