"""The route in figures, for DCC and SECAS: from the same rows, in columns that name no device and no party."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from smi_portal.data_issues.kinds import Cause

#: A line is resolved when an extract has verified it, or it was closed. Withdrawn and returned lines are neither.
LINES = """
WITH last AS (
    SELECT DISTINCT ON (line_id) line_id, state, on_day FROM data_issues_event
    WHERE state IS NOT NULL ORDER BY line_id, id DESC
), dcc AS (
    SELECT DISTINCT line_id FROM data_issues_event WHERE holder = 'DCC'
), line AS (
    SELECT l.cause, l.raised_on, last.state, last.on_day, dcc.line_id IS NOT NULL AS by_dcc
    FROM data_issues_line l JOIN last ON last.line_id = l.id LEFT JOIN dcc ON dcc.line_id = l.id
    WHERE last.state NOT IN ('RETURNED', 'WITHDRAWN') AND l.raised_on <= %(day)s
)
"""
BY_MONTH = "SELECT to_char(raised_on, 'YYYY-MM'), cause, count(*) FROM line GROUP BY 1, 2 ORDER BY 1, 2"
BY_AGE = """
SELECT cause, CASE WHEN days < 30 THEN 'under 30 days' WHEN days < 90 THEN '30 to 89 days'
    WHEN days < 180 THEN '90 to 179 days' WHEN days < 365 THEN '180 to 364 days' ELSE '365 days and more' END, count(*)
FROM (SELECT cause, %(day)s::date - raised_on AS days FROM line WHERE state IN ('OPEN', 'MENDED')) aged
GROUP BY 1, 2 ORDER BY 1, 2
"""
TOTALS = """
SELECT count(*), count(*) FILTER (WHERE state IN ('OPEN', 'MENDED')),
    count(*) FILTER (WHERE state IN ('VERIFIED', 'CLOSED')),
    count(*) FILTER (WHERE state IN ('VERIFIED', 'CLOSED') AND NOT by_dcc),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY on_day - raised_on) FILTER (WHERE state IN ('VERIFIED', 'CLOSED'))
FROM line
"""

#: The ages of `BY_AGE`, youngest first.
AGES = ("under 30 days", "30 to 89 days", "90 to 179 days", "180 to 364 days", "365 days and more")

Cells = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Totals:
    """Lines in all. `median_days`: from raised to resolved; None while nothing is resolved."""

    raised: int
    open: int
    resolved: int
    without_dcc: int
    median_days: float | None

    @property
    def share(self) -> str:
        """The share of the resolved that were mended without DCC, in percent."""
        return f"{100 * self.without_dcc / self.resolved:.1f}%" if self.resolved else "–"


def totals(day: date) -> Totals:
    """All lines raised by the day. Call inside the scope of DCC or SECAS."""
    raised, open_now, resolved, without, median = _rows(TOTALS, day)[0]
    return Totals(raised, open_now, resolved, without, None if median is None else float(median))


def raised_by_month(day: date) -> tuple[list[str], Cells]:
    """Months, and how many lines of each cause were raised in each."""
    cells: Cells = defaultdict(dict)
    for month, cause, number in _rows(BY_MONTH, day):
        cells[month][_words(cause)] = number
    return sorted(cells), cells


def open_by_age(day: date) -> tuple[list[str], Cells]:
    """Causes, and how many open lines of each age each has."""
    cells: Cells = defaultdict(dict)
    for cause, age, number in _rows(BY_AGE, day):
        cells[_words(cause)][age] = number
    return sorted(cells), cells


def open_ages(day: date) -> Counter[str]:
    """Open lines of each age of `AGES`, whatever their cause; an age that is not there has none."""
    found: Counter[str] = Counter()
    for _cause, age, number in _rows(BY_AGE, day):
        found[age] += number
    return found


def _words(cause: str) -> str:
    return Cause(cause).words if cause in Cause.__members__ else cause


def _rows(query: str, day: date) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(LINES + query, {"day": day})
        return list(cursor.fetchall())
