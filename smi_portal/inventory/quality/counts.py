"""How many findings each party had at each load: counted when the load's periods are in, as the owner.

One pass over each period table tells every row's findings, whosever it is; the parties' figures are sums of that. A
party's figure is what its own list would count on that day: each organisation is in one lane a day, and lane 0 holds
every fact once (DCC's).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smi_portal.access.readers import Role
from smi_portal.inventory.models import ExtractLoad
from smi_portal.inventory.quality.rules import RULES, Source, broken_codes, of_source

#: Side → whose finding it is, and which of them are that side's.
SIDES = {
    Role.MAP: ("map_org_id", "map_org_id IS NOT NULL"),
    Role.SUPPLIER: ("supplier_org_id", "supplier_org_id IS NOT NULL"),
    Role.DCC: ("NULL::integer", "once"),
}

FORGET = "DELETE FROM inventory_findingcount WHERE sequence = %s"
#: A table for each source, which PostgreSQL's parallel workers help to fill; an INSERT they would not. The conditions
#: stand in a SELECT's own list, where PostgreSQL looks each MAP ID up in a hash of MDD; in a lateral item it would look in
#: the table, for every row and condition.
FOUND = """
CREATE TEMP TABLE found_in_{source} ON COMMIT DROP AS
SELECT map_org_id, supplier_org_id, once, code, count(*) AS n
FROM (SELECT p.map_org_id, p.supplier_org_id, p.lane = 0 AS once, {broken} AS code
      FROM {source} p WHERE p.from_day <= {day} AND p.to_day > {day}) found
GROUP BY 1, 2, 3, 4
"""
COUNT = """
INSERT INTO inventory_findingcount (sequence, day, organisation_ref, finding, findings)
SELECT %(sequence)s, {day}, organisation_ref, code, sum(n) FROM ({parts}) counted
GROUP BY organisation_ref, code
"""
PART = """
SELECT {owner} AS organisation_ref, code, n FROM found_in_{source} WHERE code IN ({codes}) AND {mine}
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
    for source in Source:
        # Of assets, what has ended by the day lies apart (docs/decisions/0022), but the planner would read everything.
        cursor.execute(f"SET LOCAL enable_seqscan = {'off' if source is Source.ASSET else 'on'}")
        broken = broken_codes(of_source(RULES, source))
        found = FOUND.replace("{source}", source.value).replace("{broken}", broken)
        cursor.execute(found.replace("{day}", day))
    cursor.execute("SET LOCAL enable_seqscan = on")
    cursor.execute(FORGET, [load.sequence])
    parts = " UNION ALL ".join(part for source in Source for part in _parts(source))
    for statement in (COUNT.replace("{parts}", parts), LOOKED):
        cursor.execute(statement.replace("{day}", day), {"sequence": load.sequence})
    cursor.execute("DROP TABLE " + ", ".join(f"found_in_{source.value}" for source in Source))


def _parts(source: Source) -> Iterator[str]:
    for role, (owner, mine) in SIDES.items():
        if codes := [rule.code for rule in of_source(RULES, source) if role in rule.roles]:
            listed = ", ".join(f"'{code}'" for code in codes)
            yield PART.format(owner=owner, source=source.value, codes=listed, mine=mine)
