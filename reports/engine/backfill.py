"""What the backfill reports share: the check of their basis, and the summary for each User."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db import connection

from reports.engine.ask import Ask
from reports.engine.sources import assets_at
from reports.engine.summaries import Summary, cross_table
from reports.engine.whole import whole_pass
from smi_portal.backfill.programme import declaration_deadline
from smi_portal.inventory.models.periods import BackfillBasis

ELSEWHERE = "with another supplier"

#: In scope at D, by User, device type and status as the viewer may know it, with and without a MAP. (The backfill is
#: of meters alone; to say so again for the devices joined to it keeps a million others out of the join.)
SCOPE = """
SELECT b.organisation, b.device_type,
       CASE WHEN p.device_id IS NULL THEN '{elsewhere}' ELSE coalesce(p.status, '(none)') END AS status,
       count(*), count(*) FILTER (WHERE b.has_map)
FROM inventory_backfillperiod b
JOIN inventory_organisation o ON o.id = b.user_org_id AND o.is_user AND o.in_extract
LEFT JOIN {assets} ON p.device_id = b.device_id AND p.device_type IN ('ESME', 'GSME')
WHERE b.from_day <= {day} AND b.to_day > {day} AND NOT b.closed AND b.pre_notified_on < {implementation}
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""

# What the parties had recorded by the last day of month `m`: later facts are not shown early.
DECLARED = """
SELECT (array_agg(d.declared ORDER BY d.version DESC))[1] AS declared, min(d.declared_on) AS declared_on,
       min(d.declared_on) > DATE '{deadline}' AS declared_late
FROM backfill_declaration d WHERE d.user_org_id = m.user_org_id AND d.declared_on <= m.last
"""
ALLOWED = """
SELECT a.daily_allowance, a.window_from, a.window_to FROM backfill_allowance a
WHERE a.user_org_id = m.user_org_id AND a.confirmed_on <= m.last ORDER BY a.version DESC LIMIT 1
"""
PANEL = """
SELECT d.panel_date FROM backfill_paneldate d WHERE d.decided_on <= m.last ORDER BY d.id DESC LIMIT 1
"""
OVER = """
SELECT CASE WHEN allowed.daily_allowance IS NOT NULL THEN count(*)::int END AS days FROM (
    SELECT d.day FROM inventory_backfillrequestday d
    WHERE d.user_org_id = m.user_org_id AND d.day BETWEEN m.first AND m.last
    GROUP BY d.day HAVING sum(d.requests) > allowed.daily_allowance) s
"""


def declared_by() -> str:
    """The User's declaration by the end of month `m`: the figure in force, and when it first declared."""
    return DECLARED.replace("{deadline}", declaration_deadline().due.isoformat())


def recorded_so_far() -> str:
    """Changes when a party records something that a backfill report shows: the tables are append-only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM backfill_declaration), (SELECT count(*) FROM backfill_allowance), "
            "(SELECT count(*) FROM backfill_paneldate)"
        )
        return "-".join(map(str, cursor.fetchone()))


def counted_for_another_date() -> Mapping[str, Sequence[str]]:
    """A reason not to report, when the stored counts are for another implementation date than the setting's."""
    basis = BackfillBasis.objects.first()
    if basis is None or basis.implementation == settings.SMI_IMPLEMENTATION_DATE:
        return {}
    return {
        "report": [
            f"The backfill was counted for an implementation on {basis.implementation}, but the setting now says "
            f"{settings.SMI_IMPLEMENTATION_DATE}. The operator must run manage.py rebuild_periods."
        ]
    }


def user_summaries(ask: Ask) -> Sequence[Summary]:
    """For each User: in scope, populated and outstanding, then the same by device type and status."""
    statement = SCOPE.replace("{elsewhere}", ELSEWHERE).replace("{assets}", assets_at(ask, "p"))
    with whole_pass(joined=True), connection.cursor() as cursor:
        cursor.execute(ask.literal(statement))
        found = cursor.fetchall()
    users: dict[str, Counter[str]] = defaultdict(Counter)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for user, device_type, status, in_scope, populated in found:
        counts = {"Populated": populated, "Outstanding": in_scope - populated}
        users[user].update(counts)
        kinds[f"{user} · {device_type} · {status}"].update(counts)
    return (
        cross_table(
            "User",
            list(users),
            users,
            "MAP IDs in scope by User",
            "Meters in the scope of the backfill: with a MAP ID, and outstanding.",
        ),
        cross_table(
            "User, device type and status",
            list(kinds),
            kinds,
            "The same by device type and status",
            "A meter that is with another supplier now is counted, but its status is not told.",
        ),
    )
