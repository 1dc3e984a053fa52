"""Files against `psql \\copy` of the same SQL, their memory, and what pages feel while files are made."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from reports.bench.floor import psql_copy
from reports.bench.pairs import paired, percentile95, seconds
from reports.engine.rows import Rows
from reports.engine.run import Dialect, Format, stream
from smi_portal.database.state import PROJECT_ROOT

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


def lines(found: Rows, runs: int) -> Iterator[str]:
    """One line a format: time, ratio to the floor pair by pair, size, first byte, memory above what it was before."""
    for kind in KINDS:
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
        yield (
            f"{found.ask.report.code} {kind.form} {kind.dialect}: {rows:,} rows × {len(found.columns)} in "
            f"{measured.ours:.2f} s, psql \\copy {measured.floor:.2f} s, {measured.ratio:.2f} × its time{target}, "
            f"{100 / measured.ratio:.0f} % of its rate; {size:.0f} MB; first byte "
            f"{_first_byte(found, kind) * 1000:.0f} ms (target 500); memory +{max(grown):.0f} MB (target 150)"
        )


def beside_exports(found: Rows, a_page: Callable[[], object], runs: int) -> str:
    """A page while two files of the same rows are being made, against the page when nothing else runs."""
    idle = [seconds(a_page) for _ in range(runs)]
    busy: list[float] = []
    with _two_exports(found) as running:
        time.sleep(3)  # until both have begun to send rows
        while running() and len(busy) < 5 * runs:
            busy.append(seconds(a_page))
            time.sleep(0.02)
    if not busy:
        return "A page beside two exports: they ended before a page could be measured; load a larger extract."
    middle, quiet = sorted(busy)[len(busy) // 2], sorted(idle)[len(idle) // 2]
    return (
        f"A page beside two exports: median {middle * 1000:.0f} ms, p95 {percentile95(busy) * 1000:.0f} ms over "
        f"{len(busy)}; idle {quiet * 1000:.0f} ms; {middle / quiet:.2f} × (target 1.5)"
    )


@contextmanager
def _two_exports(found: Rows) -> Iterator[Callable[[], bool]]:
    command = [sys.executable, "manage.py", "run_report", found.ask.report.code]
    command += ["--organisation", found.ask.viewer.organisation, "--format", "xlsx", "--output", "-"]
    # Niced as the worker is.
    made = [
        subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL, preexec_fn=lambda: os.nice(10)
        )
        for _ in range(2)
    ]
    try:
        yield lambda: all(one.poll() is None for one in made)
    finally:
        for one in made:
            one.kill()
            one.wait()


def _write(found: Rows, kind: Kind, path: Path, grown: list[float]) -> None:
    process = psutil.Process()
    before = most = process.memory_info().rss
    with path.open("wb") as file:
        for number, chunk in enumerate(stream(found, kind.form, kind.dialect).chunks):
            file.write(chunk)
            if number % 64 == 0:
                most = max(most, process.memory_info().rss)
    grown.append((most - before) / MEGABYTE)


def _first_byte(found: Rows, kind: Kind) -> float:
    start = time.perf_counter()
    chunks = stream(found, kind.form, kind.dialect).chunks
    next(iter(chunks))
    taken = time.perf_counter() - start
    close = getattr(chunks, "close", None)
    if close:
        close()
    return taken
