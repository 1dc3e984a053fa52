"""The bespoke report with which a User counts the MAP IDs that it must backfill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.engine.ask import Ask
from reports.engine.backfill import counted_for_another_date, user_summaries
from reports.engine.columns import Column, Kind
from reports.engine.report import Report
from reports.engine.sources import assets_at
from reports.engine.summaries import Summary
from smi_portal.access.readers import Role

#: The User's own SRV 8.4 with a MAP ID for this meter, received by D.
SENT = (
    "SELECT q.response_code, q.received_at, q.request_id FROM inventory_servicerequest q "
    "WHERE q.device_id = b.device_id AND q.organisation_ref = b.user_org_id AND q.service_reference_variant = '8.4' "
    "AND q.map_id IS NOT NULL AND q.received_at < (({day} + 1)::timestamp AT TIME ZONE 'UTC')"
)
LATEST = "ORDER BY q.received_at DESC, q.request_id DESC LIMIT 1"


class BackfillCount(Report):
    """One row for each meter whose MAP ID is outstanding, for the User that pre-notified it."""

    code = "BKF_001"
    title = "MAP ID backfill count"
    answers = "How many MAP IDs must I still put into the inventory, and on which meters?"
    roles = frozenset({Role.SUPPLIER, Role.DCC})
    key = ("device_id",)
    inputs = ()
    columns = (
        Column("organisation", "User", "b.organisation", help="The User that pre-notified the meter."),
        Column("device_id", "Device ID", "b.device_id", help="EUI-64 identifier of the meter."),
        Column("device_type", "Device type", "b.device_type", help="ESME or GSME."),
        Column(
            "device_status",
            "Device status",
            "p.status",
            help="Its status; blank when the meter is with another supplier.",
        ),
        Column(
            "mpxn", "MPxN", "p.mpxn", help="Its import MPxN; blank when the meter is with another supplier."
        ),
        Column(
            "pre_notified_on", "Pre-notified on", "b.pre_notified_on", Kind.DATE, "Day of pre-notification."
        ),
        Column(
            "registered_supplier",
            "Registered supplier",
            "p.supplier_id",
            help="MPID registered for the MPxN; blank when the meter is with another supplier.",
        ),
        Column(
            "last_refusal_code",
            "Last refusal code",
            "refused.response_code",
            help="Response to the User's latest refused 8.4 with a MAP ID for this meter.",
        ),
        Column(
            "last_sent_on",
            "Last sent on",
            "(sent.received_at AT TIME ZONE 'UTC')::date",
            Kind.DATE,
            "UTC day of the User's latest 8.4 with a MAP ID for this meter.",
        ),
    )
    notes = (
        "In scope: meters that the User pre-notified before the implementation date, not Decommissioned or Withdrawn.",
        "Outstanding: in scope and without a MAP ID at the as-at day. The column list is our design.",
    )

    def not_ready(self) -> Mapping[str, Sequence[str]]:
        """The counts must be for the site's implementation date."""
        return counted_for_another_date()

    def source(self, ask: Ask) -> str:
        """The viewer's outstanding meters (DCC: everyone's)."""
        return (
            "inventory_backfillperiod b "
            "JOIN inventory_organisation o ON o.id = b.user_org_id AND o.is_user AND o.in_extract "
            f"LEFT JOIN {assets_at(ask, 'p')} ON p.device_id = b.device_id "
            f"LEFT JOIN LATERAL ({SENT} AND q.response_code LIKE 'E%' {LATEST}) refused ON true "
            f"LEFT JOIN LATERAL ({SENT} {LATEST}) sent ON true "
            "WHERE b.from_day <= {day} AND b.to_day > {day} AND NOT b.closed AND NOT b.has_map "
            "AND b.pre_notified_on < {implementation}"
        )

    def summaries(self, ask: Ask) -> Sequence[Summary]:
        """Each User's scope, by device type and status."""
        return user_summaries(ask)
