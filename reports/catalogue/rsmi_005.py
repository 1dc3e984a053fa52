"""The scheduled service requests report."""

from __future__ import annotations

from reports.engine import columns as c
from reports.engine.ask import Ask
from reports.engine.columns import Column, Kind
from reports.engine.inputs import Choice, DateRange
from reports.engine.report import Report
from reports.engine.sources import assets_at
from smi_portal.access.readers import FieldGroup, Role
from smi_portal.inventory.requests import SCHEDULABLE_REQUESTS

NAME = "CASE s.service_reference_variant {} END".format(
    " ".join(f"WHEN '{variant}' THEN '{name}'" for variant, name in SCHEDULABLE_REQUESTS.items())
)


def _months(step: int) -> str:
    """The first run after D when runs are `step` months apart, counted from the start (31 Jan, 28 Feb, 31 Mar)."""
    passed = (
        "((extract(year FROM {day}) - extract(year FROM s.start_date)) * 12 "
        f"+ extract(month FROM {{day}}) - extract(month FROM s.start_date))::int / {step} * {step}"
    )
    run = f"(s.start_date + make_interval(months => {passed}))::date"
    later = f"(s.start_date + make_interval(months => {passed} + {step}))::date"
    return f"CASE WHEN {run} > {{day}} THEN {run} ELSE {later} END"


NEXT = (
    "CASE s.frequency WHEN 'Daily' THEN {day} + 1 "
    "WHEN 'Weekly' THEN s.start_date + (({day} - s.start_date) / 7 + 1) * 7 "
    f"WHEN 'Monthly' THEN {_months(1)} WHEN 'Quarterly' THEN {_months(3)} "
    f"WHEN 'Half-Yearly' THEN {_months(6)} WHEN 'Yearly' THEN {_months(12)} END"
)


class ScheduledRequests(Report):
    """One row for each schedule in force at the as-at day."""

    code = "RSMI_005"
    title = "Scheduled Service Requests Report"
    answers = "Which service requests are scheduled on these devices, how often, and when do they run next?"
    roles = frozenset({Role.MAP, Role.SUPPLIER, Role.DCC})
    key = ("schedule_id",)
    inputs = (
        Choice("service_reference_variant"),
        Choice("frequency"),
        Choice("device_status"),
        DateRange("start_date"),
        Choice("supplier_id", hint="The supplier of the device: a schedule's owner has no MPID here."),
        Choice("map_id"),
    )
    columns = (
        Column("schedule_id", "Schedule ID", "s.schedule_id", help="Identifier of the schedule."),
        Column("device_id", "Device ID", "s.device_id", help="EUI-64 identifier of the device."),
        Column("device_type", "Device type", "s.device_type", help="DUIS device type."),
        c.MPXN,
        Column(
            "service_reference_variant",
            "Service reference variant",
            "s.service_reference_variant",
            help="Which service request runs.",
        ),
        Column("service_request_name", "Service request", NAME, help="Its DUIS name; blank when not known."),
        Column("frequency", "Frequency", "s.frequency", help="How often it runs."),
        Column("start_date", "Start date", "s.start_date", Kind.DATE, "First day of the schedule."),
        Column("end_date", "End date", "s.end_date", Kind.DATE, "Last day of the schedule, inclusive."),
        Column(
            "next_run_on",
            "Next run on",
            f"CASE WHEN s.end_date IS NULL OR ({NEXT}) <= s.end_date THEN {NEXT} END",
            Kind.DATE,
            "First run after the as-at day, counting whole frequencies from the start; blank past the end.",
        ),
        Column(
            "owner",
            "Owner",
            "s.organisation",
            help="Organisation that owns the schedule.",
            group=FieldGroup.SUPPLIER,
        ),
        c.STATUS,
        c.MAP_ID,
    )
    unshown = (c.SUPPLIER_ID,)
    notes = (
        "DCC's own column list for this report is not public: these columns are our design.",
        "An owner that cannot see the device keeps its schedule here, with MPxN, status and MAP ID blank.",
    )

    def source(self, ask: Ask) -> str:
        """The viewer's own schedules, and those on a MAP's meters; DCC sees all."""
        owned = {Role.MAP: "s.map_owner_id = {organisation} OR p.device_id IS NOT NULL", Role.DCC: "true"}
        return (
            f"inventory_schedule s LEFT JOIN {assets_at(ask, 'p')} ON p.device_id = s.device_id "
            "WHERE s.start_date <= {day} AND (s.end_date IS NULL OR s.end_date >= {day}) AND s.device_from <= {day} "
            f"AND ({owned.get(ask.viewer.role, 's.owner_id = {organisation}')})"
        )
