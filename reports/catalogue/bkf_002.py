"""Each User's backfill progress, month by month, as the Panel reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.engine.ask import Ask
from reports.engine.backfill import (
    ALLOWED,
    OVER,
    PANEL,
    counted_for_another_date,
    declared_by,
    recorded_so_far,
)
from reports.engine.columns import Column, Kind
from reports.engine.report import Report
from smi_portal.access.readers import Role

MONTHS = """
SELECT u.user_org_id, u.organisation, month.first::date AS first,
       least((month.first + interval '1 month')::date - 1, {day}) AS last
FROM (SELECT DISTINCT s.user_org_id, s.organisation FROM inventory_backfillstep s
      JOIN inventory_organisation o ON o.id = s.user_org_id AND o.is_user AND o.in_extract) u
CROSS JOIN LATERAL generate_series(
    date_trunc('month', {implementation}::timestamp), {day}::timestamp, interval '1 month') month (first)
"""
FIGURES = """
SELECT coalesce(sum(s.in_scope), 0)::int AS in_scope, coalesce(sum(s.populated), 0)::int AS populated,
       coalesce(sum(s.lost), 0)::int AS lost
FROM inventory_backfillstep s WHERE s.user_org_id = m.user_org_id AND s.day <= m.last
"""
SENT = """
SELECT coalesce(sum(d.requests), 0)::int AS sent,
       coalesce(sum(d.requests) FILTER (WHERE d.response_code = 'I0'), 0)::int AS accepted,
       coalesce(sum(d.requests) FILTER (WHERE d.response_code LIKE 'E%'), 0)::int AS refused
FROM inventory_backfillrequestday d WHERE d.user_org_id = m.user_org_id AND d.day BETWEEN m.first AND m.last
"""
BUSIEST = """
SELECT coalesce(max(n), 0)::int AS requests FROM (
    SELECT sum(d.requests) AS n FROM inventory_backfillrequestday d
    WHERE d.user_org_id = m.user_org_id AND d.day BETWEEN m.first AND m.last GROUP BY d.day) days
