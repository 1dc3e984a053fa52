"""Which devices a load reaches: its own rows, and all that is seen through them.

A registration reaches the meters of its MPxN; an MDD entry those of its MPID; a meter reaches its hubs (past
and present) and every other device linked to them, since a supplier sees those through its meter.
"""

from __future__ import annotations

from typing import Any

from smi_portal.inventory import changes
from smi_portal.inventory.periods import indexes, parts

SCRATCH = ("rebuild_device", "rebuild_association")
REACHED = ("reached_directly", "reached_hub", "reached")

METER_TYPES = "('ESME', 'GSME')"

EVERYTHING = f"""
CREATE UNLOGGED TABLE rebuild_device AS
SELECT d.device_id, d.device_type, d.device_type IN {METER_TYPES} AS is_meter, d.pre_notified_on,
       o.id AS pre_notifier
FROM inventory_device d LEFT JOIN inventory_organisation o ON o.organisation = d.pre_notified_by AND o.in_extract
"""

#: Old periods count as well as new facts: a meter that left a hub changes who sees that hub. Step by step, each with its
#: statistics: of all in one statement PostgreSQL expects a million devices, and reads whole tables for some thousands.
TOUCHED = (
    """
    CREATE UNLOGGED TABLE reached_directly AS
    SELECT device_id FROM touched_device
    UNION SELECT m.device_id FROM inventory_devicempxn m JOIN touched_mpxn USING (mpxn)
    UNION SELECT a.device_id FROM inventory_mapassignment a JOIN touched_mpid t ON t.mpid = a.map_id
    UNION SELECT m.device_id FROM inventory_devicempxn m JOIN inventory_registration r USING (mpxn)
          JOIN touched_mpid t ON t.mpid = r.supplier_mpid
    UNION SELECT d.device_id FROM inventory_device d JOIN touched_organisation t ON t.organisation = d.pre_notified_by
    """,
    """
    CREATE UNLOGGED TABLE reached_hub AS
    SELECT chf_device_id AS device_id FROM inventory_hublink JOIN reached_directly USING (device_id)
    UNION SELECT hub_id FROM inventory_assetperiod JOIN reached_directly USING (device_id) WHERE hub_id IS NOT NULL
    UNION SELECT device_id FROM reached_directly
    """,
    """
    CREATE UNLOGGED TABLE reached AS
    SELECT l.device_id FROM inventory_hublink l JOIN reached_hub hub ON hub.device_id = l.chf_device_id
    UNION SELECT device_id FROM reached_hub
    """,
    f"""
    CREATE UNLOGGED TABLE rebuild_device AS
    SELECT reached.device_id, d.device_type, coalesce(d.device_type IN {METER_TYPES}, false) AS is_meter,
           d.pre_notified_on, o.id AS pre_notifier
    FROM reached LEFT JOIN inventory_device d USING (device_id)
    LEFT JOIN inventory_organisation o ON o.organisation = d.pre_notified_by AND o.in_extract
    """,
)

#: A duplicate MPxN is a finding on *both* meters, so associations of the same MPxN are rebuilt together.
ASSOCIATIONS = """
CREATE UNLOGGED TABLE rebuild_association AS
WITH mpxn AS (
    SELECT mpxn FROM inventory_devicempxn JOIN rebuild_device USING (device_id)
    UNION SELECT mpxn FROM inventory_associationperiod JOIN rebuild_device USING (device_id)
)
SELECT device_id FROM rebuild_device
UNION SELECT m.device_id FROM inventory_devicempxn m JOIN mpxn USING (mpxn)
"""


def build(cursor: Any, everything: bool) -> None:
    """Make `rebuild_device` (removed devices among them, without a type) and `rebuild_association`."""
    indexes.prepare(cursor)
    if everything:
        cursor.execute(EVERYTHING)
        cursor.execute(
            "CREATE UNLOGGED TABLE rebuild_association AS SELECT DISTINCT device_id FROM inventory_devicempxn"
        )
        changes.remember(cursor, everything)
        _forget_all(cursor)
    else:
        for statement, table in zip(TOUCHED, (*REACHED, "rebuild_device"), strict=True):
            cursor.execute(statement)
            parts.analyze_few(cursor, table)
        cursor.execute(f"DROP TABLE {', '.join(REACHED)}")
        cursor.execute("ALTER TABLE rebuild_device ADD PRIMARY KEY (device_id)")
        cursor.execute(ASSOCIATIONS)
        _add_neighbours(cursor)
        changes.remember(cursor, everything)
        # The periods of those that remain are compared with what is cut anew, and only what differs is written.
        cursor.execute(
            "DELETE FROM inventory_assetperiod p USING rebuild_device r"
            " WHERE r.device_id = p.device_id AND r.device_type IS NULL"
        )
    cursor.execute(
        "CREATE INDEX ON rebuild_device (device_id); ANALYZE rebuild_device; ANALYZE rebuild_association"
    )


#: Emptied when everything is cut anew. (`backfill` takes back its own rows, since its daily steps are sums over them.)
TABLES = ("inventory_assetperiod", "inventory_emptyhubperiod", "inventory_associationperiod")


def _forget_all(cursor: Any) -> None:
    for table in TABLES:
        indexes.empty(cursor, table)


def _add_neighbours(cursor: Any) -> None:
    """Devices that share an MPxN need their registrations attached too, though their periods stay."""
    cursor.execute("ALTER TABLE rebuild_association ADD PRIMARY KEY (device_id)")
