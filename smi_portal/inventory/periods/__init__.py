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

from smi_portal.inventory.hands import Hands, OneHand, Task
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
    parts,
    touched,
    viewers,
)

Progress = Callable[[str], None]

#: For what the caller's own connection does. `{}`: LOCAL, or nothing outside a transaction.
PLANNING = (
    "SET {0} work_mem = '256MB'; SET {0} jit = off; SET {0} min_parallel_table_scan_size = '1MB';"
    " SET {0} parallel_setup_cost = 200; SET {0} parallel_tuple_cost = 0.01;"
    f" SET {{0}} max_parallel_workers_per_gather = {parts.WORKERS}"
)


def rebuild(
    cursor: Any,
    everything: bool,
    progress: Progress,
    implementation: date | None = None,
    hands: Hands | None = None,
    late: Callable[[], list[Task]] = list,
) -> None:
    """Rebuild every period table inside the caller's transaction.

    `everything` false: only what the temporary tables `touched_device`, `touched_mpxn`, `touched_mpid`,
    `touched_cpl`, `touched_request` and `touched_organisation` reach (made by the load). `implementation`: the
    backfill's implementation date, by default the site's setting. The caller holds the load's lock.

    `hands`: who does it, by default the cursor alone. Several commit as they go, outside any transaction: then no
    extract is served, and certificates and schedules are not written yet. `late` gives the tasks that write them, with
    what `viewers.LATE` names, once that is known. The scratch tables stay.
    """
    starts = implementation or settings.SMI_IMPLEMENTATION_DATE
    hands = hands or OneHand(cursor)
    # Scratch tables are unlogged and not temporary, which PostgreSQL's parallel workers could not read. Nobody
    # sees them: they are dropped before the commit, or stand in a schema that is the owner's alone.
    cursor.execute(PLANNING.format("" if hands.several else "LOCAL"))
    stages: list[tuple[str, Callable[[], None]]] = [
        ("who owns which MPID when", lambda: owners.build(cursor)),
        ("devices to rebuild", lambda: touched.build(cursor, everything)),
        ("the backfill's counts taken back", lambda: backfill.take_back(cursor, everything, starts)),
        ("registrations and MAP IDs with their owners", lambda: owners.attach(cursor)),
        ("MPxNs of several meters", lambda: associations.prepare(cursor)),
        ("meters and their MPxN associations", lambda: meters.build(hands, progress, everything)),
        ("hub timelines", lambda: hubs.build(cursor, everything)),
        ("other devices", lambda: devices.build(hands, progress, everything)),
        ("Certified Products List", lambda: certified.refresh(cursor, everything)),
        ("hubs without devices, and indexes", lambda: _close(hands, everything, late)),
        ("MPxN associations of other devices", lambda: associations.of_others(hands, progress, everything)),
        ("the backfill's counts", lambda: backfill.count(cursor, everything, starts)),
    ]
    hubs.prepare(cursor)
    empty_hubs.prepare(cursor)
    if hands.several:
        viewers.prepare(cursor)
    for number, (name, stage) in enumerate(stages, start=1):
        progress(f"periods {number}/{len(stages)}: {name}")
        stage()
    if not hands.several:
        cursor.execute("DROP TABLE IF EXISTS " + ", ".join(SCRATCH))


def _close(hands: Hands, everything: bool, late: Callable[[], list[Task]]) -> None:
    """The indexes of what is complete, beside what remains to be written; the longest first."""
    assets, empty, *others = touched.TABLES
    indexes_of_empty = indexes.tasks(hands.cursor, [empty])

    def hubs_without_devices(cursor: Any) -> None:
        empty_hubs.build(cursor, everything)
        for task in indexes_of_empty:
            task(cursor)

    if hands.several:
        viewers.finish(hands.cursor)
    of_others = indexes.tasks(hands.cursor, [*others, backfill.TABLE])
    # Every page's first reader marks its rows as committed, and the page is written again. Better the one that also marks
    # it as visible to everyone, than the first index.
    hands.share([*late(), hubs_without_devices, *of_others], vacuumed=[assets])
    hands.share(indexes.tasks(hands.cursor, [assets]))
    indexes.put_keys_back(hands.cursor)


#: Scratch tables of one rebuild; dropped at its end so that a transaction may rebuild twice (tests do).
SCRATCH = (
    *owners.SCRATCH,
    *touched.SCRATCH,
    *hubs.SCRATCH,
    *indexes.SCRATCH,
    *empty_hubs.SCRATCH,
    *associations.SCRATCH,
)