"""
TOP_REFUSAL = """
SELECT d.response_code FROM inventory_backfillrequestday d
WHERE d.user_org_id = m.user_org_id AND d.day BETWEEN m.first AND m.last AND d.response_code LIKE 'E%'
GROUP BY d.response_code ORDER BY sum(d.requests) DESC, d.response_code LIMIT 1
"""
PACE = """
SELECT coalesce(sum(d.requests), 0)::int AS accepted FROM inventory_backfillrequestday d
WHERE d.user_org_id = m.user_org_id AND d.response_code = 'I0' AND d.day BETWEEN m.last - 27 AND m.last
"""
OUTSTANDING = "(f.in_scope - f.populated)"
FINISH = (
    f"CASE WHEN {OUTSTANDING} = 0 THEN m.last WHEN pace.accepted > 0 "
    f"THEN m.last + ((28::bigint * {OUTSTANDING} + pace.accepted - 1) / pace.accepted)::int END"
)
#: Unknown without a Panel date; else done, or projected to be done by it.
ON_TRACK = (
    "CASE WHEN panel.panel_date IS NOT NULL "
    f"THEN {OUTSTANDING} = 0 OR coalesce({FINISH} <= panel.panel_date, false) END"
)


class BackfillProgress(Report):
    """One row for each User and calendar month, from the implementation's to the as-at day's."""

    code = "BKF_002"
    title = "Backfill progress"
    answers = "How far has each User come with its MAP IDs, month by month, and when will it be done?"
    roles = frozenset({Role.SUPPLIER, Role.SECAS, Role.DCC})
    key = ("organisation", "month")
    inputs = ()
    columns = (
        Column("organisation", "User", "m.organisation", help="The User whose obligation it is."),
        Column(
            "month",
            "Month",
            "to_char(m.first, 'YYYY-MM')",
            Kind.MONTH,
            "Calendar month; figures at its last day.",
        ),
        Column(
            "declared",
            "Declared",
            "declaration.declared",
            Kind.INTEGER,
            "How many MAP IDs the User declared, as corrected by then; blank before it declares.",
        ),
        Column(
            "declared_on",
            "Declared on",
            "declaration.declared_on",
            Kind.DATE,
            "Day of the User's first declaration: a later correction changes the figure, not this day.",
        ),
        Column(
            "declared_late",
            "Declared late",
            "declaration.declared_late",
            Kind.BOOLEAN,
            "Whether that day is after the fifth Working Day from the implementation.",
        ),
        Column(
            "daily_allowance",
            "Daily allowance",
            "allowed.daily_allowance",
            Kind.INTEGER,
            "SRV 8.4 that DCC lets the User send each day, as last confirmed by then.",
        ),
        Column(
            "window_from",
            "Window from",
            "allowed.window_from",
            Kind.DATE,
            "First day on which the User may send.",
        ),
        Column(
            "window_to", "Window to", "allowed.window_to", Kind.DATE, "Last day on which the User may send."
        ),
        Column(
            "in_scope", "In scope", "f.in_scope", Kind.INTEGER, "Meters whose MAP ID the User must put in."
        ),
        Column("populated", "Populated", "f.populated", Kind.INTEGER, "Of those, with a MAP ID."),
        Column("outstanding", "Outstanding", OUTSTANDING, Kind.INTEGER, "Of those, without one."),
        Column(
            "lost",
            "Lost",
            "f.lost",
            Kind.INTEGER,
            "Outstanding meters that had a MAP ID since implementation.",
        ),
        Column(
            "sent", "Sent", "q.sent", Kind.INTEGER, "SRV 8.4 with a MAP ID received in the month (UTC days)."
        ),
        Column("accepted", "Accepted", "q.accepted", Kind.INTEGER, "Of those, accepted (I0)."),
        Column("refused", "Refused", "q.refused", Kind.INTEGER, "Of those, refused (E…)."),
        Column(
            "top_refusal_code", "Top refusal code", "top.response_code", help="The most frequent refusal."
        ),
        Column(
            "busiest_day_sent",
            "Busiest day",
            "busy.requests",
            Kind.INTEGER,
            "Most that were sent on one day.",
        ),
        Column(
            "days_over_allowance",
            "Days over allowance",
            "over.days",
            Kind.INTEGER,
            "Days of the month on which more were sent than this row's daily allowance; blank without one.",
        ),
        Column(
            "percent_complete",
            "Percent complete",
            "CASE WHEN f.in_scope = 0 THEN 100.0 ELSE round(100.0 * f.populated / f.in_scope, 1) END",
            Kind.DECIMAL,
            "Populated of in scope, one decimal, half up; 100 when nothing is in scope.",
        ),
        Column(
            "projected_finish",
            "Projected finish",
            FINISH,
            Kind.DATE,
            "At the pace of the last 28 days; blank when none was accepted in them.",
        ),
        Column("panel_date", "Panel date", "panel.panel_date", Kind.DATE, "By when the Panel wants it done."),
        Column(
            "on_track",
            "On track",
            ON_TRACK,
            Kind.BOOLEAN,
            "Nothing outstanding, or projected to finish by the Panel date; blank without that date.",
        ),
    )
    notes = (
        "A User: an organisation that completed DCC User Entry and pre-notified a meter before the implementation.",
        "Declarations, allowances and the Panel date are those recorded by the month's day: never a later one.",
        "On track, days over allowance and which day counts as declared are our design.",
    )

    def not_ready(self) -> Mapping[str, Sequence[str]]:
        """The counts must be for the site's implementation date."""
        return counted_for_another_date()

    def revision(self) -> str:
        """What the parties have declared, confirmed and decided so far."""
        return recorded_so_far()

    def source(self, ask: Ask) -> str:
        """The viewer's Users and their months, with sums of daily counts up to each month's day."""
        laterals = {"f": FIGURES, "q": SENT, "busy": BUSIEST, "pace": PACE, "declaration": declared_by()}
        joins = "".join(f" CROSS JOIN LATERAL ({sql}) {alias}" for alias, sql in laterals.items())
        maybe = {"top": TOP_REFUSAL, "allowed": ALLOWED, "panel": PANEL, "over": OVER}
        joins += "".join(f" LEFT JOIN LATERAL ({sql}) {alias} ON true" for alias, sql in maybe.items())
        return f"({MONTHS}) m{joins}"
