"""The feed in numbers: how many events of each kind took effect in each week."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

from django.db import connection

from reports.engine.summaries import Summary, cross_table
from smi_portal.access.scope import Viewer, scope
from smi_portal.portfolio.feed.kinds import KINDS
from smi_portal.portfolio.feed.rows import Wanted, conditions

WEEKS = 13


def counts(viewer: Viewer, wanted: Wanted) -> dict[str, int]:
    """How many events there are of each kind. Opens its own scope."""
    with scope(viewer), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT e.kind, count(*) FROM inventory_changeevent e WHERE {conditions(viewer, wanted)} GROUP BY 1"
        )
        found = dict(cursor.fetchall())
    return {kind: found[kind] for kind in KINDS if kind in found}


def by_kind_and_week(viewer: Viewer, wanted: Wanted) -> Summary | None:
    """Events by the week in which they took effect (from Monday), and kind; None when there are none.

    The last weeks are told one by one, all before them as "earlier". Opens its own scope.
    """
    statement = (
        "SELECT date_trunc('week', e.from_day)::date, e.kind, count(*) FROM inventory_changeevent e "
        f"WHERE {conditions(viewer, wanted)} GROUP BY 1, 2 ORDER BY 1"
    )
    with scope(viewer), connection.cursor() as cursor:
        cursor.execute(statement)
        found = cursor.fetchall()
    if not found:
        return None
    last = max(week for week, _, _ in found)
    first = last - timedelta(weeks=WEEKS - 1)
    cells: dict[str, Counter[str]] = defaultdict(Counter)
    labels: list[str] = []
    for week, kind, number in found:
        label = f"{week.day} {week:%b %Y}" if week >= first else "earlier"
        if label not in labels:
            labels.append(label)
        cells[label][KINDS[kind][0]] += number
    words = "Events by the week, from Monday, in which they took effect."
    return cross_table("Week from", labels, cells, "By kind and week", words)
