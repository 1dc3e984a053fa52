"""Meters (ESME, GSME): status, firmware, hub, import MPxN, supplier and MAP on each day, and who sees them."""

from __future__ import annotations

from typing import Any

from smi_portal.inventory.periods import lanes

SCRATCH = ("meter_cut", *lanes.scratch("meter"))

#: Every day on which something about the meter may change, its existence first.
CUTS = """
CREATE TEMP TABLE meter_cut ON COMMIT DROP AS
SELECT device_id, day AS from_day,
       coalesce(lead(day) OVER (PARTITION BY device_id ORDER BY day), 'infinity'::date) AS to_day
FROM (
    SELECT d.device_id, fact.day
    FROM rebuild_device d
    JOIN (
        SELECT device_id, effective_from AS day FROM inventory_devicestatus
        UNION ALL SELECT device_id, effective_to FROM inventory_devicestatus WHERE effective_to IS NOT NULL
        UNION ALL SELECT device_id, effective_from FROM inventory_devicefirmware
        UNION ALL SELECT device_id, effective_to FROM inventory_devicefirmware WHERE effective_to IS NOT NULL
        UNION ALL SELECT device_id, effective_from FROM inventory_hublink
        UNION ALL SELECT device_id, effective_to FROM inventory_hublink WHERE effective_to IS NOT NULL
        UNION ALL SELECT device_id, effective_from FROM inventory_devicempxn WHERE kind = 'IMPORT'
        UNION ALL SELECT device_id, effective_to FROM inventory_devicempxn
                  WHERE kind = 'IMPORT' AND effective_to IS NOT NULL
        UNION ALL SELECT m.device_id, edge.day FROM inventory_devicempxn m JOIN owned_registration r USING (mpxn)
                  CROSS JOIN LATERAL (VALUES (r.from_day), (r.to_day)) edge (day) WHERE m.kind = 'IMPORT'
        UNION ALL SELECT device_id, from_day FROM owned_assignment
        UNION ALL SELECT device_id, to_day FROM owned_assignment
    ) fact USING (device_id)
    WHERE d.is_meter AND fact.day > d.pre_notified_on AND fact.day < 'infinity'
    UNION
    SELECT device_id, pre_notified_on FROM rebuild_device WHERE is_meter
) edge
"""

#: Several import MPxNs at once: the one that began last, then the smallest (reports: term "Meter").
STATE = """
CREATE TEMP TABLE meter_state ON COMMIT DROP AS
SELECT DISTINCT ON (c.device_id, c.from_day)
    c.device_id, c.from_day, c.to_day,
    st.status, st.effective_from AS status_from,
    fw.firmware_version, fw.effective_from AS firmware_from,
    hub.chf_device_id AS hub_id,
    mx.mpxn, reg.supplier_id, reg.supplier_from, reg.supplier_to,
    map.map_id, map.map_from, map.map_to,
    coalesce(map.orgs, '{}') AS map_orgs,
    CASE WHEN reg.supplier_id IS NOT NULL THEN reg.orgs
         WHEN d.pre_notifier IS NOT NULL THEN ARRAY[d.pre_notifier::integer]
         ELSE '{}' END AS supplier_orgs
FROM meter_cut c
JOIN rebuild_device d USING (device_id)
LEFT JOIN inventory_devicestatus st ON st.device_id = c.device_id AND st.effective_from <= c.from_day
    AND (st.effective_to IS NULL OR st.effective_to > c.from_day)
LEFT JOIN inventory_devicefirmware fw ON fw.device_id = c.device_id AND fw.effective_from <= c.from_day
    AND (fw.effective_to IS NULL OR fw.effective_to > c.from_day)
LEFT JOIN inventory_hublink hub ON hub.device_id = c.device_id AND hub.effective_from <= c.from_day
    AND (hub.effective_to IS NULL OR hub.effective_to > c.from_day)
LEFT JOIN inventory_devicempxn mx ON mx.device_id = c.device_id AND mx.kind = 'IMPORT'
    AND mx.effective_from <= c.from_day AND (mx.effective_to IS NULL OR mx.effective_to > c.from_day)
LEFT JOIN owned_registration reg ON reg.mpxn = mx.mpxn AND reg.from_day <= c.from_day AND reg.to_day > c.from_day
LEFT JOIN owned_assignment map ON map.device_id = c.device_id
    AND map.from_day <= c.from_day AND map.to_day > c.from_day
ORDER BY c.device_id, c.from_day, mx.effective_from DESC, mx.mpxn
"""


def build(cursor: Any) -> None:
    """Write the asset periods of the meters to rebuild."""
    cursor.execute(CUTS)
    cursor.execute("ANALYZE meter_cut")
    cursor.execute(STATE)
    lanes.insert(cursor, "meter")
