"""Hub timelines: which suppliers see a hub's home on each day, and whether a registered meter is linked to it.

A supplier sees the devices of a home through its own meter there; one that pre-notified a device sees it while
no registered meter is linked to the hub (docs/access-model.md).
"""

from __future__ import annotations

from typing import Any

SCRATCH = ("hub_piece", "hub_timeline")

#: Filled by the meters' stage: stays of rebuilt meters, touching ones with the same viewer and registration joined.
PIECES = """
CREATE UNLOGGED TABLE hub_piece (
    hub_id text COLLATE "C", from_day date, to_day date, supplier_org_id integer, registered boolean
)
"""

COLLECT = """
INSERT INTO hub_piece
SELECT hub_id, min(from_day), max(to_day), supplier_org_id, registered
FROM (
    SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY device_id, lane ORDER BY from_day) AS no
    FROM (
        SELECT device_id, lane, from_day, to_day, hub_id, supplier_org_id, supplier_id IS NOT NULL AS registered,
               (lag(to_day) OVER w, lag(hub_id) OVER w, lag(supplier_org_id) OVER w, lag(supplier_id IS NOT NULL) OVER w)
               IS DISTINCT FROM (from_day, hub_id, supplier_org_id, supplier_id IS NOT NULL) AS starts
        FROM meter_lane
        WINDOW w AS (PARTITION BY device_id, lane ORDER BY from_day)
    ) edge
) island
WHERE hub_id IS NOT NULL
GROUP BY device_id, lane, no, hub_id, supplier_org_id, registered
"""

#: A delta also needs the stays of meters that it did not touch, on hubs that a device to rebuild is or was on.
OTHERS = """
INSERT INTO hub_piece
WITH hub AS (
    SELECT l.chf_device_id AS hub_id FROM inventory_hublink l JOIN rebuild_device USING (device_id)
    UNION SELECT device_id FROM rebuild_device WHERE device_type = 'CHF'
), meter AS (
    SELECT l.device_id FROM inventory_hublink l JOIN hub ON hub.hub_id = l.chf_device_id
    EXCEPT SELECT device_id FROM rebuild_device
)
SELECT p.hub_id, p.from_day, p.to_day, p.supplier_org_id, p.supplier_id IS NOT NULL
FROM inventory_assetperiod p JOIN meter USING (device_id) JOIN hub USING (hub_id)
WHERE p.device_type IN ('ESME', 'GSME')
"""

TIMELINE = """
CREATE UNLOGGED TABLE hub_timeline AS
WITH edge AS (
    SELECT hub_id, from_day AS day FROM hub_piece UNION SELECT hub_id, to_day FROM hub_piece
), cut AS (
    SELECT hub_id, day AS from_day,
           coalesce(lead(day) OVER (PARTITION BY hub_id ORDER BY day), 'infinity'::date) AS to_day
    FROM edge WHERE day < 'infinity'
), state AS (
    SELECT cut.hub_id, cut.from_day, cut.to_day,
           coalesce(array_agg(DISTINCT piece.supplier_org_id ORDER BY piece.supplier_org_id)
               FILTER (WHERE piece.supplier_org_id IS NOT NULL), '{}') AS orgs,
           coalesce(bool_or(piece.registered), false) AS registered
    FROM cut LEFT JOIN hub_piece piece ON piece.hub_id = cut.hub_id
        AND piece.from_day <= cut.from_day AND piece.to_day > cut.from_day
    GROUP BY 1, 2, 3
), fresh AS (
    SELECT *, (lag(orgs) OVER w, lag(registered) OVER w) IS DISTINCT FROM (orgs, registered) AS starts
    FROM state WINDOW w AS (PARTITION BY hub_id ORDER BY from_day)
), island AS (
    SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY hub_id ORDER BY from_day) AS no FROM fresh
)
SELECT hub_id, orgs, registered, min(from_day) AS from_day, max(to_day) AS to_day
FROM island GROUP BY hub_id, no, orgs, registered
"""


def prepare(cursor: Any) -> None:
    """Make the empty list of stays that `collect` fills."""
    cursor.execute(PIECES)


def collect(cursor: Any) -> None:
    """Add the stays of one part of meters."""
    cursor.execute(COLLECT)


def build(cursor: Any, everything: bool) -> None:
    """Make `hub_timeline(hub_id, orgs, registered, from_day, to_day)`; it begins with the hub's first meter."""
    if not everything:
        cursor.execute(OTHERS)
    cursor.execute("ANALYZE hub_piece")
    cursor.execute(TIMELINE)
    cursor.execute("CREATE INDEX ON hub_timeline (hub_id); ANALYZE hub_timeline")
