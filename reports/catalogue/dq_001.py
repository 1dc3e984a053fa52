"""Data quality: the findings over the viewer's own assets."""

from __future__ import annotations

from reports.engine import columns as c
from reports.engine.ask import Ask
from reports.engine.columns import Column
from reports.engine.inputs import Choice
from reports.engine.report import Report
from reports.engine.sources import assets_at, associations_at, empty_hubs
from reports.engine.summaries import CountBy
from smi_portal.access.readers import Role
from smi_portal.inventory.quality.rules import RULES, Source, broken, of_source, rules_for, value

MEANING = "CASE p.code {} END".format(
    " ".join(f"WHEN '{code}' THEN '{title}'" for code, title in {r.code: r.title for r in RULES}.items())
)
#: Source → columns that the findings show besides the device's own ID. A hub's MAP is its last meter's: not shown.
SHOWN = {
    Source.ASSET: "p.device_type, p.status, p.mpxn, p.map_id",
    Source.ASSOCIATION: "p.device_type, p.status, p.mpxn, p.map_id",
    Source.HUB: "'CHF' AS device_type, p.status, NULL::text AS mpxn, NULL::text AS map_id",
}
#: No rows, where every finding that was chosen is none of the viewer's conditions.
NOTHING = (
    "SELECT NULL AS device_id, NULL AS device_type, NULL AS status, NULL AS mpxn, NULL AS map_id, NULL AS code, "
    "NULL AS value WHERE false"
)


class DataQuality(Report):
    """One row for each condition that one of the viewer's devices, or an association of it, breaks."""

    code = "DQ_001"
    title = "Data quality findings"
    answers = "What about my devices looks wrong in the inventory, and what mends it?"
    roles = frozenset({Role.MAP, Role.SUPPLIER, Role.DCC})
    key = ("device_id", "finding", "value")
    listed = False
    inputs = (Choice("finding"), Choice("device_type"), Choice("device_status"), Choice("map_id"))
    columns = (
        c.DEVICE_ID,
        c.DEVICE_TYPE,
        c.STATUS,
        Column("finding", "Finding", "p.code", help="Code of the condition that is broken."),
        Column("finding_title", "What it is", MEANING, help="The condition in words."),
        Column(
            "value",
            "What breaks it",
            "p.value",
            help="The MPxN, MAP ID, day or product that breaks the condition.",
        ),
        c.MPXN,
        c.MAP_ID,
    )
    counts = (CountBy("finding", "Findings", "How many findings there are of each kind."),)
    notes = (
        "The conditions are those of DP213 that the inventory itself shows, and our design beyond: see Data quality.",
        "Findings are shown, never corrected: an inventory is mended by its parties.",
    )

    def source(self, ask: Ask) -> str:
        """The viewer's assets, associations and empty hubs, each with what it breaks.

        Where findings are chosen, no other condition is looked at: over millions of devices each takes its time.
        """
        chosen = set(filter(None, ask.given.getlist("finding")))
        mine = [rule for rule in rules_for(ask.viewer.role) if not chosen or rule.code in chosen]
        tables = {
            Source.ASSET: assets_at(ask, "p"),
            Source.ASSOCIATION: associations_at(ask, "p"),
            Source.HUB: empty_hubs(ask),
        }
        parts = [
            f"SELECT p.device_id, {SHOWN[source]}, f.code, {value(rules)} AS value "
            f"FROM {table} CROSS JOIN LATERAL {broken(rules)}"
            for source, table in tables.items()
            if (rules := of_source(mine, source))
        ]
        return f"({' UNION ALL '.join(parts) or NOTHING}) p"
