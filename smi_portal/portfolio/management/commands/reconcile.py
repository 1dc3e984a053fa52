"""`reconcile`: a ledger, invoice or asset register against the inventory, as a file."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.engine.files.columns import Tally
from smi_portal.portfolio.asking import Refused, current_load, last_month, period
from smi_portal.portfolio.commands import add_who_and_where, format_of, refusal, viewer_named, write
from smi_portal.portfolio.rates import read_rate
from smi_portal.portfolio.reconcile import Options, Step, reconcile
from smi_portal.portfolio.reconcile.categories import CATEGORIES
from smi_portal.portfolio.reconcile.mapping import FIELDS, read_pairs
from smi_portal.portfolio.reconcile.output import csv_file, xlsx

EVERY = 2.0  # seconds between lines of progress


class Command(BaseCommand):
    """Reconcile one file for one organisation."""

    help = (
        "Compare a rental invoice, billing file or asset register (CSV or .xlsx, headings in its first line) with the "
        "inventory, line by line. Fields: "
        + "; ".join(f"{field} ({meaning})" for field, meaning in FIELDS.items())
        + ". Usual headings are understood; --map says others."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which file, who asks, for which days, how the file is to be read."""
        parser.add_argument("file", type=Path, help="the ledger: .csv or .xlsx")
        add_who_and_where(parser, ".csv or .xlsx")
        parser.add_argument(
            "--from", metavar="DAY", help="first day, YYYY-MM-DD (default: of the last month)"
        )
        parser.add_argument("--to", metavar="DAY", help="the day after the last, YYYY-MM-DD")
        parser.add_argument(
            "--map", action="append", default=[], metavar="FIELD=HEADING", help="which column is what; repeat"
        )
        parser.add_argument("--rate", metavar="POUNDS", help="pounds a day, for lines without a rate")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0 with a complete file, or 1 with the reason and no file."""
        form = format_of(options["output"])
        if form == "json":
            raise CommandError(f"--output {options['output']}: a reconciliation is written as .csv or .xlsx.")
        viewer = viewer_named(options["organisation"])
        self.stderr.style_func = None  # progress is no error: not in red
        try:
            load = current_load()
            usual = last_month(load.day)
            days = period(options["from"] or usual.start, options["to"] or usual.end, load)
            chosen = Options(read_pairs(options["map"]), read_rate(options["rate"]))
            outcome = reconcile(viewer, options["file"], days, chosen, Told(self.stderr.write))
        except Refused as refused:
            raise refusal(refused) from None
        tally = Tally()
        try:
            chunks = xlsx(outcome, tally) if form == "xlsx" else csv_file(outcome, options["dialect"], tally)
            write(self, options["output"], chunks, tally)
        finally:
            outcome.spool.close()
        for category, total in outcome.totals.items():
            self.stderr.write(
                f"  {CATEGORIES[category][0]:<17}{total.lines:>10,} lines{total.your_days:>12,} days yours"
                f"{total.smi_days:>12,} days SMI's"
            )


class Told:
    """Progress as lines of text, every two seconds and when something else begins."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write, self._last, self._words, self._began = write, 0.0, "", 0.0

    def __call__(self, step: Step) -> None:
        now = time.monotonic()
        if step.words != self._words:
            self._began, self._words = now, step.words
            self._write(step.words)
        elif now - self._last < EVERY:
            return
        self._last = now
        if step.done and now > self._began:
            of = f" of {step.total:,}" if step.total is not None else ""
            self._write(f"{step.done:,}{of} lines ({step.done / (now - self._began):,.0f} lines/s)")
