"""From the periods before and after a load to each reader's events, set-wise."""

from __future__ import annotations

from datetime import date
from typing import Any

from smi_portal.inventory.changes import statements

SCRATCH = (
    *("change_before", "change_scope", "change_after", "change_device", "change_old", "change_new"),
    *("change_overlay", "change_found"),
)


def record(cursor: Any, sequence: int, day: date, previous: date) -> int:
    """Write the events of the load that has just rebuilt its periods; how many there are, over all readers.

    `day` is the extract's day, `previous` that of the extract before: a change of days before `previous` corrects
    history. Call in the load's transaction, after `begin` and the rebuild; loads are one at a time, so that each
    reader's positions follow the order in which loads become visible.
    """
    given = {"sequence": sequence, "day": day, "previous": previous}
    cursor.execute("SELECT EXISTS (SELECT FROM change_scope WHERE device_id IS NULL)")
    cursor.execute(statements.after(everything=cursor.fetchone()[0]))
    cursor.execute("ANALYZE change_after")
    cursor.execute(statements.CHANGED)
    cursor.execute("ANALYZE change_device")
    for name, source in (("change_old", "change_before"), ("change_new", "change_after")):
        cursor.execute(statements.views(name, source))
        cursor.execute(f"ANALYZE {name}")
    cursor.execute(statements.OVERLAY)
    cursor.execute("CREATE INDEX ON change_overlay (device_id, audience, org_id); ANALYZE change_overlay")
    cursor.execute(statements.FOUND)
    cursor.execute(statements.ATTRIBUTES)
    cursor.execute(statements.INSERT, given)
    written = int(cursor.rowcount)
    cursor.execute(statements.STREAMS, given)
    cursor.execute("DROP TABLE " + ", ".join(SCRATCH))
    return written
