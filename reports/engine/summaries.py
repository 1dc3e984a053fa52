"""Numbers that people would rather see: a chart and its table, over the report's own filtered rows.

A report declares its counts; all of them are taken from one pass over the rows, and kept until the next extract.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from django.db.models import Case, Count, F, Value, When
from django.db.models.functions import TruncMonth
from django.utils.safestring import SafeString

from reports.engine.charts import MAX_SERIES, bar_chart
from reports.engine.inputs import DEVICES
from reports.engine.report import Report
from reports.engine.rows import Rows
from reports.engine.whole import whole_pass
from smi_portal.inventory.kept import AsJson, kept

BLANK = "(blank)"
OTHER = "Other"
TOTAL = "Total"

#: How many rows have which values of a count's keys.
Cells = Iterable[tuple[tuple[Any, ...], int]]


@dataclass(frozen=True)
class Summary:
    """A chart and the table that says the same: `headings`, then rows of a label and numbers."""

    title: str
    description: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    svg: SafeString


def drawn(title: str, description: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> Summary:
    """The summary that a table of a label and counts makes: a bar for each row; a last column "Total" is not drawn."""
    series = headings[1:-1] if headings[-1] == TOTAL else headings[1:]
    labels = [str(row[0]) for row in rows]
    bars = {name: [row[place] for row in rows] for place, name in enumerate(series, start=1)}
    return Summary(title, description, headings, rows, bar_chart(title, description, labels, bars))


#: As tables: the charts are drawn again.
_JSON: AsJson[Sequence[Summary]] = AsJson(
    write=lambda made: [[one.title, one.description, list(one.headings), list(one.rows)] for one in made],
    read=lambda written: tuple(drawn(*table) for table in written),
)


class RowCount(Protocol):
    """A count that a report declares: by which keys rows are told apart, and what is drawn from the numbers."""

    def keys(self) -> Mapping[str, Any]:
        """Name → expression over the report's columns. Equal names are equal expressions, in all counts."""

    def summary(self, report: Report, cells: Cells) -> Summary:
        """The chart and its table; the values of `cells` are in the order of `keys`."""


def summaries(found: Rows) -> Sequence[Summary]:
    """The report's charts with their tables, over the same rows as the page. Call inside the viewer's scope."""
    ask = found.ask

    def make() -> Sequence[Summary]:
        return (*_counted(found, ask.report.counts), *ask.report.summaries(ask))

    if any(ask.given.get(key) for key in DEVICES.keys):  # a list is what its owner makes of it, at any time
        return make()
    inputs = urlencode(sorted((key, tuple(sorted(ask.given.getlist(key)))) for key in ask.given), doseq=True)
    name = f"summaries:{ask.report.code}:{ask.history}:{ask.report.revision()}:{inputs}"
    return kept(name, ask.viewer, ask.load, ask.day, make, _JSON)


def _counted(found: Rows, counts: Sequence[RowCount]) -> list[Summary]:
    """One pass over the rows, told apart by all keys of all counts; each count sums over the others' keys.

    Not GROUPING SETS: PostgreSQL's parallel workers share a plain GROUP BY, and not those.
    """
    keys: dict[str, Any] = {}
    for each in counts:
        keys |= each.keys()
    if not keys:
        return []
    query = found.query.annotate(**{f"by_{name}": expression for name, expression in keys.items()})
    names = [f"by_{name}" for name in keys]
    with whole_pass():
        numbers = list(query.values(*names).annotate(n=Count("*")).order_by().values_list(*names, "n"))
    made = []
    for each in counts:
        places = [list(keys).index(name) for name in tuple(each.keys())]
        cells: Counter[tuple[Any, ...]] = Counter()
        for *row, number in numbers:
            cells[tuple(row[place] for place in places)] += number
        made.append(each.summary(found.ask.report, cells.items()))
    return made


@dataclass(frozen=True)
class CountBy:
    """How many rows there are of each value of one column, most frequent first; beyond `most` they are "Other"."""

    key: str
    title: str
    description: str
    most: int = 30

    def keys(self) -> Mapping[str, Any]:
        """The column."""
        return {self.key: F(self.key)}

    def summary(self, report: Report, cells: Cells) -> Summary:
        """Bars and a table of two columns; among equals, blank comes last."""
        ordered = sorted(cells, key=lambda cell: (-cell[1], cell[0][0] is None, cell[0][0] or ""))
        pairs = [(BLANK if value is None else value, number) for (value,), number in ordered]
        if len(pairs) > self.most:
            pairs = [*pairs[: self.most], (OTHER, sum(number for _, number in pairs[self.most :]))]
        headings = [report.column(self.key).title, "Rows"]
        return drawn(self.title, self.description, headings, [list(pair) for pair in pairs])


@dataclass(frozen=True)
class CountByMonth:
    """How many rows fall into each month of a date column, split by another column.

    Months before the last `last` are summed up as "earlier", rows without the date are "(blank)".
    """

    day: str
    split: str
    title: str
    description: str
    last: int = 36

    def keys(self) -> Mapping[str, Any]:
        """The day's month, and the column that splits it."""
        return {f"{self.day}_month": TruncMonth(self.day), self.split: F(self.split)}

    def summary(self, report: Report, cells: Cells) -> Summary:
        """Stacked bars, a month each."""
        table: dict[str, Counter[str]] = defaultdict(Counter)
        for (month, value), number in cells:
            table[f"{month:%Y-%m}" if month else BLANK][BLANK if value is None else value] += number
        months = sorted(month for month in table if month != BLANK)
        if len(months) > self.last:
            for month in months[: -self.last]:
                table["earlier"].update(table.pop(month))
            months = ["earlier", *months[-self.last :]]
        if BLANK in table:
            months.append(BLANK)
        return cross_table(report.column(self.day).title, months, table, self.title, self.description)


#: Ages in days: upper bounds (exclusive) and their names, oldest last.
AGES = ((30, "under 30 days"), (90, "30 to 89 days"), (180, "90 to 179 days"), (365, "180 to 364 days"))
OLDEST = "365 days and more"


@dataclass(frozen=True)
class CountByAge:
    """How many rows there are of each value of one column, split by how many days another column says."""

    key: str
    days: str
    title: str
    description: str

    def keys(self) -> Mapping[str, Any]:
        """The column, and the age."""
        steps = [When(**{f"{self.days}__lt": limit}, then=Value(name)) for limit, name in AGES]
        return {self.key: F(self.key), f"{self.days}_age": Case(*steps, default=Value(OLDEST))}

    def summary(self, report: Report, cells: Cells) -> Summary:
        """Stacked bars, a value each."""
        table: dict[str, Counter[str]] = defaultdict(Counter)
        for (value, age), number in cells:
            table[BLANK if value is None else value][age] += number
        return cross_table(report.column(self.key).title, sorted(table), table, self.title, self.description)


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
    return drawn(title, description, [heading, *series, TOTAL], rows)
