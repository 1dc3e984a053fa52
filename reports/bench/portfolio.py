"""Rental days against `psql \\copy` of plain SQL, and a ledger against the inventory: lines a second."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from reports.bench.floor import run_psql
from reports.bench.pairs import paired, peak_megabytes, seconds
from reports.engine.files.columns import Tally
from smi_portal.access.scope import Viewer
from smi_portal.portfolio import rental
from smi_portal.portfolio.asking import Period, current_load, last_month
from smi_portal.portfolio.reconcile import Options, Step, reconcile
from smi_portal.portfolio.reconcile.output import xlsx

#: Rental days as one would write them by hand for one MAP with the supplier release, as the owner.
HAND_WRITTEN = """
SELECT device_id, mpxn, map_id, supplier_id, min(start), max(stop) - 1, sum(stop - start) FROM (
    SELECT device_id, mpxn, map_id, supplier_id, greatest(from_day, installed_on, DATE '{start}') AS start,
           least(to_day, removed_on, DATE '{end}') AS stop
    FROM inventory_assetperiod
    WHERE map_org_id = {organisation} AND from_day < '{end}' AND to_day > '{start}' AND installed_on < '{end}'
      AND device_type IN ('ESME', 'GSME')
) s WHERE start < stop GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""


def lines(viewer: Viewer, runs: int) -> Iterator[str]:
    """One line for rental days, one for a ledger that claims them, every twentieth line with other days."""
    load = current_load()
    period = last_month(load.day)
    with tempfile.TemporaryDirectory() as folder:
        ours, floor, ledger = (Path(folder) / name for name in ("ours.csv", "floor.csv", "ledger.csv"))
        measured = paired(
            partial(_write, viewer, period, ours), partial(_by_hand, viewer, period, floor), runs
        )
        rows = _as_ledger(ours, ledger)
        yield (
            f"Rental days {viewer.organisation}, {period}: {rows:,} rows in {measured.ours:.2f} s (target 5 for "
            f"500,000), psql \\copy of plain SQL {measured.floor:.2f} s, ratio {measured.ratio:.2f}"
        )
        before = peak_megabytes()
        taken = seconds(lambda: _reconcile(viewer, period, ledger))
        yield (
            f"Reconcile {viewer.organisation}: {rows:,} lines to a workbook in {taken:.1f} s, "
            f"{rows / taken:,.0f} lines/s (target 8,333: 500,000 in 60 s); memory "
            f"+{max(0.0, peak_megabytes() - before):.0f} MB"
        )


def _write(viewer: Viewer, period: Period, path: Path) -> None:
    with path.open("wb") as file:
        for chunk in rental.listing(viewer, period).stream("csv", "machine").chunks:
            file.write(chunk)


def _by_hand(viewer: Viewer, period: Period, path: Path) -> None:
    query = " ".join(
        HAND_WRITTEN.format(start=period.start, end=period.end, organisation=viewer.organisation_id).split()
    )
    run_psql("owner", f"\\copy ({query}) TO '{path}' (FORMAT csv, HEADER)\n")


def _as_ledger(days: Path, ledger: Path) -> int:
    """A ledger that claims these days; every twentieth line one day more. Returns its lines."""
    count = 0
    with days.open() as source, ledger.open("w") as target:
        target.write(source.readline())
        for count, line in enumerate(source, start=1):
            head, _, number = line.rpartition(",")
            target.write(f"{head},{int(number) + 1}\n" if count % 20 == 0 else line)
    return count


def _reconcile(viewer: Viewer, period: Period, ledger: Path) -> None:
    outcome = reconcile(viewer, ledger, period, Options(), _quietly)
    try:
        with tempfile.TemporaryFile() as file:
            for chunk in xlsx(outcome, Tally()):
                file.write(chunk)
    finally:
        outcome.spool.close()


def _quietly(_step: Step) -> None:
    """Progress that nobody reads."""
