"""Cuts the facts into the periods that reports read, for the devices that a load touched.

One road serves a first load of everything and a delta of a few rows: each stage is set-based SQL over
`rebuild_device`. The order matters: meters, then their hubs' timelines, then the other devices (which are
seen through the meters of their hub), then what is derived from all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings

from smi_portal.inventory.periods import (
    associations,
    backfill,
    certified,
    devices,
    empty_hubs,
    hubs,
    indexes,
    meters,
    owners,
    touched,
)

Progress = Callable[[str], None]


def rebuild(
    cursor: Any,
    everything: bool,
    progress: Progress,
    implementation: date | None = None,
) -> None:
    """Rebuild every period table inside the caller's transaction.

    `everything` false: only what the temporary tables `touched_device`, `touched_mpxn`, `touched_mpid`,
    `touched_cpl`, `touched_request` and `touched_organisation` reach (made by the load). `implementation`: the
    backfill's implementation date, by default the site's setting. The caller holds the load's lock.
    """
    starts = implementation or settings.SMI_IMPLEMENTATION_DATE
    # Scratch tables are unlogged and not temporary, which PostgreSQL's parallel workers could not read. Nobody
    # sees them: they are dropped before the commit.
    cursor.execute(
        "SET LOCAL work_mem = '256MB'; SET LOCAL jit = off; SET LOCAL min_parallel_table_scan_size = '1MB';"
        " SET LOCAL parallel_setup_cost = 200; SET LOCAL parallel_tuple_cost = 0.01"
    )
    stages: list[tuple[str, Callable[[], None]]] = [
        ("who owns which MPID when", lambda: owners.build(cursor)),
        ("devices to rebuild", lambda: touched.build(cursor, everything)),
        ("the backfill's counts taken back", lambda: backfill.take_back(cursor, everything, starts)),
        ("registrations and MAP IDs with their owners", lambda: owners.attach(cursor)),
        ("MPxNs of several meters", lambda: associations.prepare(cursor)),
        ("meters and their MPxN associations", lambda: meters.build(cursor, progress)),
        ("hub timelines", lambda: hubs.build(cursor, everything)),
        ("other devices", lambda: devices.build(cursor, progress)),
        ("Certified Products List", lambda: certified.refresh(cursor, everything)),
        ("hubs without devices", lambda: empty_hubs.build(cursor)),
        ("MPxN associations of other devices", lambda: associations.of_others(cursor, progress)),
        ("indexes", lambda: indexes.put_back(cursor)),
        ("the backfill's counts", lambda: backfill.count(cursor, everything, starts)),
    ]
    hubs.prepare(cursor)
    empty_hubs.prepare(cursor)
    for number, (name, stage) in enumerate(stages, start=1):
        progress(f"periods {number}/{len(stages)}: {name}")
        stage()
    cursor.execute("DROP TABLE IF EXISTS " + ", ".join(SCRATCH))


#: Scratch tables of one rebuild; dropped at its end so that a transaction may rebuild twice (tests do).
SCRATCH = (
    *owners.SCRATCH,
    *touched.SCRATCH,
    *hubs.SCRATCH,
    *indexes.SCRATCH,
    *empty_hubs.SCRATCH,
    *associations.SCRATCH,
)
