"""MPxN associations of every kind, with their own supplier and the DP213 conditions that they break (RSMI_006)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smi_portal.inventory.hands import Hands
from smi_portal.inventory.periods import parts
from smi_portal.inventory.periods.writing import Target, write

#: Of all parts; the others are of one.
SCRATCH = ("map_fuel", "association_live")

PART = (
    "association",
    "association_asset",
    "association_cut",
    "association_state",
    "association_map_run",
    "association_lane",
    "association_supplier_run",
)

#: What MDD knows of each MPID as a MAP, on any date.
MAP_FUEL = """
CREATE UNLOGGED TABLE map_fuel AS
SELECT mpid, bool_or(fuel = 'E') AS electricity, bool_or(fuel = 'G') AS gas
FROM inventory_participant WHERE role = 'MAP' GROUP BY mpid
"""

#: With the findings that do not change with the day.
ASSOCIATION = """
CREATE UNLOGGED TABLE association AS
SELECT m.device_id, m.kind, m.mpxn, m.effective_from AS mpxn_from, m.effective_to AS mpxn_to,
       d.device_type, d.esme_variant,
       CASE WHEN NOT CASE
            WHEN m.kind IN ('EXPORT', 'SECONDARY_IMPORT') OR d.device_type = 'ESME' THEN smi_is_mpan(m.mpxn)
            WHEN d.device_type = 'GSME' THEN smi_is_mprn(m.mpxn)
            ELSE smi_is_mpan(m.mpxn) OR smi_is_mprn(m.mpxn) END THEN 'CHECK_DIGIT' END AS check_digit,
       CASE WHEN NOT CASE m.kind
            WHEN 'IMPORT' THEN d.device_type IN ('ESME', 'GSME')
            WHEN 'SECONDARY_IMPORT' THEN d.device_type = 'ESME' AND coalesce(d.esme_variant, '') LIKE 'B%'
            WHEN 'EXPORT' THEN d.device_type = 'ESME'
            ELSE true END THEN 'E080413' END AS unfit
FROM part_mpxn m
JOIN part_attributes d USING (device_id)
"""

#: The device's own periods, with every MAP that owns the MAP ID then: of a meter that is being rebuilt, still at hand.
METER_ASSET = """
CREATE UNLOGGED TABLE association_asset AS
SELECT s.device_id, s.from_day, s.to_day, s.status, s.firmware_version, s.map_id, s.map_orgs
FROM meter_state s JOIN (SELECT DISTINCT device_id FROM association) a USING (device_id)
"""

#: The same of every other device, whose periods stand written.
ASSET = """
CREATE UNLOGGED TABLE association_asset AS
SELECT p.device_id, p.from_day, p.to_day, p.status, p.firmware_version, p.map_id,
       array_remove(ARRAY[p.map_org_id] || more.orgs, NULL) AS map_orgs
FROM inventory_assetperiod p
JOIN (SELECT DISTINCT device_id FROM association) a USING (device_id)
LEFT JOIN LATERAL (
    SELECT array_agg(m.map_org_id) AS orgs FROM inventory_assetperiod m
    WHERE m.device_id = p.device_id AND m.from_day = p.from_day AND m.lane > 0 AND m.map_org_id IS NOT NULL
) more ON true
WHERE p.lane = 0 AND p.device_id BETWEEN %(first)s AND %(last)s
"""

#: Where an MPxN of one kind has several meters: the days on which each of them counts for DUPLICATE. Of all parts,
#: since the two may stand in different ones.
LIVE = """
CREATE UNLOGGED TABLE association_live AS
WITH several AS (
    SELECT m.mpxn, m.kind FROM inventory_devicempxn m
    WHERE m.mpxn IN (SELECT mpxn FROM inventory_devicempxn JOIN rebuild_association USING (device_id))
    GROUP BY 1, 2 HAVING count(DISTINCT m.device_id) > 1
)
SELECT a.mpxn, a.kind, a.device_id, greatest(a.effective_from, s.effective_from) AS from_day,
       least(coalesce(a.effective_to, 'infinity'), coalesce(s.effective_to, 'infinity')) AS to_day
FROM inventory_devicempxn a
JOIN several USING (mpxn, kind)
JOIN inventory_device d ON d.device_id = a.device_id AND d.device_type IN ('ESME', 'GSME')
JOIN inventory_devicestatus s ON s.device_id = a.device_id
    AND s.effective_from < coalesce(a.effective_to, 'infinity')
    AND coalesce(s.effective_to, 'infinity') > a.effective_from
