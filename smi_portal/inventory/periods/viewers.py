"""Who may read a device's certificates and schedules at all; the exact days are then asset_period's to say."""

from __future__ import annotations

from typing import Any, Final

#: Most devices are in sight for good, so their certificates share one list; only the others are worked out one by one.
#: A certificate issued on or after the end of an organisation's last visible run is none of its business.
#: `{c}`: the certificate's alias; `v`: its device's row of SEEN.
OF_CERTIFICATE: Final = """
CASE WHEN {c}.issued_on < v.first_end THEN v.viewer_ids
     ELSE ARRAY(SELECT DISTINCT s.org_id FROM sight s
                WHERE s.device_id = {c}.device_id AND s.run_to > {c}.issued_on ORDER BY s.org_id) END
"""

#: `{sight}`: where the runs are.
SEEN: Final = """
SELECT device_id, array_agg(DISTINCT org_id ORDER BY org_id) AS viewer_ids, min(run_to) AS first_end
FROM {sight} GROUP BY device_id
"""

#: A schedule's owner always; the device's MAPs on days while it is in force (end_date is inclusive).
#: `{c}`: the schedule's alias; `{owner}`: its owner's id.
OF_SCHEDULE: Final = """
ARRAY(SELECT ({owner})::integer WHERE {owner} IS NOT NULL
      UNION SELECT s.org_id FROM sight s
      WHERE s.device_id = {c}.device_id AND s.is_map AND s.run_to > {c}.start_date
        AND ({c}.end_date IS NULL OR s.run_from <= {c}.end_date)
      ORDER BY 1)
"""

CERTIFICATES = f"""
UPDATE inventory_certificate c SET viewer_ids = now.viewer_ids
FROM (
    SELECT c.device_id, c.certificate_serial, {OF_CERTIFICATE.format(c="c")} AS viewer_ids
    FROM inventory_certificate c
    JOIN part_device r USING (device_id)
    LEFT JOIN ({SEEN.format(sight="sight")}) v USING (device_id)
    WHERE c.device_id BETWEEN %(first)s AND %(last)s
) now
WHERE c.device_id = now.device_id AND c.certificate_serial = now.certificate_serial
  AND c.viewer_ids IS DISTINCT FROM now.viewer_ids
"""

SCHEDULES = f"""
UPDATE inventory_schedule c
SET viewer_ids = v.viewer_ids, device_type = v.device_type, device_from = v.pre_notified_on
FROM (
    SELECT c.schedule_id, r.device_type, r.pre_notified_on,
           {OF_SCHEDULE.format(c="c", owner="c.owner_id")} AS viewer_ids
    FROM inventory_schedule c
    JOIN part_device r USING (device_id)
    WHERE c.device_id BETWEEN %(first)s AND %(last)s
) v
WHERE c.schedule_id = v.schedule_id
  AND (c.viewer_ids, c.device_type, c.device_from) IS DISTINCT FROM (v.viewer_ids, v.device_type, v.pre_notified_on)
"""

SIGHT = """
SELECT device_id, org_id, run_from, run_to, true AS is_map FROM {name}_map_run
UNION ALL SELECT device_id, org_id, run_from, run_to, false FROM {name}_supplier_run
"""

#: Where the rows themselves come last, already with their viewers: of all parts.
COLLECTED = """
CREATE UNLOGGED TABLE sight (
    device_id text COLLATE "C", org_id integer, run_from date, run_to date, is_map boolean);
CREATE UNLOGGED TABLE seen (device_id text COLLATE "C", viewer_ids integer[], first_end date)
"""

#: Table of the extract → what its rows (alias n; organisation o) get from here, and the joins that it takes.
LATE: Final = {
    "certificates": (
        {"viewer_ids": OF_CERTIFICATE.format(c="n")},
        " LEFT JOIN seen v ON v.device_id = n.device_id",
    ),
    "schedules": (
        {
            "viewer_ids": OF_SCHEDULE.format(c="n", owner="o.id"),
            "device_type": "r.device_type",
            "device_from": "r.pre_notified_on",
        },
        " LEFT JOIN rebuild_device r ON r.device_id = n.device_id",
    ),
}


def prepare(cursor: Any) -> None:
    """Make the list that `write(late=True)` fills, and what follows from it."""
    cursor.execute(COLLECTED)


def write(cursor: Any, name: str, late: bool) -> None:
    """Set `viewer_ids` of the certificates and schedules of one part of devices.

    `late`: they are not written yet, so what decides it is kept in `sight` and `seen`; `finish` then, and LATE.
    """
    if late:
        runs = SIGHT.format(name=name)
        cursor.execute(f"INSERT INTO sight {runs}")
        cursor.execute(f"INSERT INTO seen {SEEN.format(sight=f'({runs}) runs')}")
        return
    cursor.execute(f"CREATE UNLOGGED TABLE sight AS {SIGHT.format(name=name)}")
    cursor.execute("CREATE INDEX ON sight (device_id); ANALYZE sight")
    cursor.execute("SELECT min(device_id), max(device_id) FROM part_device")
    first, last = cursor.fetchone()
    # The range says nothing new, but lets the planner read one stretch of each table's key.
    cursor.execute(CERTIFICATES, {"first": first, "last": last})
    cursor.execute(SCHEDULES, {"first": first, "last": last})
    cursor.execute("DROP TABLE sight")


def finish(cursor: Any) -> None:
    """Make ready what LATE joins."""
    cursor.execute("CREATE INDEX ON sight (device_id); ANALYZE sight; ANALYZE seen")
