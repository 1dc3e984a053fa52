"""Who owns which MPID on which days, and registrations and MAP assignments cut at changes of owner.

An organisation owns an MPID on a day when an MDD entry in force gives it that MPID in that role; fuel plays no
part, so an MPID may have several owners at once (docs/access-model.md).
"""

from __future__ import annotations

from typing import Any

SCRATCH = ("owned_mpid", "owned_registration", "owned_assignment")

OWNED_MPID = """
CREATE UNLOGGED TABLE owned_mpid AS
WITH edge AS (
    SELECT mpid, role, effective_from AS day FROM inventory_participant
    UNION SELECT mpid, role, effective_to FROM inventory_participant WHERE effective_to IS NOT NULL
    UNION SELECT mpid, role, '-infinity'::date FROM inventory_participant
), part AS (
    SELECT mpid, role, day AS from_day,
           coalesce(lead(day) OVER (PARTITION BY mpid, role ORDER BY day), 'infinity'::date) AS to_day
    FROM edge
), owned AS (
    SELECT part.mpid, part.role, part.from_day, part.to_day,
           coalesce(array_agg(DISTINCT o.id ORDER BY o.id) FILTER (WHERE o.id IS NOT NULL), '{}') AS orgs
    FROM part
    LEFT JOIN inventory_participant p ON p.mpid = part.mpid AND p.role = part.role
        AND p.effective_from <= part.from_day AND (p.effective_to IS NULL OR p.effective_to > part.from_day)
    LEFT JOIN inventory_organisation o ON o.organisation = p.organisation AND o.in_extract
    GROUP BY 1, 2, 3, 4
), fresh AS (
    SELECT *, lag(orgs) OVER (PARTITION BY mpid, role ORDER BY from_day) IS DISTINCT FROM orgs AS starts
    FROM owned
), island AS (
    SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY mpid, role ORDER BY from_day) AS no FROM fresh
)
SELECT mpid, role, orgs::integer[] AS orgs, min(from_day) AS from_day, max(to_day) AS to_day
FROM island GROUP BY mpid, role, no, orgs
"""

#: Only registrations that some device or association to rebuild can refer to, each split where its MPID changes owner.
OWNED_REGISTRATION = """
CREATE UNLOGGED TABLE owned_registration AS
SELECT r.mpxn, r.supplier_mpid AS supplier_id,
       r.effective_from AS supplier_from, coalesce(r.effective_to, 'infinity') AS supplier_to,
       greatest(r.effective_from, coalesce(o.from_day, '-infinity')) AS from_day,
       least(coalesce(r.effective_to, 'infinity'), coalesce(o.to_day, 'infinity')) AS to_day,
       coalesce(o.orgs, '{}') AS orgs
FROM inventory_registration r
JOIN (SELECT DISTINCT mpxn FROM inventory_devicempxn JOIN rebuild_association USING (device_id)) used USING (mpxn)
LEFT JOIN owned_mpid o ON o.mpid = r.supplier_mpid AND o.role = 'SUPPLIER'
    AND o.from_day < coalesce(r.effective_to, 'infinity') AND o.to_day > r.effective_from
"""

OWNED_ASSIGNMENT = """
CREATE UNLOGGED TABLE owned_assignment AS
SELECT a.device_id, a.map_id,
       a.effective_from AS map_from, coalesce(a.effective_to, 'infinity') AS map_to,
       greatest(a.effective_from, coalesce(o.from_day, '-infinity')) AS from_day,
       least(coalesce(a.effective_to, 'infinity'), coalesce(o.to_day, 'infinity')) AS to_day,
       coalesce(o.orgs, '{}') AS orgs
FROM inventory_mapassignment a
JOIN rebuild_device d USING (device_id)
LEFT JOIN owned_mpid o ON o.mpid = a.map_id AND o.role = 'MAP'
    AND o.from_day < coalesce(a.effective_to, 'infinity') AND o.to_day > a.effective_from
WHERE d.is_meter
"""


def build(cursor: Any) -> None:
    """Make `owned_mpid(mpid, role, orgs, from_day, to_day)`: it covers all days for each MPID that MDD knows."""
    cursor.execute(OWNED_MPID)
    cursor.execute("ANALYZE owned_mpid")


def attach(cursor: Any) -> None:
    """Make `owned_registration` and `owned_assignment` for the devices to rebuild."""
    cursor.execute(OWNED_REGISTRATION)
    cursor.execute(OWNED_ASSIGNMENT)
    cursor.execute("CREATE INDEX ON owned_registration (mpxn); CREATE INDEX ON owned_assignment (device_id)")
    cursor.execute("ANALYZE owned_registration; ANALYZE owned_assignment")
