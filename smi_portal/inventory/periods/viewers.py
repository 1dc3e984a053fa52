"""Who may read a device's certificates and schedules at all; the exact days are then asset_period's to say."""

from __future__ import annotations

from typing import Any

#: Most devices are in sight for good, so their certificates share one list; only the others are worked out one by one.
#: A certificate issued on or after the end of an organisation's last visible run is none of its business.
CERTIFICATES = """
UPDATE inventory_certificate c SET viewer_ids = now.viewer_ids
FROM (
    SELECT c.device_id, c.certificate_serial,
           CASE WHEN c.issued_on < v.first_end THEN v.viewer_ids
           ELSE ARRAY(SELECT DISTINCT s.org_id FROM sight s
                      WHERE s.device_id = c.device_id AND s.run_to > c.issued_on ORDER BY s.org_id) END AS viewer_ids
    FROM inventory_certificate c
    JOIN part_device r USING (device_id)
    LEFT JOIN (
        SELECT device_id, array_agg(DISTINCT org_id ORDER BY org_id) AS viewer_ids, min(run_to) AS first_end
        FROM sight GROUP BY device_id
    ) v USING (device_id)
    WHERE c.device_id BETWEEN %(first)s AND %(last)s
) now
WHERE c.device_id = now.device_id AND c.certificate_serial = now.certificate_serial
  AND c.viewer_ids IS DISTINCT FROM now.viewer_ids
"""

#: A schedule's owner always; the device's MAPs on days while it is in force (end_date is inclusive).
SCHEDULES = """
UPDATE inventory_schedule c
SET viewer_ids = v.viewer_ids, device_type = v.device_type, device_from = v.pre_notified_on
FROM (
    SELECT c.schedule_id, r.device_type, r.pre_notified_on,
           array_remove(array_agg(DISTINCT x.id ORDER BY x.id), NULL) AS viewer_ids
    FROM inventory_schedule c
    JOIN part_device r USING (device_id)
    LEFT JOIN sight s ON s.device_id = c.device_id AND s.is_map AND s.run_to > c.start_date
        AND (c.end_date IS NULL OR s.run_from <= c.end_date)
    CROSS JOIN LATERAL (VALUES (c.owner_id), (s.org_id)) x (id)
    WHERE c.device_id BETWEEN %(first)s AND %(last)s
    GROUP BY 1, 2, 3
) v
WHERE c.schedule_id = v.schedule_id
  AND (c.viewer_ids, c.device_type, c.device_from) IS DISTINCT FROM (v.viewer_ids, v.device_type, v.pre_notified_on)
"""

SIGHT = """
CREATE UNLOGGED TABLE sight AS
SELECT device_id, org_id, run_from, run_to, true AS is_map FROM {name}_map_run
UNION ALL SELECT device_id, org_id, run_from, run_to, false FROM {name}_supplier_run
"""


def write(cursor: Any, name: str) -> None:
    """Set `viewer_ids` of the certificates and schedules of one part of devices."""
    cursor.execute(SIGHT.format(name=name))
    cursor.execute("CREATE INDEX ON sight (device_id); ANALYZE sight")
    cursor.execute("SELECT min(device_id), max(device_id) FROM part_device")
    first, last = cursor.fetchone()
    # The range says nothing new, but lets the planner read one stretch of each table's key.
    cursor.execute(CERTIFICATES, {"first": first, "last": last})
    cursor.execute(SCHEDULES, {"first": first, "last": last})
    cursor.execute("DROP TABLE sight")
