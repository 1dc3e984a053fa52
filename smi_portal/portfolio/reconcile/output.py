"""A reconciliation as a file: Excel with a covering sheet and one sheet for each category, or one CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reports.engine.files.columns import FileColumn, Tally
from reports.engine.files.csv import csv_stream
from reports.engine.files.sheets import Cover, Table, sheets_stream
from reports.engine.run import Dialect
from smi_portal.access.readers import FieldGroup
from smi_portal.portfolio.reconcile.categories import CATEGORIES
from smi_portal.portfolio.reconcile.mapping import FIELDS
from smi_portal.portfolio.reconcile.run import Outcome
from smi_portal.portfolio.text import csv_line

COLUMNS = (
    FileColumn("category", "Category", "text", ", ".join(CATEGORIES)),
    FileColumn("line", "Line", "integer", "Line of your file; blank where no line of it is meant."),
    FileColumn("device_id", "Device ID", "text", "The asset."),
    FileColumn("mpxn", "MPxN", "text", "The MPxN of the line; where it names none, the inventory's."),
    FileColumn("map_id", "MAP ID", "text", "Likewise."),
    FileColumn("supplier_id", "Supplier ID", "text", "Likewise."),
    FileColumn("first_day", "First day", "date", "The first of the days compared."),
    FileColumn("last_day", "Last day", "date", "The last of them, itself counted."),
    FileColumn("your_days", "Your days", "integer", "Days that your file claims."),
    FileColumn(
        "smi_days", "SMI's days", "integer", "Days on which the asset was yours, installed and not removed."
    ),
    FileColumn("difference_days", "Difference in days", "integer", "Yours less SMI's."),
    FileColumn("rate", "Rate (£ a day)", "decimal", "Pounds a day: the line's, or the one given for all."),
    FileColumn("your_amount", "Your amount (£)", "decimal", "The line's amount; else its days × rate."),
    FileColumn("smi_amount", "SMI's amount (£)", "decimal", "SMI's days × rate, to the penny, half up."),
    FileColumn("difference_amount", "Difference (£)", "decimal", "Yours less SMI's."),
    FileColumn("explanation", "Explanation", "text", "What explains the difference."),
    FileColumn("event", "Event", "integer", "Cursor of the change event that explains it."),
)
MONEY = frozenset({"rate", "your_amount", "smi_amount", "difference_amount"})

TOTALS = (
    FileColumn("category", "Category", "text"),
    FileColumn("meaning", "Meaning", "text"),
    FileColumn("lines", "Lines", "integer"),
    FileColumn("your_days", "Your days", "integer"),
    FileColumn("smi_days", "SMI's days", "integer"),
    FileColumn("your_amount", "Your amount (£)", "decimal"),
    FileColumn("smi_amount", "SMI's amount (£)", "decimal"),
    FileColumn("difference", "Difference (£)", "decimal"),
)


@dataclass(frozen=True)
class _Shape:
    """Which cells of a spooled line this outcome shows: no money without a rate, no supplier without release."""

    places: tuple[int, ...]

    @property
    def columns(self) -> list[FileColumn]:
        """The columns, in order."""
        return [COLUMNS[at] for at in self.places]

    def cut(self, line: bytes) -> bytes:
        """The line with these cells only."""
        cells = line[:-1].split(b"\t")
        return b"\t".join([cells[at] for at in self.places]) + b"\n"


def shape_of(outcome: Outcome) -> _Shape:
    """The columns that this viewer's file has."""
    hidden = set() if outcome.has_money else set(MONEY)
    if not outcome.viewer.sees(FieldGroup.SUPPLIER):
        hidden.add("supplier_id")
    return _Shape(tuple(at for at, column in enumerate(COLUMNS) if column.key not in hidden))


def xlsx(outcome: Outcome, tally: Tally) -> Iterator[bytes]:
    """The workbook, streamed."""
    shape = shape_of(outcome)
    tables = (
        Table(name, shape.columns, map(shape.cut, outcome.spool.lines(category)))
        for category, (name, _) in CATEGORIES.items()
    )
    cover = Cover(facts(outcome), totals_columns(outcome), totals_rows(outcome), shape.columns)
    return sheets_stream(cover, tables, "Reconciliation", tally)


def csv_file(outcome: Outcome, dialect: Dialect, tally: Tally) -> Iterator[bytes]:
    """Every line in the order of your file, then the days that nobody billed."""
    shape = shape_of(outcome)
    guarded = dialect == "people"
    messages = (csv_line(shape.cut(line), shape.columns, guarded) for line in outcome.spool.lines())
    return csv_stream(messages, shape.columns, dialect, tally)


def facts(outcome: Outcome) -> list[tuple[str, str]]:
    """What a reader of the file must know."""
    viewer, load, period = outcome.viewer, outcome.load, outcome.period
    read = "; ".join(f"{heading} is {FIELDS[field]}" for field, heading in outcome.places.items())
    return [
        ("Reconciliation of", outcome.file),
        ("Organisation", f"{viewer.organisation_name} ({viewer.organisation})"),
        ("From", str(period.start)),
        ("To (not included)", str(period.end)),
        ("Extract", f"sequence {load.sequence}, {load.extract_id}"),
        ("Data as at", f"{load.as_at:%Y-%m-%dT%H:%M:%SZ}"),
        ("How your columns were read", read),
        *(("Column left out", note) for note in outcome.ignored),
        *([("Rate (£ a day)", str(outcome.options.rate))] if outcome.options.rate is not None else []),
        (
            "How days are counted",
            "In your portfolio, from the day of installation to the day before removal.",
        ),
        ("Data", "Synthetic unless your operator says otherwise."),
    ]


def totals_columns(outcome: Outcome) -> list[FileColumn]:
    """The columns of the totals."""
    return list(TOTALS if outcome.has_money else TOTALS[:5])


def totals_rows(outcome: Outcome) -> list[list[str]]:
    """A row for each category, and one for all."""
    rows = []
    sums = list(outcome.totals.values())
    named = [(*CATEGORIES[category], [total]) for category, total in outcome.totals.items()]
    for name, meaning, found in [*named, ("All", "Every line, and days that nobody billed.", sums)]:
        yours, smis = sum(one.your_amount for one in found), sum(one.smi_amount for one in found)
        counts = (sum(getattr(one, key) for one in found) for key in ("lines", "your_days", "smi_days"))
        money = [f"{yours:.2f}", f"{smis:.2f}", f"{yours - smis:.2f}"] if outcome.has_money else []
        rows.append([name, meaning, *map(str, counts), *money])
    return rows
