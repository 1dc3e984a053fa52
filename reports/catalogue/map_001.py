"""The Meter Asset Provider report, as the working group asked for it."""

from __future__ import annotations

from dataclasses import replace

from reports.engine import columns as c
from reports.engine.ask import Ask
from reports.engine.columns import WG2, Column, Kind, event, until, with_event
from reports.engine.inputs import Choice, DateRange
from reports.engine.report import Report
from reports.engine.sources import assets
from smi_portal.access.readers import FieldGroup, Role

APPROVED = (
    "coalesce(cpl.cpl_status = 'Active' AND cpl.effective_from <= p.read_on "
    "AND (cpl.effective_to IS NULL OR cpl.effective_to > p.read_on), false)"
)


class MeterAssetProvider(Report):
    """One row for each meter that has a MAP ID at the as-at day."""

    code = "MAP_001"
    title = "Meter Asset Provider report"
    answers = "Which meters are mine, where do they stand, and who has them?"
    roles = frozenset({Role.MAP, Role.DCC})
    key = ("device_id",)
    has_history = True
    inputs = (
        Choice("map_id"),
        DateRange("installation_date"),
        DateRange("removal_date"),
        Choice("manufacturer"),
        Choice("device_status"),
        Choice("supplier_id"),
    )
    columns = tuple(
        replace(column, source=WG2)
        for column in (
            c.DEVICE_ID,
            c.DEVICE_MODEL,
            c.MANUFACTURER,
            c.SERIAL,
            c.DEVICE_TYPE,
            Column(
                "dcc_compliant",
                "DCC compliant",
                f"({APPROVED} AND coalesce(p.status = 'Commissioned', false))",
                Kind.BOOLEAN,
                "DCC approved, and commissioned at the as-at day. The minutes do not define it: our design.",
            ),
            Column(
                "dcc_approved",
                "DCC approved",
                APPROVED,
                Kind.BOOLEAN,
                "Its Certified Products List entry is Active and in force. The minutes do not define it: our design.",
            ),
            c.STATUS,
            c.INSTALLED,
            Column(
                "removal_date",
                "Removal date",
                event("p.removed_on"),
                Kind.DATE,
                "Day the meter was removed; blank while it is installed.",
            ),
            Column(
                "removal_reason",
                "Removal reason",
                with_event("p.removed_on", "p.removal_reason"),
                help="Why it was removed.",
            ),
            c.FIRMWARE,
            c.FIRMWARE_STATUS,
            c.MPXN,
            c.CSP_REGION,
            c.POST_CODE,
            c.UPRN,
            c.MAP_ID,
            c.MAP_FROM,
            Column(
                "map_effective_to",
                "MAP effective to",
                until("p.map_to"),
                Kind.DATE,
                "First day on which it no longer is; blank while it is.",
            ),
            c.SUPPLIER_ID,
            c.SUPPLIER_FROM,
            Column(
                "supplier_effective_to",
                "Supplier effective to",
                until("p.supplier_to"),
                Kind.DATE,
                "First day after the supplier's registration; blank while it lasts.",
                group=FieldGroup.SUPPLIER,
            ),
        )
    )
    notes = (
        "The inputs and outputs are Table 1 of the working group's minutes of 20 June 2016.",
        "Supplier, post code and UPRN are shown to a MAP only while DCC has released them to it.",
    )

    def source(self, ask: Ask) -> str:
        """The viewer's meters that have a MAP, with their CPL entry."""
        return (
            f"{assets(ask)} LEFT JOIN inventory_cplentry cpl ON cpl.id = p.cpl_id WHERE p.map_id IS NOT NULL"
        )
