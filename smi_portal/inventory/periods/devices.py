"""Devices that are no meters: status, firmware and hub on each day, seen through their hub's meters."""

from __future__ import annotations

from typing import Any

from smi_portal.inventory.periods import lanes

SCRATCH = ("device_stay", "device_cut", *lanes.scratch("device"))

#: A device's stays on hubs; a hub stays on itself for ever.
STAYS = """
CREATE TEMP TABLE device_stay ON COMMIT DROP AS
SELECT l.device_id, l.chf_device_id AS hub_id, l.effective_from AS from_day,
       coalesce(l.effective_to, 'infinity'::date) AS to_day
FROM inventory_hublink l JOIN rebuild_device d USING (device_id)
WHERE NOT d.is_meter AND d.device_type <> 'CHF'
UNION ALL
SELECT device_id, device_id, pre_notified_on, 'infinity' FROM rebuild_device WHERE device_type = 'CHF'
"""

CUTS = """
CREATE TEMP TABLE device_cut ON COMMIT DROP AS
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
        UNION ALL SELECT device_id, from_day FROM device_stay
        UNION ALL SELECT device_id, to_day FROM device_stay
        UNION ALL SELECT s.device_id, edge.day FROM device_stay s JOIN hub_timeline t USING (hub_id)
                  CROSS JOIN LATERAL (VALUES (t.from_day), (t.to_day)) edge (day)
                  WHERE edge.day > s.from_day AND edge.day < s.to_day
    ) fact USING (device_id)
    WHERE NOT d.is_meter AND fact.day > d.pre_notified_on AND fact.day < 'infinity'
    UNION
    SELECT device_id, pre_notified_on FROM rebuild_device WHERE NOT is_meter AND device_type IS NOT NULL
) edge
"""

STATE = """
CREATE TEMP TABLE device_state ON COMMIT DROP AS
SELECT c.device_id, c.from_day, c.to_day,
    st.status, st.effective_from AS status_from,
    fw.firmware_version, fw.effective_from AS firmware_from,
    stay.hub_id,
    NULL::text AS mpxn, NULL::text AS supplier_id, NULL::date AS supplier_from, NULL::date AS supplier_to,
    NULL::text AS map_id, NULL::date AS map_from, NULL::date AS map_to,
    '{}'::integer[] AS map_orgs,
    CASE WHEN t.registered OR d.pre_notifier IS NULL OR d.pre_notifier = ANY (coalesce(t.orgs, '{}'))
         THEN coalesce(t.orgs, '{}')
         ELSE coalesce(t.orgs, '{}') || d.pre_notifier::integer END AS supplier_orgs
FROM device_cut c
JOIN rebuild_device d USING (device_id)
LEFT JOIN inventory_devicestatus st ON st.device_id = c.device_id AND st.effective_from <= c.from_day
    AND (st.effective_to IS NULL OR st.effective_to > c.from_day)
LEFT JOIN inventory_devicefirmware fw ON fw.device_id = c.device_id AND fw.effective_from <= c.from_day
    AND (fw.effective_to IS NULL OR fw.effective_to > c.from_day)
LEFT JOIN device_stay stay ON stay.device_id = c.device_id
    AND stay.from_day <= c.from_day AND stay.to_day > c.from_day
LEFT JOIN hub_timeline t ON t.hub_id = stay.hub_id AND t.from_day <= c.from_day AND t.to_day > c.from_day
"""


def build(cursor: Any) -> None:
    """Write the asset periods of the other devices to rebuild."""
    cursor.execute(STAYS)
    cursor.execute("ANALYZE device_stay")
    cursor.execute(CUTS)
    cursor.execute("ANALYZE device_cut")
    cursor.execute(STATE)
    lanes.insert(cursor, "device")
