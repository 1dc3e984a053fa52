"""Files against `psql \\copy` of the same SQL: their rate, size, and what making them takes of this process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from django.db import models

from reports.bench.floor import psql_copy
from reports.bench.pairs import paired
from reports.engine.rows import Rows
from reports.engine.run import Dialect, Format, stream

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Kind:
    """A format to measure. `most`: how many times as long as `psql \\copy` it may take; None = no target."""

    form: Format
    dialect: Dialect = "people"
    most: float | None = None


KINDS = (
    Kind("csv", "machine", 1 / 0.85),
    Kind("csv", "people", 1 / 0.55),
    Kind("xlsx", most=7.0),
    Kind("parquet"),
    Kind("csv.gz", "machine"),
    Kind("csv.zip", "machine"),
    Kind("json"),
)


@dataclass(frozen=True)
class FirstRows(Rows):
    """A question's first rows in its own order: the engine's query, ended after `most`, for both sides of a pair."""

    most: int = 0

    def ordered(self) -> models.QuerySet[Any]:
        """The person's order, then no more than `most` rows."""
        return super().ordered()[: self.most]


def lines(found: Rows, runs: int, most: int, forms: Sequence[str]) -> Iterator[str]:
    """One line a format: time, ratio to the floor pair by pair, size, memory above what it was before.

    `most`: rows after which both sides end; `forms`: the formats to measure, all if there are none.
    """
    first = FirstRows(found.ask, found.columns, found.query, most)
    for kind in KINDS:
        if not forms or kind.form in forms:
            yield _line(first, kind, runs)


def _line(found: Rows, kind: Kind, runs: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        ours, floor = Path(folder) / "ours", Path(folder) / "floor"
        grown: list[float] = []
        measured = paired(
            partial(_write, found, kind, ours, grown), partial(psql_copy, found, str(floor)), runs
        )
        with floor.open("rb") as file:
            rows = sum(1 for _ in file) - 1
        size = ours.stat().st_size / MEGABYTE
    target = f" (target {kind.most:.2f})" if kind.most else ""
    return (
        f"{found.ask.viewer.role:<8} {found.ask.report.code}{', history' if found.ask.history else ''}, "
        f"{kind.form} {kind.dialect}: "
        f"{rows:,} rows × {len(found.columns)} in {measured.ours:.2f} s, "
        f"psql \\copy {measured.floor:.2f} s, {measured.ratio:.2f} × its time{target}, "
        f"{100 / measured.ratio:.0f} % of its rate; {size:.0f} MB; memory +{max(grown):.0f} MB"
    )


def _write(found: Rows, kind: Kind, path: Path, grown: list[float]) -> None:
    process = psutil.Process()
    before = most = process.memory_info().rss
    with path.open("wb") as file:
        for number, chunk in enumerate(stream(found, kind.form, kind.dialect).chunks):
            file.write(chunk)
            if number % 64 == 0:
                most = max(most, process.memory_info().rss)
    grown.append((most - before) / MEGABYTE)
