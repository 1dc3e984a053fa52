"""Fills the pre-flight's tables after each load, as the owner, inside the load's transaction."""

from __future__ import annotations

from typing import Any, Final

from smi_portal.inventory.loading.after import Loaded

#: Devices that are Pending on the day or later, and the meters of MAPs that are Users.
ADDED: Final = """
INSERT INTO preflight_addeddevice (device_id, user_org_id, device_type, pending_from, pending_to)
SELECT DISTINCT ON (d.device_id) d.device_id, o.id, d.device_type, s.effective_from, s.effective_to
FROM inventory_device d
JOIN inventory_organisation o ON o.organisation = d.pre_notified_by AND o.in_extract
LEFT JOIN inventory_devicestatus s ON s.device_id = d.device_id AND s.status = 'Pending'
    AND (s.effective_to IS NULL OR s.effective_to > %(day)s)
WHERE (s.device_id IS NOT NULL OR (d.device_type IN ('ESME', 'GSME') AND o.kind = 'MAP')) {only}
ORDER BY d.device_id, s.effective_from
"""

#: Registrations of MPxNs that no device has on the day or later, split where MDD gives their MPID to another.
SPARE: Final = """
SELECT mpxn, org_id AS supplier_org_id, from_day, max(to_day) AS to_day
FROM (
    SELECT r.mpxn, o.id AS org_id, greatest(r.effective_from, p.effective_from) AS from_day,
           least(coalesce(r.effective_to, 'infinity'), coalesce(p.effective_to, 'infinity')) AS to_day
    FROM inventory_registration r
    JOIN inventory_participant p ON p.mpid = r.supplier_mpid AND p.role = 'SUPPLIER'
    JOIN inventory_organisation o ON o.organisation = p.organisation AND o.in_extract
    WHERE (r.effective_to IS NULL OR r.effective_to > %(day)s)
      AND NOT EXISTS (SELECT FROM inventory_devicempxn m WHERE m.mpxn = r.mpxn
                      AND (m.effective_to IS NULL OR m.effective_to > %(day)s))
) held
WHERE to_day > from_day AND to_day > %(day)s
GROUP BY mpxn, org_id, from_day
"""

OTHERS: Final = """
SELECT DISTINCT m.device_id, m.kind, a.supplier_org_id
FROM inventory_devicempxn m
JOIN inventory_assetperiod a ON a.device_id = m.device_id AND a.supplier_org_id IS NOT NULL
    AND a.from_day <= %(day)s AND a.to_day > %(day)s
WHERE m.kind <> 'IMPORT' AND m.effective_from <= %(day)s AND (m.effective_to IS NULL OR m.effective_to > %(day)s)
  AND NOT EXISTS (
    SELECT FROM inventory_associationperiod s
    WHERE s.device_id = m.device_id AND s.kind = m.kind AND s.mpxn = m.mpxn
      AND s.supplier_org_id = a.supplier_org_id AND s.from_day <= %(day)s AND s.to_day > %(day)s)
"""


def collect(loaded: Loaded) -> None:
    """Bring the three tables up to the load. A delta's devices alone are looked at again; the rest is few rows."""
    cursor, day = loaded.cursor, {"day": loaded.load.day}
    only = "" if loaded.everything or _organisations_changed(loaded) else "touched_device"
    if only:
        cursor.execute(
            "DELETE FROM preflight_addeddevice p USING touched_device t WHERE t.device_id = p.device_id"
        )
        cursor.execute(ADDED.format(only="AND d.device_id IN (SELECT device_id FROM touched_device)"), day)
    else:
        cursor.execute("DELETE FROM preflight_addeddevice")
        cursor.execute(ADDED.format(only=""), day)
    cursor.execute(f"CREATE TEMP TABLE renewed ON COMMIT DROP AS {SPARE}", day)
    _renew(cursor, "preflight_sparepoint", "mpxn, supplier_org_id, from_day, to_day")
    cursor.execute(f"CREATE TEMP TABLE renewed ON COMMIT DROP AS {OTHERS}", day)
    _renew(cursor, "preflight_otherspoint", "device_id, kind, supplier_org_id")


def _renew(cursor: Any, table: str, columns: str) -> None:
    """Bring the table to what `renewed` holds: a table of its own, which PostgreSQL's workers help to fill."""
    cursor.execute("ANALYZE renewed")
    new, old = (f"SELECT {columns} FROM {name}" for name in ("renewed", table))
    cursor.execute(f"DELETE FROM {table} WHERE ({columns}) IN ({old} EXCEPT {new})")
    cursor.execute(f"INSERT INTO {table} ({columns}) {new} EXCEPT {old}")
    cursor.execute("DROP TABLE renewed")


def _organisations_changed(loaded: Loaded) -> bool:
    """Who added a device is an organisation: when one comes, goes or becomes a MAP, all is looked at."""
    if loaded.again:
        return True
    loaded.cursor.execute("SELECT EXISTS (SELECT FROM touched_organisation)")
    return bool(loaded.cursor.fetchone()[0])
