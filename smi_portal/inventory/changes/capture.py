"""Keeping the periods of the devices to be rebuilt as they were before the load."""

from __future__ import annotations

from typing import Any

METERS = "('ESME', 'GSME')"

#: What an event can tell of a meter; all else (its hub, its home) is no change of the portfolio.
COMPARED = (
    *("to_day", "map_org_id", "supplier_org_id", "device_type", "status", "firmware_version", "mpxn"),
    *("supplier_id", "map_id", "installed_on", "removed_on", "removal_reason"),
)
KEY = ("device_id", "lane", "from_day")
COLUMNS = ", ".join(f"a.{name}" for name in (*KEY, *COMPARED))


def begin(cursor: Any) -> None:
    """Ask the coming rebuild to remember: makes the empty tables that `remember` fills.

    `change_scope` lists the devices that are looked at again; one NULL in it stands for all.
    """
    cursor.execute(
        f"CREATE TEMP TABLE change_before ON COMMIT DROP AS SELECT {COLUMNS} FROM inventory_assetperiod a "
        "WITH NO DATA"
    )
    cursor.execute('CREATE TEMP TABLE change_scope (device_id text COLLATE "C") ON COMMIT DROP')


def remember(cursor: Any, everything: bool) -> None:
    """Copy the meters' periods that are about to be forgotten; nothing when nobody asked (`begin`).

    `everything` false: only of the devices in `rebuild_device`. The copy of everything is narrow, and needs no
    more than a scan; a delta's is found by key.
    """
    cursor.execute("SELECT to_regclass('pg_temp.change_before') IS NOT NULL")
    if not cursor.fetchone()[0]:
        return
    some = "" if everything else "JOIN rebuild_device r USING (device_id) "
    # Made anew, since PostgreSQL's workers help to make a table, but not to add to one.
    cursor.execute("DROP TABLE change_before")
    cursor.execute(
        f"CREATE TEMP TABLE change_before ON COMMIT DROP AS SELECT {COLUMNS} FROM inventory_assetperiod a {some}"
        f"WHERE a.device_type IN {METERS}"
    )
    if everything:
        cursor.execute("INSERT INTO change_scope VALUES (NULL)")
    else:
        cursor.execute(
            "INSERT INTO change_scope SELECT device_id FROM rebuild_device WHERE is_meter "
            "UNION SELECT device_id FROM change_before"
        )
    cursor.execute("ANALYZE change_before; ANALYZE change_scope")
