"""The certificate report."""

from __future__ import annotations

from reports.engine import columns as c
from reports.engine.ask import Ask
from reports.engine.columns import Column, Kind, event
from reports.engine.inputs import Choice, DateRange
from reports.engine.report import Report
from reports.engine.sources import assets
from reports.engine.summaries import CountByMonth
from smi_portal.access.readers import Role

STATUS = (
    "CASE WHEN x.revoked_on <= {day} THEN 'Revoked' WHEN x.expires_on <= {day} THEN 'Expired' "
    "WHEN x.issued_on > {day} THEN 'Not yet valid' ELSE 'Active' END"
)


class DeviceCertificates(Report):
    """One row for each certificate of a device that the viewer may see."""

    code = "RSMI_007"
    title = "Device Certificate Report"
    answers = "Which certificates do these devices hold, and which of them expire when?"
    roles = frozenset({Role.MAP, Role.SUPPLIER, Role.DCC})
    key = ("device_id", "certificate_serial")
    inputs = (
        Choice("key_usage"),
        Choice(
            "certificate_status",
            implies={
                "Expired": "expires_on__lte",
                "Revoked": "revoked_by__lte",
            },
        ),
        DateRange("expires_on"),
        Choice("device_type"),
        Choice("supplier_id"),
        Choice("map_id"),
    )
    columns = (
        c.DEVICE_ID,
        c.DEVICE_TYPE,
        c.STATUS,
        Column("key_usage", "Key usage", "x.key_usage", help="What the certificate's key is for."),
        Column("certificate_serial", "Certificate serial", "x.certificate_serial", help="Its serial number."),
        Column(
            "certificate_status",
            "Certificate status",
            STATUS,
            help="At the as-at day: Revoked, Expired, Not yet valid or Active.",
        ),
        Column("issued_on", "Issued on", "x.issued_on", Kind.DATE, "Day of issue."),
        Column("expires_on", "Expires on", "x.expires_on", Kind.DATE, "Day of expiry."),
        Column(
            "revoked_on",
            "Revoked on",
            event("x.revoked_on"),
            Kind.DATE,
            "Day of revocation; blank when not revoked.",
        ),
        Column(
            "days_to_expiry",
            "Days to expiry",
            "(x.expires_on - {day})",
            Kind.INTEGER,
            "Days from the as-at day to expiry; negative once past, also for Revoked.",
        ),
        c.MPXN,
        c.MAP_ID,
    )
    unshown = (
        c.SUPPLIER_ID,
        Column(
            "revoked_by", "Revoked by", "x.revoked_on", Kind.DATE, "The day that makes the status Revoked."
        ),
    )
    counts = (
        CountByMonth(
            "expires_on",
            "certificate_status",
            "Certificate expiries by month",
            "How many of these certificates expire in each month, by status.",
            last=60,
        ),
    )
    notes = (
        "DCC's own column list for this report is not public: these columns are our design.",
        "A certificate issued on or after the end of your period with the device is not shown.",
    )

    def source(self, ask: Ask) -> str:
        """The certificates of the viewer's devices."""
        return (
            f"{assets(ask)} JOIN inventory_certificate x ON x.device_id = p.device_id "
            "WHERE x.issued_on <= {known} AND x.issued_on < p.run_to"
        )
