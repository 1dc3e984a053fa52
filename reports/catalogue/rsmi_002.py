"""The status and firmware report."""

from __future__ import annotations

from reports.engine import columns as c
from reports.engine.ask import Ask
from reports.engine.columns import Column, Kind
from reports.engine.inputs import Choice, DateRange
from reports.engine.report import Report
from reports.engine.sources import assets
from reports.engine.summaries import CountBy
from smi_portal.access.readers import Role


class StatusAndFirmware(Report):
    """One row for each device of any type that the viewer may see."""

    code = "RSMI_002"
    title = "Smart Metering Devices Status and Firmware Report"
    answers = (
        "Which firmware does each device run, since when, and is it still on the Certified Products List?"
    )
    roles = frozenset({Role.MAP, Role.SUPPLIER, Role.DCC})
    key = ("device_id",)
    inputs = (
        Choice("device_type"),
        Choice("device_status"),
        Choice("manufacturer"),
        Choice("firmware_version"),
        Choice("firmware_version_status"),
        DateRange("installation_date"),
        Choice("supplier_id"),
        Choice("map_id"),
    )
    columns = (
        c.DEVICE_ID,
        c.DEVICE_TYPE,
        c.MANUFACTURER,
        c.DEVICE_MODEL,
        c.FIRMWARE,
        Column(
            "firmware_effective_from",
            "Firmware effective from",
            "p.firmware_from",
            Kind.DATE,
            "First day on which the device ran this firmware.",
        ),
        c.FIRMWARE_STATUS,
        c.STATUS,
        c.STATUS_FROM,
        c.MPXN,
        c.MAP_ID,
        c.SUPPLIER_ID,
    )
    unshown = (c.INSTALLED,)
    counts = (
        CountBy(
            "firmware_version",
            "Firmware spread",
            "How many of these devices run each firmware version.",
        ),
        CountBy(
            "firmware_version_status",
            "Firmware by list status",
            "How many of these devices run firmware of each status on the Certified Products List.",
        ),
    )
    notes = (
        "DCC's own column list for this report is not public: these columns are our design.",
        "A MAP sees its meters here, not the other devices of the home.",
    )

    def source(self, ask: Ask) -> str:
        """The viewer's devices, with their CPL entry."""
        return f"{assets(ask)} LEFT JOIN inventory_cplentry cpl ON cpl.id = p.cpl_id"
