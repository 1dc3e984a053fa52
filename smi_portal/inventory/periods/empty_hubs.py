"""Hubs to which no device but a GPF is linked, with the last meter that was (RSMI_004)."""

from __future__ import annotations

from typing import Any

from smi_portal.inventory.periods.writing import Target, write

SCRATCH = ("hub_own", "hub_link", "hub_linked", "empty_hub")

#: Filled by the other devices' stage: each rebuilt hub's periods in which RSMI_004 may show it.
OWN = """
CREATE UNLOGGED TABLE hub_own (hub_id text COLLATE "C", from_day date, to_day date, status text COLLATE "C")
"""

COLLECT = """
INSERT INTO hub_own
SELECT s.device_id, s.from_day, s.to_day, s.status FROM device_state s JOIN part_device d USING (device_id)
WHERE d.device_type = 'CHF' AND s.status NOT IN ('Decommissioned', 'Withdrawn')
"""

LINKS = """
CREATE UNLOGGED TABLE hub_link AS
SELECT l.chf_device_id AS hub_id, l.device_id, l.effective_from AS from_day,
       coalesce(l.effective_to, 'infinity'::date) AS to_day, d.device_type IN ('ESME', 'GSME') AS is_meter
FROM inventory_hublink l
JOIN rebuild_device hub ON hub.device_id = l.chf_device_id AND hub.device_type = 'CHF'
JOIN inventory_device d ON d.device_id = l.device_id
WHERE d.device_type <> 'GPF'
"""

#: The days on which something is linked, of each hub in one value.
LINKED = """
CREATE UNLOGGED TABLE hub_linked AS
SELECT hub_id, range_agg(daterange(from_day, to_day)) AS days FROM hub_link GROUP BY hub_id
"""

#: What is left of the hub's own periods.
EMPTY = """
CREATE UNLOGGED TABLE empty_hub AS
SELECT own.hub_id, own.status, lower(gap) AS from_day, upper(gap) AS to_day, any_link.empty_since,
       meter.device_id AS meter_id, meter.to_day - 1 AS meter_day
FROM hub_own own
LEFT JOIN hub_linked linked USING (hub_id)
CROSS JOIN LATERAL unnest(
    datemultirange(daterange(own.from_day, own.to_day)) - coalesce(linked.days, '{}'::datemultirange)
) gap
LEFT JOIN LATERAL (
    SELECT max(l.to_day) AS empty_since FROM hub_link l WHERE l.hub_id = own.hub_id AND l.to_day <= lower(gap)
) any_link ON true
LEFT JOIN LATERAL (
    SELECT l.device_id, l.to_day FROM hub_link l
    WHERE l.hub_id = own.hub_id AND l.is_meter AND l.to_day <= lower(gap)
    ORDER BY l.to_day DESC, l.device_id LIMIT 1
) meter ON true
"""

#: The last meter's MAP and supplier are those of its last linked day, whether or not it has a row of its own then.
#: A supplier of the last meter reads the meter's columns; the pre-notifier's own lane does not hold them.
PERIODS = Target(
    "inventory_emptyhubperiod",
    key=("device_id", "lane", "from_day"),
    columns="""
    device_id, lane, from_day, to_day, map_org_id, supplier_org_id, manufacturer, model, csp_region,
    pre_notified_on, installed_on, status, empty_since, last_attached_device_id, last_attached_on, map_id,
    supplier_id""",
    order="device_id, from_day",
)

SELECT = """
WITH last_meter AS (
    SELECT DISTINCT ON (e.hub_id, e.from_day) e.hub_id, e.from_day, a.map_id, a.orgs AS map_orgs,
           r.supplier_id, r.orgs AS supplier_orgs
    FROM empty_hub e
    LEFT JOIN owned_assignment a ON a.device_id = e.meter_id
        AND a.from_day <= e.meter_day AND a.to_day > e.meter_day
    LEFT JOIN inventory_devicempxn mx ON mx.device_id = e.meter_id AND mx.kind = 'IMPORT'
        AND mx.effective_from <= e.meter_day AND (mx.effective_to IS NULL OR mx.effective_to > e.meter_day)
    LEFT JOIN owned_registration r ON r.mpxn = mx.mpxn AND r.from_day <= e.meter_day AND r.to_day > e.meter_day
    WHERE e.meter_id IS NOT NULL
    ORDER BY e.hub_id, e.from_day, mx.effective_from DESC, mx.mpxn
), known AS (
    SELECT e.*, m.map_id, m.supplier_id, coalesce(m.map_orgs, '{}') AS map_orgs,
           coalesce(m.supplier_orgs, '{}') AS supplier_orgs,
           d.manufacturer, d.model, d.csp_region, d.pre_notified_on, d.installed_on
    FROM empty_hub e JOIN inventory_device d ON d.device_id = e.hub_id
    LEFT JOIN last_meter m USING (hub_id, from_day)
)
SELECT k.hub_id AS device_id, no, k.from_day, k.to_day, k.map_orgs[no + 1], k.supplier_orgs[no + 1], k.manufacturer, k.model,
       k.csp_region, k.pre_notified_on, k.installed_on, k.status, k.empty_since, k.meter_id, k.meter_day, k.map_id,
       k.supplier_id
FROM known k
CROSS JOIN LATERAL generate_series(0, greatest(cardinality(k.map_orgs), cardinality(k.supplier_orgs), 1) - 1) no
UNION ALL
SELECT k.hub_id, greatest(cardinality(k.map_orgs), cardinality(k.supplier_orgs), 1), k.from_day, k.to_day, NULL,
       r.pre_notifier::integer, k.manufacturer, k.model, k.csp_region, k.pre_notified_on, k.installed_on, k.status,
       k.empty_since, NULL, NULL, NULL, NULL
FROM known k JOIN rebuild_device r ON r.device_id = k.hub_id
WHERE r.pre_notifier IS NOT NULL AND r.pre_notifier <> ALL (k.supplier_orgs)
"""


def prepare(cursor: Any) -> None:
    """Make the empty list of hubs' periods that `collect` fills."""
    cursor.execute(OWN)


def collect(cursor: Any) -> None:
    """Add the hubs of one part of the other devices."""
    cursor.execute(COLLECT)


def build(cursor: Any, anew: bool) -> None:
    """Write the empty-hub periods of the hubs to rebuild."""
    cursor.execute("ANALYZE hub_own")
    cursor.execute(LINKS)
    cursor.execute("CREATE INDEX ON hub_link (hub_id, to_day); ANALYZE hub_link")
    cursor.execute(LINKED)
    cursor.execute("ANALYZE hub_linked")
    cursor.execute(EMPTY)
    cursor.execute("ANALYZE empty_hub")
    write(cursor, PERIODS, SELECT, "rebuild_device", anew)