WHERE s.status IN ('Whitelisted', 'InstalledNotCommissioned', 'Commissioned')
"""

CUTS = """
CREATE UNLOGGED TABLE association_cut AS
SELECT device_id, kind, mpxn, mpxn_from, day AS from_day,
       coalesce(lead(day) OVER (PARTITION BY device_id, kind, mpxn, mpxn_from ORDER BY day), mpxn_to) AS to_day
FROM (
    SELECT a.device_id, a.kind, a.mpxn, a.mpxn_from, a.mpxn_to, greatest(a.mpxn_from, s.from_day) AS day
    FROM association a JOIN association_asset s ON s.device_id = a.device_id
        AND s.from_day < a.mpxn_to AND s.to_day > a.mpxn_from
    UNION
    SELECT a.device_id, a.kind, a.mpxn, a.mpxn_from, a.mpxn_to, edge.day
    FROM association a JOIN part_registration r USING (mpxn)
    CROSS JOIN LATERAL (VALUES (r.from_day), (r.to_day)) edge (day)
    WHERE edge.day > a.mpxn_from AND edge.day < a.mpxn_to
    UNION
    SELECT a.device_id, a.kind, a.mpxn, a.mpxn_from, a.mpxn_to, edge.day
    FROM association a JOIN association_live o ON o.mpxn = a.mpxn AND o.kind = a.kind AND o.device_id <> a.device_id
    CROSS JOIN LATERAL (VALUES (o.from_day), (o.to_day)) edge (day)
    WHERE edge.day > a.mpxn_from AND edge.day < a.mpxn_to
) edge
"""

#: The inner join to the device's own periods drops days before the device exists.
STATE = """
CREATE UNLOGGED TABLE association_state AS
SELECT c.device_id, c.kind, c.mpxn, c.from_day, c.to_day, a.mpxn_from, a.mpxn_to, a.device_type, a.esme_variant,
    s.status, s.firmware_version, s.map_id, r.supplier_id, r.supplier_from, r.supplier_to,
    s.map_orgs, coalesce(r.orgs, '{}') AS supplier_orgs,
    nullif(concat_ws(';',
        a.check_digit,
        a.unfit,
        CASE WHEN s.status IS NULL OR s.status NOT IN ('Whitelisted', 'InstalledNotCommissioned', 'Commissioned')
             THEN 'E080414' END,
        CASE WHEN EXISTS (
             SELECT FROM association_live o WHERE o.mpxn = c.mpxn AND o.kind = c.kind AND o.device_id <> c.device_id
             AND o.from_day <= c.from_day AND o.to_day > c.from_day) THEN 'DUPLICATE' END,
        CASE WHEN r.supplier_id IS NULL THEN 'UNREGISTERED' END,
        CASE WHEN (a.device_type = 'ESME' AND NOT f.electricity) OR (a.device_type = 'GSME' AND NOT f.gas)
             THEN 'FUEL' END), '') AS finding
