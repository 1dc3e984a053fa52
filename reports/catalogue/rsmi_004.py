"""The report of hubs without devices."""

from __future__ import annotations

from reports.engine import columns as c
from reports.engine.ask import Ask
from reports.engine.columns import Column, Kind
from reports.engine.inputs import Choice, Minimum
from reports.engine.report import Report
from reports.engine.sources import empty_hubs
from reports.engine.summaries import CountByAge
from smi_portal.access.readers import FieldGroup, Role


class HubWithoutDevices(Report):
    """One row for each Communications Hub to which no device but a GPF is linked."""

    code = "RSMI_004"
    title = "Communications Hub with No Attached Devices Report"
    answers = "Which Communications Hubs serve nobody, for how long, and which meter was there last?"
    roles = frozenset({Role.MAP, Role.SUPPLIER, Role.DCC})
    key = ("device_id",)
    inputs = (
        Choice("device_status"),
        Choice("csp_region"),
        Minimum("days_without_devices"),
        Choice("supplier_id"),
        Choice("map_id"),
    )
    columns = (
        c.DEVICE_ID,
        c.DEVICE_MODEL,
        c.MANUFACTURER,
        c.STATUS,
        c.CSP_REGION,
        Column(
            "installation_date",
            "Installation date",
            "p.installed_on",
            Kind.DATE,
            "Day the hub was installed.",
        ),
        Column(
            "days_without_devices",
            "Days without devices",
            "({day} - coalesce(p.empty_since, CASE WHEN p.installed_on <= {day} THEN p.installed_on "
            "ELSE p.pre_notified_on END))",
            Kind.INTEGER,
            "Days since the last device's link ended; since installation (or pre-notification) if none was linked.",
        ),
        Column(
            "last_attached_device_id",
            "Last attached meter",
            "p.last_attached_device_id",
            help="Device ID of the meter whose link to the hub ended last.",
        ),
        Column(
            "last_attached_on",
            "Last attached on",
            "p.last_attached_on",
            Kind.DATE,
            "Last day on which that meter was linked.",
        ),
        Column("map_id", "MAP ID", "p.map_id", help="MAP ID of the last attached meter on that day."),
        Column(
            "supplier_id",
            "Supplier ID",
            "p.supplier_id",
            help="MPID of the supplier of the last attached meter on that day.",
            group=FieldGroup.SUPPLIER,
        ),
    )
    counts = (
        CountByAge(
            "csp_region",
            "days_without_devices",
            "Hubs without devices by region and age",
            "How many of these hubs there are in each region, by how long they have had no device.",
        ),
    )
    notes = (
        "DCC's own column list for this report is not public: these columns are our design.",
        "A supplier that pre-notified the hub, but did not supply its last meter, sees the last four columns blank.",
    )

    def source(self, ask: Ask) -> str:
        """The viewer's hubs without devices."""
        return empty_hubs(ask)
