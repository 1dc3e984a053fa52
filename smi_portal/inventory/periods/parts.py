"""Works through the devices part by part: each part's facts fit in memory, whatever the size of the inventory.

A part is a run of Device IDs, so its facts lie together in every table's key. Its facts are gathered into small
temporary tables, which the stages read; a delta's few devices are one part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from smi_portal.inventory.hands import Hands, Task

#: Devices in one part.
SIZE = 60_000
#: Parallel workers of a statement, where the caller's own connection does the work. More than cores: they wait for the disk,
#: where the past of the reached devices lies all over the tables.
WORKERS = 4

PERIOD = "f.device_id, f.effective_from, coalesce(f.effective_to, 'infinity'::date) AS effective_to"

#: The facts of a part, by device; each with half-open, never NULL ends.
FACTS = {
    "part_status": f"SELECT {PERIOD}, f.status FROM inventory_devicestatus f",
    "part_firmware": f"SELECT {PERIOD}, f.firmware_version FROM inventory_devicefirmware f",
    "part_link": f"SELECT {PERIOD}, f.chf_device_id FROM inventory_hublink f",
    "part_mpxn": f"SELECT {PERIOD}, f.mpxn, f.kind FROM inventory_devicempxn f",
    "part_assignment": "SELECT f.* FROM owned_assignment f",
    "part_attributes": "SELECT f.* FROM inventory_device f",
}

REGISTRATION = """
CREATE UNLOGGED TABLE part_registration AS
SELECT r.* FROM (SELECT DISTINCT mpxn FROM part_mpxn) m JOIN owned_registration r USING (mpxn)
"""


def each(
    hands: Hands,
    work: Task,
    condition: str,
    source: str = "rebuild_device",
    facts: Sequence[str] = tuple(FACTS),
    said: Callable[[int, int], None] = lambda done, parts: None,
) -> None:
    """Make `part_device` and the facts of each part, and do `work` on them; `said` hears how many parts are done.

    `condition` chooses devices of `source` (alias d); `facts` says which tables are wanted, `part_mpxn` always.
    The tables of a part are gone when the same hand begins its next.
    """
    cursor = hands.cursor
    cursor.execute(
        f"CREATE UNLOGGED TABLE part_list AS SELECT d.*, "
        f"((row_number() OVER (ORDER BY d.device_id) - 1) / {SIZE})::integer AS part FROM {source} d WHERE {condition}"
    )
    cursor.execute("CREATE INDEX ON part_list (part); ANALYZE part_list")
    cursor.execute("SELECT coalesce(max(part) + 1, 0) FROM part_list")
    (parts,) = cursor.fetchone()
    done: list[int] = []

    def one(part: int, cursor: Any) -> None:
        cursor.execute("CREATE UNLOGGED TABLE part_device AS SELECT * FROM part_list WHERE part = %s", [part])
        analyze_few(cursor, "part_device")
        _gather(cursor, facts)
        work(cursor)
        cursor.execute("DROP TABLE part_device, part_registration, " + ", ".join(facts))
        done.append(part)
        if parts > 1:
            said(len(done), parts)

    hands.share(partial(one, part) for part in range(parts))
    cursor.execute("DROP TABLE part_list")


def analyze_few(cursor: Any, table: str) -> None:
    """Statistics of a table of devices, and workers however few they are: each leads to many pages elsewhere."""
    cursor.execute(f"ALTER TABLE {table} SET (parallel_workers = {WORKERS}); ANALYZE {table}")


def _gather(cursor: Any, facts: Sequence[str]) -> None:
    cursor.execute("SELECT min(device_id), max(device_id) FROM part_device")
    span = list(cursor.fetchone())
    for name in facts:
        # The range says nothing new, but lets the planner read one stretch of each table's key.
        cursor.execute(
            f"CREATE UNLOGGED TABLE {name} AS {FACTS[name]} JOIN part_device USING (device_id) "
            "WHERE f.device_id BETWEEN %s AND %s",
            span,
        )
        if (
            name != "part_attributes"
        ):  # only ever joined by its key, and wide: its statistics cost more than they tell
            cursor.execute(f"ANALYZE {name}")
    cursor.execute(REGISTRATION)
    cursor.execute("ANALYZE part_registration")