FROM association_cut c
JOIN association a USING (device_id, kind, mpxn, mpxn_from)
JOIN association_asset s ON s.device_id = c.device_id AND s.from_day <= c.from_day AND s.to_day > c.from_day
LEFT JOIN part_registration r ON r.mpxn = c.mpxn AND r.from_day <= c.from_day AND r.to_day > c.from_day
LEFT JOIN map_fuel f ON f.mpid = s.map_id
"""

LANES = """
CREATE UNLOGGED TABLE association_lane AS
SELECT s.*, lane::smallint AS lane, s.map_orgs[lane + 1] AS map_org_id, s.supplier_orgs[lane + 1] AS supplier_org_id
FROM association_state s
CROSS JOIN LATERAL generate_series(0, greatest(cardinality(s.map_orgs), cardinality(s.supplier_orgs), 1) - 1) lane
"""

#: A supplier's run is of the row, not of the device: it sees it by this MPxN's registration alone.
SUPPLIER_RUNS = """
CREATE UNLOGGED TABLE association_supplier_run AS
SELECT device_id, kind, mpxn, supplier_org_id AS org_id, min(from_day) AS run_from, max(to_day) AS run_to
FROM (
    SELECT *, count(*) FILTER (WHERE starts)
        OVER (PARTITION BY device_id, kind, mpxn, supplier_org_id ORDER BY from_day) AS run
    FROM (
        SELECT device_id, kind, mpxn, supplier_org_id, from_day, to_day,
               lag(to_day) OVER (PARTITION BY device_id, kind, mpxn, supplier_org_id ORDER BY from_day)
                   IS DISTINCT FROM from_day AS starts
        FROM association_lane WHERE supplier_org_id IS NOT NULL
    ) edge
) island
GROUP BY device_id, kind, mpxn, supplier_org_id, run
"""

#: A MAP's run is of the device.
METER_MAP_RUNS = """
CREATE UNLOGGED TABLE association_map_run AS SELECT * FROM meter_map_run
"""

MAP_RUNS = """
CREATE UNLOGGED TABLE association_map_run AS
SELECT DISTINCT p.device_id, p.map_org_id AS org_id, p.map_run_from AS run_from, p.map_run_to AS run_to
FROM inventory_assetperiod p JOIN (SELECT DISTINCT device_id FROM association) a USING (device_id)
WHERE p.map_org_id IS NOT NULL AND p.device_id BETWEEN %(first)s AND %(last)s
"""

PERIODS = Target(
    "inventory_associationperiod",
    key=("device_id", "kind", "mpxn", "lane", "from_day"),
    columns="""
    device_id, kind, mpxn, lane, from_day, to_day, map_org_id, map_run_from, map_run_to, supplier_org_id,
    supplier_run_from, supplier_run_to, mpxn_from, mpxn_to, device_type, esme_variant, status, firmware_version,
    supplier_id, supplier_from, supplier_to, map_id, finding""",
    order="device_id, kind, mpxn, from_day",
)

SELECT = """
SELECT l.device_id, l.kind, l.mpxn, l.lane, l.from_day, l.to_day, l.map_org_id, mr.run_from, mr.run_to,
    l.supplier_org_id, sr.run_from, sr.run_to, l.mpxn_from, l.mpxn_to, l.device_type, l.esme_variant,
    l.status, l.firmware_version, l.supplier_id, l.supplier_from, l.supplier_to, l.map_id, l.finding
FROM association_lane l
LEFT JOIN association_map_run mr ON mr.device_id = l.device_id
    AND mr.org_id = l.map_org_id AND mr.run_from <= l.from_day AND mr.run_to > l.from_day
LEFT JOIN association_supplier_run sr ON sr.device_id = l.device_id AND sr.kind = l.kind AND sr.mpxn = l.mpxn
    AND sr.org_id = l.supplier_org_id AND sr.run_from <= l.from_day AND sr.run_to > l.from_day
"""


def prepare(cursor: Any) -> None:
    """Make what all parts read. After `rebuild_association` is there."""
    cursor.execute(MAP_FUEL)
    cursor.execute(LIVE)
    cursor.execute(
        "CREATE INDEX ON association_live (mpxn, kind); ANALYZE association_live; ANALYZE map_fuel"
    )


def of_meters(cursor: Any, anew: bool) -> None:
    """Write the association periods of one part of the meters, whose states are at hand."""
    _write(cursor, (ASSOCIATION, METER_ASSET, CUTS, STATE, METER_MAP_RUNS, LANES, SUPPLIER_RUNS), {}, anew)


def of_others(hands: Hands, progress: Callable[[str], None], anew: bool) -> None:
    """Write those of devices that are no meters, and of meters that share an MPxN with a rebuilt one."""

    def part(cursor: Any) -> None:
        cursor.execute("SELECT min(device_id), max(device_id) FROM part_device")
        span = dict(zip(("first", "last"), cursor.fetchone(), strict=True))
        _write(cursor, (ASSOCIATION, ASSET, CUTS, STATE, MAP_RUNS, LANES, SUPPLIER_RUNS), span, anew)

    parts.each(
        hands,
        part,
        OTHERS,
        "rebuild_association",
        FACTS,
        said=lambda n, of: progress(f"  associations: part {n} of {of}"),
    )


def _write(cursor: Any, statements: tuple[str, ...], span: dict[str, Any], anew: bool) -> None:
    for statement, table in zip(statements, PART, strict=True):
        cursor.execute(statement, span if "%(first)s" in statement else None)
        if table not in {"association_state", "association_lane"}:  # wide, and joined by their keys alone
            cursor.execute(f"ANALYZE {table}")
    write(cursor, PERIODS, SELECT, "part_device", anew)
    cursor.execute("DROP TABLE " + ", ".join(PART))


FACTS = ("part_mpxn", "part_attributes")
OTHERS = "NOT EXISTS (SELECT FROM rebuild_device r WHERE r.device_id = d.device_id AND r.is_meter)"
