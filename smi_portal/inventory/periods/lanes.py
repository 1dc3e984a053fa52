"""Lanes and visible runs: shared by meters and other devices, which differ only in who sees them.

Both stages leave a scratch table `<name>_state` with arrays `map_orgs` and `supplier_orgs` of those who may see
the device on those days. From it follow one row a lane, and for each organisation the maximal runs of days.
"""

from __future__ import annotations

from typing import Any, Final

from smi_portal.inventory.periods.writing import Target, write

#: Held by the hand that writes asset periods, to the end of its transaction.
TURN: Final = 0x534D4962

LANES = """
CREATE UNLOGGED TABLE {name}_lane AS
SELECT s.*, lane::smallint AS lane, s.map_orgs[lane + 1] AS map_org_id, s.supplier_orgs[lane + 1] AS supplier_org_id
FROM {name}_state s
CROSS JOIN LATERAL generate_series(0, greatest(cardinality(s.map_orgs), cardinality(s.supplier_orgs), 1) - 1) lane
"""

#: Maximal runs of touching periods of one organisation: an organisation is in at most one lane a day.
RUNS = """
CREATE UNLOGGED TABLE {name}_{side}_run AS
SELECT device_id, {side}_org_id AS org_id, min(from_day) AS run_from, max(to_day) AS run_to
FROM (
    SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY device_id, {side}_org_id ORDER BY from_day) AS run
    FROM (
        SELECT device_id, {side}_org_id, from_day, to_day,
               lag(to_day) OVER (PARTITION BY device_id, {side}_org_id ORDER BY from_day)
                   IS DISTINCT FROM from_day AS starts
        FROM {name}_lane WHERE {side}_org_id IS NOT NULL
    ) edge
) island
GROUP BY device_id, {side}_org_id, run
"""

#: Rows that end on one day stand together, those without an end by supplier: a count at D skips what ended (decision 0022).
PERIODS = Target(
    "inventory_assetperiod",
    key=("device_id", "lane", "from_day"),
    columns="""
    device_id, lane, from_day, to_day, map_org_id, map_run_from, map_run_to, supplier_org_id, supplier_run_from,
    supplier_run_to, device_type, manufacturer, model, serial_number, smets_chts_version, esme_variant, csp_region,
    uprn, postcode, address_identifier, pre_notified_on, installed_on, commissioned_on, removed_on, removal_reason,
    status, status_from, firmware_version, firmware_from, cpl_id, hub_id, mpxn, supplier_id, supplier_from,
    supplier_to, map_id, map_from, map_to""",
    order="to_day, supplier_org_id, device_id, from_day",
)

SELECT = """
SELECT l.device_id, l.lane, l.from_day, l.to_day,
    l.map_org_id, mr.run_from, mr.run_to, l.supplier_org_id, sr.run_from, sr.run_to,
    d.device_type, d.manufacturer, d.model, d.serial_number, d.smets_chts_version, d.esme_variant, d.csp_region,
    d.uprn, d.postcode, d.address_identifier, d.pre_notified_on, d.installed_on, d.commissioned_on, d.removed_on,
    d.removal_reason,
    l.status, l.status_from, l.firmware_version, l.firmware_from, cpl.id, l.hub_id,
    l.mpxn, l.supplier_id, l.supplier_from, l.supplier_to, l.map_id, l.map_from, l.map_to
FROM {name}_lane l
JOIN part_attributes d ON d.device_id = l.device_id
LEFT JOIN {name}_map_run mr ON mr.device_id = l.device_id AND mr.org_id = l.map_org_id
    AND mr.run_from <= l.from_day AND mr.run_to > l.from_day
LEFT JOIN {name}_supplier_run sr ON sr.device_id = l.device_id AND sr.org_id = l.supplier_org_id
    AND sr.run_from <= l.from_day AND sr.run_to > l.from_day
LEFT JOIN inventory_cplentry cpl ON cpl.device_type = d.device_type AND cpl.manufacturer = d.manufacturer
    AND cpl.model = d.model AND cpl.firmware_version = l.firmware_version
    AND cpl.esme_variant_class = CASE WHEN d.device_type = 'ESME' THEN coalesce(left(d.esme_variant, 1), '') ELSE '' END
"""


def scratch(name: str) -> tuple[str, ...]:
    """The scratch tables of one kind of device."""
    return (f"{name}_state", f"{name}_lane", f"{name}_map_run", f"{name}_supplier_run")


def prepare(cursor: Any, name: str) -> None:
    """From `<name>_state`, make the lanes and the visible runs."""
    cursor.execute(LANES.format(name=name))
    for side in ("map", "supplier"):
        cursor.execute(RUNS.format(name=name, side=side))
        cursor.execute(f"ANALYZE {name}_{side}_run")
    # Wide, and joined by few of its columns: the statistics of the others would cost more than they tell.
    cursor.execute(f"ANALYZE {name}_lane (device_id, from_day, map_org_id, supplier_org_id)")


def insert(cursor: Any, name: str, anew: bool) -> None:
    """Write the asset periods of one part, as the last that is done with it: two hands must not mix their rows."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])
    write(cursor, PERIODS, SELECT.format(name=name), "part_device", anew)
