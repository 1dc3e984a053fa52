"""Devices that are no meters: status, firmware and hub on each day, seen through their hub's meters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smi_portal.inventory.hands import Hands
from smi_portal.inventory.periods import empty_hubs, lanes, parts, viewers

#: A device's stays on hubs; a hub stays on itself for ever.
STAYS = """
CREATE UNLOGGED TABLE device_stay AS
SELECT l.device_id, l.chf_device_id AS hub_id, l.effective_from AS from_day, l.effective_to AS to_day
FROM part_link l JOIN part_device d USING (device_id)
WHERE d.device_type <> 'CHF'
UNION ALL
SELECT device_id, device_id, pre_notified_on, 'infinity' FROM part_device WHERE device_type = 'CHF'
"""

TIMELINE = """
CREATE UNLOGGED TABLE part_timeline AS
SELECT t.* FROM (SELECT DISTINCT hub_id FROM device_stay) s JOIN hub_timeline t USING (hub_id)
"""

CUTS = """
CREATE UNLOGGED TABLE device_cut AS
SELECT device_id, day AS from_day,
       coalesce(lead(day) OVER (PARTITION BY device_id ORDER BY day), 'infinity'::date) AS to_day
FROM (
    SELECT d.device_id, fact.day
    FROM part_device d
    JOIN (
        SELECT device_id, effective_from AS day FROM part_status
        UNION ALL SELECT device_id, effective_to FROM part_status
        UNION ALL SELECT device_id, effective_from FROM part_firmware
        UNION ALL SELECT device_id, effective_to FROM part_firmware
        UNION ALL SELECT device_id, from_day FROM device_stay
        UNION ALL SELECT device_id, to_day FROM device_stay
        UNION ALL SELECT s.device_id, edge.day FROM device_stay s JOIN part_timeline t USING (hub_id)
                  CROSS JOIN LATERAL (VALUES (t.from_day), (t.to_day)) edge (day)
                  WHERE edge.day > s.from_day AND edge.day < s.to_day
    ) fact USING (device_id)
    WHERE fact.day > d.pre_notified_on AND fact.day < 'infinity'
    UNION
    SELECT device_id, pre_notified_on FROM part_device
) edge
"""

STATE = """
CREATE UNLOGGED TABLE device_state AS
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
JOIN part_device d USING (device_id)
LEFT JOIN part_status st ON st.device_id = c.device_id
    AND st.effective_from <= c.from_day AND st.effective_to > c.from_day
LEFT JOIN part_firmware fw ON fw.device_id = c.device_id
    AND fw.effective_from <= c.from_day AND fw.effective_to > c.from_day
LEFT JOIN device_stay stay ON stay.device_id = c.device_id
    AND stay.from_day <= c.from_day AND stay.to_day > c.from_day
LEFT JOIN part_timeline t ON t.hub_id = stay.hub_id AND t.from_day <= c.from_day AND t.to_day > c.from_day
"""


def build(hands: Hands, progress: Callable[[str], None], anew: bool) -> None:
    """Write the asset periods of the other devices to rebuild; a removed device (no type) has none."""

    def part(cursor: Any) -> None:
        for statement, table in ((STAYS, "device_stay"), (TIMELINE, "part_timeline"), (CUTS, "device_cut")):
            cursor.execute(statement)
            cursor.execute(f"ANALYZE {table}")
        cursor.execute(STATE)
        lanes.prepare(cursor, "device")
        empty_hubs.collect(cursor)
        viewers.write(cursor, "device", late=hands.several)
        lanes.insert(cursor, "device", anew)
        cursor.execute(
            "DROP TABLE device_stay, part_timeline, device_cut, " + ", ".join(lanes.scratch("device"))
        )

    parts.each(
        hands,
        part,
        "NOT d.is_meter AND d.device_type IS NOT NULL",
        said=lambda n, of: progress(f"  other devices: part {n} of {of}"),
    )
