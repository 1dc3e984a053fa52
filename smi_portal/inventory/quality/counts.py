"""How many findings each party had at each load: counted when the load's periods are in, as the owner.

One pass over each period table. A party's figure is what its own list would count on that day: each organisation is
in one lane a day, and lane 0 holds every fact once (DCC's).
"""

from __future__ import annotations

from typing import Any

from smi_portal.access.readers import Role
from smi_portal.inventory.models import ExtractLoad
from smi_portal.inventory.quality.rules import RULES, Rule, Source, broken, of_source

#: Side → the column that says whose row it is, and which rows are that side's.
SIDES = {
    Role.MAP: ("p.map_org_id", "p.map_org_id IS NOT NULL"),
    Role.SUPPLIER: ("p.supplier_org_id", "p.supplier_org_id IS NOT NULL"),
    Role.DCC: ("NULL::integer", "p.lane = 0"),
}

FORGET = "DELETE FROM inventory_findingcount WHERE sequence = %s"
COUNT = """
INSERT INTO inventory_findingcount (sequence, day, organisation_ref, finding, findings)
SELECT %(sequence)s, {day}, organisation_ref, code, sum(n) FROM ({parts}) counted
GROUP BY organisation_ref, code
"""
PART = """
SELECT {owner} AS organisation_ref, f.code, count(*) AS n
FROM {table} p CROSS JOIN LATERAL {broken}
WHERE p.from_day <= {day} AND p.to_day > {day} AND {mine}
GROUP BY 1, 2
"""
#: A party that has assets but no finding has a row too: nothing found is another thing than not looked.
LOOKED = """
INSERT INTO inventory_findingcount (sequence, day, organisation_ref, finding, findings)
SELECT %(sequence)s, {day}, o.id, '', 0 FROM inventory_organisation o WHERE o.in_extract
UNION ALL SELECT %(sequence)s, {day}, NULL, '', 0
"""


def count(cursor: Any, load: ExtractLoad) -> None:
    """Count every condition for every party at this load, instead of what was counted for it before."""
    day = f"DATE '{load.day.isoformat()}'"
    parts = [_part(role, source) for source in Source for role in SIDES if _rules(role, source)]
    cursor.execute(FORGET, [load.sequence])
    for statement in (COUNT.replace("{parts}", " UNION ALL ".join(parts)), LOOKED):
        cursor.execute(statement.replace("{day}", day), {"sequence": load.sequence})


def _rules(role: Role, source: Source) -> list[Rule]:
    return of_source([rule for rule in RULES if role in rule.roles], source)


def _part(role: Role, source: Source) -> str:
    owner, mine = SIDES[role]
    return (
        PART.replace("{owner}", owner)
        .replace("{table}", source.value)
        .replace("{broken}", broken(_rules(role, source)))
        .replace("{mine}", mine)
    )
