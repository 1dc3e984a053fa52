"""The association report, under a number whose real definition is not public."""

from __future__ import annotations

from dataclasses import replace

from reports.engine import columns as c
from reports.engine.ask import Ask
from reports.engine.columns import Column, Kind, until
from reports.engine.inputs import Choice, Contains
from reports.engine.report import Report
from reports.engine.sources import associations
from reports.engine.summaries import CountBy
from smi_portal.access.readers import FieldGroup, Role


class DeviceAndMpxnAssociation(Report):
    """One row for each association of a device with an MPxN, of any kind."""

    code = "RSMI_006"
    title = "Device and MPxN Association Report"
    answers = "Which MPxN belongs to which device, and which associations break a rule?"
    roles = frozenset({Role.MAP, Role.SUPPLIER, Role.DCC})
    key = ("device_id", "kind", "mpxn")
    has_history = True
    inputs = (
        Choice("kind"),
        Choice("device_type"),
        Choice("device_status"),
        Contains("finding"),
        Choice("supplier_id"),
        Choice("map_id"),
    )
    columns = (
        c.DEVICE_ID,
        c.DEVICE_TYPE,
        Column(
            "esme_variant",
            "ESME variant",
            "p.esme_variant",
            help="Variant of an electricity meter, such as A.",
        ),
        c.STATUS,
        Column("kind", "Kind", "p.kind", help="IMPORT, SECONDARY_IMPORT or EXPORT."),
        Column("mpxn", "MPxN", "p.mpxn", help="The associated MPAN or MPRN."),
        Column(
            "mpxn_effective_from",
            "MPxN effective from",
            "p.mpxn_from",
            Kind.DATE,
            "First day of the association.",
        ),
        Column(
            "mpxn_effective_to",
            "MPxN effective to",
            until("p.mpxn_to"),
            Kind.DATE,
            "First day on which it no longer holds; blank while it does.",
        ),
        Column(
            "supplier_id",
            "Supplier ID",
            "p.supplier_id",
            help="MPID of the supplier registered for this MPxN.",
            group=FieldGroup.SUPPLIER,
        ),
        replace(
            c.SUPPLIER_FROM,
            help="First day of that registration; to a MAP blank when that was before its own period.",
        ),
        c.MAP_ID,
        Column(
            "finding",
            "Finding",
            "p.finding",
            help="Conditions of DP213 that the association breaks: CHECK_DIGIT, E080413 (kind unfit for the device), "
            "E080414 (status unfit), DUPLICATE, UNREGISTERED, FUEL (MAP ID of the other fuel).",
        ),
    )
    counts = (CountBy("finding", "Findings", "How many of these associations break which conditions."),)
    notes = (
        "The real definition of RSMI_006 is not public: the number is reserved by the sequence, the report is ours.",
        "Suppliers do not see associations whose MPxN has no registered supplier.",
    )

    def source(self, ask: Ask) -> str:
        """The viewer's associations."""
        return associations(ask)
