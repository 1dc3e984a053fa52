"""The installation status report."""

from __future__ import annotations

from reports.engine import columns as c
from reports.engine.ask import Ask
from reports.engine.columns import Column, Kind, event
from reports.engine.inputs import Choice, DateRange
from reports.engine.report import Report
from reports.engine.sources import assets
from reports.engine.summaries import CountBy, CountByMonth
from smi_portal.access.readers import Role


class InstallationStatus(Report):
    """One row for each meter, with or without a MAP ID."""

    code = "RSMI_001"
    title = "Installation Status Smart Meter Report"
    answers = "How far has each smart meter come, from pre-notification to commissioning, and since when?"
    roles = frozenset({Role.MAP, Role.SUPPLIER, Role.DCC})
    key = ("device_id",)
    has_history = True
    inputs = (
        Choice("device_status"),
        Choice("device_type"),
        DateRange("installation_date"),
        Choice("csp_region"),
        Choice("supplier_id"),
        Choice("map_id"),
    )
    columns = (
        c.DEVICE_ID,
        c.DEVICE_TYPE,
        c.SERIAL,
        c.MPXN,
        c.STATUS,
        c.STATUS_FROM,
        Column(
            "days_in_status",
            "Days in status",
            "(p.read_on - p.status_from)",
            Kind.INTEGER,
            "Days from the first day of the status to the as-at day.",
        ),
        Column(
            "pre_notified_on",
            "Pre-notified on",
            "p.pre_notified_on",
            Kind.DATE,
            "Day the meter was pre-notified to the inventory.",
        ),
        c.INSTALLED,
        Column(
            "commissioned_date",
            "Commissioned date",
            event("p.commissioned_on"),
            Kind.DATE,
            "Day the meter was commissioned.",
        ),
        c.CSP_REGION,
        Column(
            "communications_hub_id",
            "Communications Hub ID",
            "p.hub_id",
            help="Device ID of the Communications Hub to which the meter is linked at the as-at day.",
        ),
        c.MAP_ID,
        c.SUPPLIER_ID,
    )
    counts = (
        CountBy("device_status", "Meters by status", "How many of these meters are in each status."),
        CountByMonth(
            "installation_date",
            "device_status",
            "Installations by month",
            "How many of these meters were installed in each month, by their status now.",
        ),
    )
    notes = ("DCC's own column list for this report is not public: these columns are our design.",)

    def source(self, ask: Ask) -> str:
        """The viewer's meters."""
        return f"{assets(ask)} WHERE p.device_type IN ('ESME', 'GSME')"
