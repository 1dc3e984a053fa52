"""Meters (ESME, GSME): status, firmware, hub, import MPxN, supplier and MAP on each day, and who sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smi_portal.inventory.hands import Hands
from smi_portal.inventory.periods import associations, backfill, hubs, lanes, parts, viewers

#: Every day on which something about the meter may change, its existence first.
CUTS = """
CREATE UNLOGGED TABLE meter_cut AS
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
        UNION ALL SELECT device_id, effective_from FROM part_link
        UNION ALL SELECT device_id, effective_to FROM part_link
        UNION ALL SELECT device_id, effective_from FROM part_mpxn WHERE kind = 'IMPORT'
        UNION ALL SELECT device_id, effective_to FROM part_mpxn WHERE kind = 'IMPORT'
        UNION ALL SELECT m.device_id, edge.day FROM part_mpxn m JOIN part_registration r USING (mpxn)
                  CROSS JOIN LATERAL (VALUES (r.from_day), (r.to_day)) edge (day)
                  WHERE m.kind = 'IMPORT' AND edge.day > m.effective_from AND edge.day < m.effective_to
        UNION ALL SELECT device_id, from_day FROM part_assignment
        UNION ALL SELECT device_id, to_day FROM part_assignment
    ) fact USING (device_id)
    WHERE fact.day > d.pre_notified_on AND fact.day < 'infinity'
    UNION
    SELECT device_id, pre_notified_on FROM part_device
) edge
"""

#: Several import MPxNs at once: the one that began last, then the smallest (reports: term "Meter").
STATE = """
CREATE UNLOGGED TABLE meter_state AS
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
JOIN part_device d USING (device_id)
LEFT JOIN part_status st ON st.device_id = c.device_id
    AND st.effective_from <= c.from_day AND st.effective_to > c.from_day
LEFT JOIN part_firmware fw ON fw.device_id = c.device_id
    AND fw.effective_from <= c.from_day AND fw.effective_to > c.from_day
LEFT JOIN part_link hub ON hub.device_id = c.device_id
    AND hub.effective_from <= c.from_day AND hub.effective_to > c.from_day
LEFT JOIN part_mpxn mx ON mx.device_id = c.device_id AND mx.kind = 'IMPORT'
    AND mx.effective_from <= c.from_day AND mx.effective_to > c.from_day
LEFT JOIN part_registration reg ON reg.mpxn = mx.mpxn AND reg.from_day <= c.from_day AND reg.to_day > c.from_day
LEFT JOIN part_assignment map ON map.device_id = c.device_id
    AND map.from_day <= c.from_day AND map.to_day > c.from_day
ORDER BY c.device_id, c.from_day, mx.effective_from DESC, mx.mpxn
"""


def build(hands: Hands, progress: Callable[[str], None], anew: bool) -> None:
    """Write the asset periods of the meters to rebuild, and all that follows from a meter alone."""

    def part(cursor: Any) -> None:
        cursor.execute(CUTS)
        cursor.execute("ANALYZE meter_cut")
        cursor.execute(STATE)
        lanes.prepare(cursor, "meter")
        hubs.collect(cursor)
        backfill.write_periods(cursor)
        viewers.write(cursor, "meter", late=hands.several)
        associations.of_meters(cursor, anew)
        lanes.insert(cursor, "meter", anew)
        cursor.execute("DROP TABLE meter_cut, " + ", ".join(lanes.scratch("meter")))

    parts.each(hands, part, "d.is_meter", said=lambda n, of: progress(f"  meters: part {n} of {of}"))
