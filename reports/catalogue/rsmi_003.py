"""The status and model report."""

from __future__ import annotations

from reports.engine import columns as c
from reports.engine.ask import Ask
from reports.engine.columns import Column
from reports.engine.inputs import Choice, DateRange
from reports.engine.report import Report
from reports.engine.sources import assets
from reports.engine.summaries import CountBy
from smi_portal.access.readers import Role


class StatusAndModel(Report):
    """One row for each device of any type that the viewer may see."""

    code = "RSMI_003"
    title = "Smart Metering Devices Status and Model Report"
    answers = "Which make and model is each device, in which status, and is the model still certified?"
    roles = frozenset({Role.MAP, Role.SUPPLIER, Role.DCC})
    key = ("device_id",)
    inputs = (
        Choice("device_type"),
        Choice("device_status"),
        Choice("manufacturer"),
        Choice("device_model"),
        Choice("cpl_status"),
        DateRange("installation_date"),
        Choice("supplier_id"),
        Choice("map_id"),
    )
    columns = (
        c.DEVICE_ID,
        c.DEVICE_TYPE,
        c.MANUFACTURER,
        c.DEVICE_MODEL,
        Column(
            "smets_chts_version",
            "SMETS or CHTS version",
            "p.smets_chts_version",
            help="Version of the technical specification that the device was built to.",
        ),
        Column(
            "esme_variant",
            "ESME variant",
            "p.esme_variant",
            help="Variant of an electricity meter, such as A.",
        ),
        Column(
            "cpl_status",
            "CPL status",
            "cpl.cpl_status",
            help="Status on the Certified Products List; blank when the list has no such entry.",
        ),
        c.STATUS,
        c.STATUS_FROM,
        c.INSTALLED,
        c.MPXN,
        c.MAP_ID,
        c.SUPPLIER_ID,
    )
    counts = (
        CountBy("device_model", "Devices by model", "How many of these devices there are of each model."),
        CountBy("cpl_status", "Devices by CPL status", "How these devices' models stand on the list."),
    )
    notes = (
        "DCC's own column list for this report is not public: these columns are our design.",
        "A MAP sees its meters here, not the other devices of the home.",
    )

    def source(self, ask: Ask) -> str:
        """The viewer's devices, with their CPL entry."""
        return f"{assets(ask)} LEFT JOIN inventory_cplentry cpl ON cpl.id = p.cpl_id"
