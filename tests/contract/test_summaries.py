"""Each chart's table counts just the rows that the viewer is shown, told apart by hand; also with inputs, and kept ones."""

from __future__ import annotations

from collections import Counter

import pytest
from django.core.cache import cache

from reports.engine.filters import filter_rows
from reports.engine.summaries import BLANK, OLDEST, CountBy, CountByAge, CountByMonth, Summary, summaries
from smi_portal.access.scope import scope
from tests.contract.cases import CASES, Case

pytestmark = pytest.mark.django_db

#: A day before the meters changed hands.
PAST = "2018-11-05"
COUNTED = [case for case in CASES if case.report.counts]
Records = list[dict[str, str]]


def drawn(case: Case, **given: str) -> list[Summary]:
    """What the page shows: the declared counts come first."""
    found = filter_rows(case.ask(**given)).rows
    with scope(case.viewer):
        return list(summaries(found))[: len(case.report.counts)]


def by_hand(count: object, records: Records) -> Counter[tuple[str, ...]]:
    """How many rows fall into each cell of the chart's table."""
    if isinstance(count, CountBy):
        return Counter((row[count.key] or BLANK,) for row in records)
    if isinstance(count, CountByMonth):
        return Counter((row[count.day][:7] or BLANK, row[count.split] or BLANK) for row in records)
    assert isinstance(count, CountByAge)
    return Counter((row[count.key] or BLANK, age(int(row[count.days]))) for row in records)


def age(days: int) -> str:
    limits = {30: "under 30 days", 90: "30 to 89 days", 180: "90 to 179 days", 365: "180 to 364 days"}
    return next((words for limit, words in limits.items() if days < limit), OLDEST)


def cells(count: object, summary: Summary) -> Counter[tuple[str, ...]]:
    """The table's numbers by label, and by series where it has several; a total is the sum of its line."""
    if isinstance(count, CountBy):
        return Counter({(str(label),): number for label, number in summary.rows})
    found: Counter[tuple[str, ...]] = Counter()
    for label, *numbers, total in summary.rows:
        assert sum(numbers) == total
        found.update({(label, name): n for name, n in zip(summary.headings[1:-1], numbers, strict=True) if n})
    return found


@pytest.mark.parametrize("case", COUNTED, ids=str)
def test_they_count_what_is_shown(case: Case) -> None:
    """On the extract's day, a past one, and with an input; each twice, the second time as it was kept."""
    keys = [count.key for count in case.report.counts if isinstance(count, CountBy | CountByAge)]
    key = keys[0] if keys else ""
    questions: list[dict[str, str]] = [{}, {"as_at": PAST}]
    inputs = {item.keys[0] for item in case.report.inputs_for(case.viewer)}
    if key in inputs:
        questions += [{key: value} for value in sorted({row[key] for row in case.records()} - {""})[:2]]
    cache.clear()
    for question in [*questions, *questions]:
        records = case.records(**question)
        for count, summary in zip(case.report.counts, drawn(case, **question), strict=True):
            assert cells(count, summary) == by_hand(count, records), (question, summary.title)


def test_the_world_tells_viewers_days_and_inputs_apart() -> None:
    """Else an answer kept for another's eyes, day or question would go unseen above."""
    case, other = (next(c for c in COUNTED if str(c) == f"RSMI_001-{who}") for who in ("M1", "S1"))
    answers = [
        drawn(case)[0].rows,
        drawn(other)[0].rows,
        drawn(case, as_at=PAST)[0].rows,
        drawn(case, device_status="Commissioned")[0].rows,
    ]
    assert len({str(rows) for rows in answers}) == len(answers)
