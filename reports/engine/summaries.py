"""Numbers that people would rather see: a chart and its table, over the report's own filtered rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Value, When
from django.db.models.functions import TruncMonth
from django.utils.safestring import SafeString

from reports.engine.charts import MAX_SERIES, bar_chart
from reports.engine.rows import Rows

BLANK = "(blank)"
OTHER = "Other"


@dataclass(frozen=True)
class Summary:
    """A chart and the table that says the same: `headings`, then rows of a label and numbers."""

    title: str
    description: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    svg: SafeString


def count_by(found: Rows, key: str, title: str, description: str, most: int = 30) -> Summary:
    """How many rows there are of each value of one column, most frequent first."""
    counted = found.query.values(key).annotate(n=Count("*")).order_by("-n", key)
    pairs = [(row[key] if row[key] is not None else BLANK, row["n"]) for row in counted]
    if len(pairs) > most:
        pairs = [*pairs[:most], (OTHER, sum(n for _, n in pairs[most:]))]
    column = found.ask.report.column(key)
    svg = bar_chart(title, description, [str(label) for label, _ in pairs], {"Rows": [n for _, n in pairs]})
    return Summary(title, description, [column.title, "Rows"], [list(pair) for pair in pairs], svg)


def count_by_month(
    found: Rows, day: str, split: str, title: str, description: str, last: int = 36
) -> Summary:
    """How many rows fall into each month of a date column, split by another column; months before the last
    `last` are summed up as "earlier", rows without the date are "(blank)"."""
    counted = (
        found.query.annotate(month=TruncMonth(day)).values("month", split).annotate(n=Count("*")).order_by()
    )
    cells: dict[str, Counter[str]] = defaultdict(Counter)
    for row in counted:
        month = f"{row['month']:%Y-%m}" if row["month"] else BLANK
        cells[month][row[split] if row[split] is not None else BLANK] += row["n"]
    months = sorted(month for month in cells if month != BLANK)
    if len(months) > last:
        for month in months[:-last]:
            cells["earlier"].update(cells.pop(month))
        months = ["earlier", *months[-last:]]
    if BLANK in cells:
        months.append(BLANK)
    return cross_table(found.ask.report.column(day).title, months, cells, title, description)


#: Ages in days: upper bounds (exclusive) and their names, oldest last.
AGES = ((30, "under 30 days"), (90, "30 to 89 days"), (180, "90 to 179 days"), (365, "180 to 364 days"))
OLDEST = "365 days and more"


def count_by_age(found: Rows, key: str, days: str, title: str, description: str) -> Summary:
    """How many rows there are of each value of one column, split by how many days another column says."""
    steps = [When(**{f"{days}__lt": limit}, then=Value(name)) for limit, name in AGES]
    counted = (
        found.query.annotate(age=Case(*steps, default=Value(OLDEST)))
        .values(key, "age")
        .annotate(n=Count("*"))
        .order_by()
    )
    cells: dict[str, Counter[str]] = defaultdict(Counter)
    for row in counted:
        cells[row[key] if row[key] is not None else BLANK][row["age"]] += row["n"]
    column = found.ask.report.column(key)
    return cross_table(column.title, sorted(cells), cells, title, description)


def cross_table(
    heading: str,
    labels: Sequence[str],
    cells: Mapping[str, Mapping[str, int]],
    title: str,
    description: str,
) -> Summary:
    """A table of labels by series, and its stacked bars. Series beyond what a chart can show become "Other"."""
    totals: Counter[str] = Counter()
    for label in labels:
        totals.update(cells[label])
    names = [name for name, _ in sorted(totals.items(), key=lambda item: (-item[1], item[0]))]
    shown = names if len(names) <= MAX_SERIES else names[: MAX_SERIES - 1]
    rest = [name for name in names if name not in shown]
    series = {name: [cells[label].get(name, 0) for label in labels] for name in shown}
    if rest:
        series[OTHER] = [sum(cells[label].get(name, 0) for name in rest) for label in labels]
    rows = [
        [label, *(series[name][place] for name in series), sum(cells[label].values())]
        for place, label in enumerate(labels)
    ]
    headings = [heading, *series, "Total"]
    return Summary(title, description, headings, rows, bar_chart(title, description, list(labels), series))
