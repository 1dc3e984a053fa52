"""The backfill's figures: each User's meters over time, and by how many its counts change each day.

Counts only leave here for SECAS. A figure at D is the sum of the steps up to D, so any past month can be
recomputed. Scope, populated and lost are defined in docs/data-dictionary.md (BKF_001, BKF_002).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from smi_portal.inventory.periods import indexes

TABLE = "inventory_backfillperiod"

#: Steps of the reached meters, with a sign: taken back before their periods change, added after.
STEPS = """
INSERT INTO inventory_backfillstep AS step (user_org_id, organisation, day, in_scope, populated, lost)
SELECT user_org_id, organisation, day, sum(s * n), sum(s * n * has_map::int), sum(s * n * lost::int)
FROM (
    SELECT p.user_org_id, p.organisation, edge.day, edge.s * {sign} AS s, (NOT p.closed)::int AS n, p.has_map,
           NOT p.has_map AND coalesce(p.last_map_end > %(implementation)s, false) AS lost
    FROM inventory_backfillperiod p {join}
    CROSS JOIN LATERAL (VALUES (p.from_day, 1), (p.to_day, -1)) edge (day, s)
    WHERE p.pre_notified_on < %(implementation)s AND edge.day < 'infinity'
) change
GROUP BY user_org_id, organisation, day
ON CONFLICT (user_org_id, day) DO UPDATE SET in_scope = step.in_scope + excluded.in_scope,
    populated = step.populated + excluded.populated, lost = step.lost + excluded.lost
"""

#: Steps of days on which nothing of the User's begins or ends any more. Others may be zero and stay: who has a
#: step is a User of the backfill.
STALE_STEPS = """
DELETE FROM inventory_backfillstep s
WHERE s.in_scope = 0 AND s.populated = 0 AND s.lost = 0
  AND NOT EXISTS (SELECT FROM inventory_backfillperiod p WHERE p.user_org_id = s.user_org_id
                  AND p.from_day = s.day AND p.pre_notified_on < %(implementation)s)
  AND NOT EXISTS (SELECT FROM inventory_backfillperiod p WHERE p.user_org_id = s.user_org_id
                  AND p.to_day = s.day AND p.pre_notified_on < %(implementation)s)
"""

PERIODS = """
INSERT INTO inventory_backfillperiod (
    device_id, from_day, to_day, user_org_id, organisation, device_type, pre_notified_on, closed, has_map, last_map_end)
WITH meter AS (
    SELECT p.device_id, p.from_day, p.to_day, d.device_type, d.pre_notified_on, d.pre_notifier::integer AS user_org_id,
           coalesce(p.status IN ('Decommissioned', 'Withdrawn'), false) AS closed, p.map_id IS NOT NULL AS has_map
    FROM meter_state p JOIN part_device d USING (device_id)
    WHERE d.pre_notifier IS NOT NULL
), fresh AS (
    SELECT *, (lag(closed) OVER w, lag(has_map) OVER w) IS DISTINCT FROM (closed, has_map) AS starts
    FROM meter WINDOW w AS (PARTITION BY device_id ORDER BY from_day)
), island AS (
    SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY device_id ORDER BY from_day) AS no FROM fresh
), period AS (
    SELECT device_id, min(from_day) AS from_day, max(to_day) AS to_day, user_org_id, device_type, pre_notified_on,
           closed, has_map
    FROM island GROUP BY device_id, no, user_org_id, device_type, pre_notified_on, closed, has_map
)
SELECT p.device_id, p.from_day, p.to_day, p.user_org_id, o.organisation, p.device_type, p.pre_notified_on, p.closed,
       p.has_map,
       CASE WHEN NOT p.has_map AND p.device_id IN (SELECT device_id FROM part_assignment WHERE map_to < 'infinity')
            THEN (SELECT max(a.effective_to) FROM inventory_mapassignment a
                  WHERE a.device_id = p.device_id AND a.effective_to <= p.from_day) END
FROM period p JOIN inventory_organisation o ON o.id = p.user_org_id
"""

REACHED = "JOIN rebuild_device r USING (device_id)"

REQUEST_DAYS = """
INSERT INTO inventory_backfillrequestday (user_org_id, day, response_code, requests)
SELECT organisation_ref, (received_at AT TIME ZONE 'UTC')::date, response_code, count(*)
FROM inventory_servicerequest
WHERE service_reference_variant = '8.4' AND map_id IS NOT NULL AND organisation_ref IS NOT NULL {only}
GROUP BY 1, 2, 3
"""


def take_back(cursor: Any, everything: bool, implementation: date) -> None:
    """Before the meters' periods change: forget those to rebuild, and take their counts back."""
    if everything:
        indexes.empty(cursor, TABLE)
        cursor.execute("DELETE FROM inventory_backfillstep; DELETE FROM inventory_backfillrequestday")
        _set_basis(cursor, implementation)
        return
    if _basis(cursor) != implementation:
        raise ValueError(
            "The backfill was counted for another implementation date: run manage.py rebuild_periods."
        )
    cursor.execute(STEPS.format(sign="-1", join=REACHED), {"implementation": implementation})
    cursor.execute(
        "DELETE FROM inventory_backfillperiod p USING rebuild_device r WHERE r.device_id = p.device_id"
    )


def write_periods(cursor: Any) -> None:
    """Write the backfill periods of one part of meters."""
    cursor.execute(PERIODS)


def count(cursor: Any, everything: bool, implementation: date) -> None:
    """After the periods are written: add their counts, and count the Users' requests by day."""
    cursor.execute(
        STEPS.format(sign="1", join="" if everything else REACHED), {"implementation": implementation}
    )
    if everything:
        cursor.execute(REQUEST_DAYS.format(only=""))
    else:
        cursor.execute(STALE_STEPS, {"implementation": implementation})
        _request_days(cursor)


def _request_days(cursor: Any) -> None:
    organisations = "(SELECT id FROM inventory_organisation JOIN touched_request USING (organisation))"
    cursor.execute(f"DELETE FROM inventory_backfillrequestday WHERE user_org_id IN {organisations}")
    cursor.execute(REQUEST_DAYS.format(only=f"AND organisation_ref IN {organisations}"))


def _basis(cursor: Any) -> date | None:
    cursor.execute("SELECT implementation FROM inventory_backfillbasis")
    found = cursor.fetchone()
    return found[0] if found else None


def _set_basis(cursor: Any, implementation: date) -> None:
    cursor.execute("DELETE FROM inventory_backfillbasis")
    cursor.execute("INSERT INTO inventory_backfillbasis (implementation) VALUES (%s)", [implementation])
