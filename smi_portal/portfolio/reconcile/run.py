"""One reconciliation from file to answers: every line is answered, and so is every day that nobody billed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path

from smi_portal.access.readers import FieldGroup
from smi_portal.access.scope import Viewer
from smi_portal.inventory.models import ExtractLoad
from smi_portal.portfolio.asking import Period, Refused, current_load, portfolio_of
from smi_portal.portfolio.reconcile.books import Books, elsewhere
from smi_portal.portfolio.reconcile.categories import CATEGORIES, Result, judge, pounds, subtract
from smi_portal.portfolio.reconcile.claims import Claim, Malformed, read_claim
from smi_portal.portfolio.reconcile.mapping import Places, place_columns
from smi_portal.portfolio.reconcile.reading import Line, read
from smi_portal.portfolio.reconcile.spool import Spool

BATCH = 5_000  # lines
EVERY = 2.0  # seconds between lines of progress

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How to read the file. `mapping`: field → heading, before what is understood by itself; `rate`: pounds a day,
    where a line has none of its own; `most_lines`: more are refused.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    rate: Decimal | None = None
    most_lines: int | None = None


@dataclass
class Totals:
    """Sums over one category."""

    lines: int = 0
    your_days: int = 0
    smi_days: int = 0
    your_amount: Decimal = Decimal(0)
    smi_amount: Decimal = Decimal(0)

    def add(self, result: Result) -> None:
        """Count one more."""
        self.lines += 1
        self.your_days += result.your_days or 0
        self.smi_days += result.smi_days or 0
        self.your_amount += result.your_amount or 0
        self.smi_amount += result.smi_amount or 0


@dataclass
class Outcome:
    """The answers, spooled to disk, with all that a reader must know of how they came about."""

    viewer: Viewer
    period: Period
    load: ExtractLoad
    file: str
    places: Mapping[str, str]
    ignored: list[str]
    options: Options
    totals: dict[str, Totals]
    spool: Spool
    has_money: bool


def reconcile(
    viewer: Viewer, path: Path, period: Period, options: Options, progress: Progress, name: str = ""
) -> Outcome:
    """Compare the file at `path` with the viewer's rental days. Opens scopes of its own; call outside any.

    The caller closes the outcome's spool. Raises Refused, naming what is wrong with the file or its columns.
    """
    portfolio_of(viewer)
    load = current_load()
    lines = read(path)
    headings = next(lines, None)
    if headings is None:
        raise Refused(
            {"file": [f"{name or path.name} is empty: it needs a line of headings, then its lines."]}
        )
    titles = [cell.strip() for cell in headings[1]]
    places = place_columns(titles, options.mapping)
    ignored = []
    if "supplier_id" in places and not viewer.sees(FieldGroup.SUPPLIER):
        ignored.append(f"{titles[places['supplier_id']]}: suppliers are not released to you")
        del places["supplier_id"]
    spool = Spool()
    outcome = Outcome(
        viewer,
        period,
        load,
        name or path.name,
        {field: headings[1][at].strip() for field, at in places.items()},
        ignored,
        options,
        {category: Totals() for category in CATEGORIES},
        spool,
        options.rate is not None or bool({"rate", "amount"} & set(places)),
    )
    try:
        progress("reading your portfolio's days")
        with Books(viewer, period) as books:
            _answer_lines(outcome, books, lines, places, progress)
            progress("looking for days that nobody billed")
            for result in _not_billed(outcome, books):
                _put(outcome, result)
        if current_load().sequence != load.sequence:
            raise Refused(
                {"extract": ["A new extract was loaded meanwhile. Nothing is lost: run it again."]}, 503
            )
    except BaseException:
        spool.close()
        raise
    return outcome


def _answer_lines(
    outcome: Outcome, books: Books, lines: Iterator[Line], places: Places, progress: Progress
) -> None:
    started = shown = time.monotonic()
    done = 0
    while batch := list(islice(lines, BATCH)):
        for result in _batch(outcome, books, batch, places):
            _put(outcome, result)
        done += len(batch)
        most = outcome.options.most_lines
        if most is not None and done > most:
            raise Refused(
                {
                    "file": [
                        f"The file has more than {most:,} lines: split it, or ask your operator to run "
                        "“manage.py reconcile”, which has no limit."
                    ]
                }
            )
        now = time.monotonic()
        if now - shown >= EVERY:
            shown = now
            progress(f"{done:,} lines ({done / (now - started):,.0f} lines/s)")
    progress(f"{done:,} lines read")


def _batch(outcome: Outcome, books: Books, batch: list[Line], places: Places) -> Iterator[Result]:
    """The answers of some lines, in their order. Only assets without days are asked for at the database."""
    claims: dict[int, Claim] = {}
    malformed: dict[int, str] = {}
    for line, cells in batch:
        try:
            claims[line] = read_claim(cells, places, outcome.period, outcome.options.rate)
        except Malformed as why:
            malformed[line] = str(why)
    books.add(list(claims.items()))
    first, last = batch[0][0], batch[-1][0]
    spans, earlier = books.spans(first, last), books.earlier(first, last)
    absent = {claim.device_id for line, claim in claims.items() if line not in spans and claim.device_id}
    known = elsewhere(outcome.viewer, absent)
    for line, _ in batch:
        if line in malformed:
            yield Result(line, "malformed", explanation=malformed[line])
            continue
        claim, found = claims[line], spans.get(line, [])
        yield judge(line, claim, found, earlier.get(line, []), known.get(claim.device_id), books.events)


Run = tuple[tuple[str, str, str, str], int, int]


def _not_billed(outcome: Outcome, books: Books) -> Iterator[Result]:
    """Days that no line names, touching runs of one asset, MPxN, MAP and supplier joined."""
    rate = outcome.options.rate
    open_run: Run | None = None

    def told(run: Run) -> Result:
        asset, start, stop = run
        return Result(
            None,
            "not_billed",
            *asset,
            start,
            stop,
            0,
            stop - start,
            rate,
            None if rate is None else Decimal(0),
            pounds(rate, stop - start),
            "In your portfolio on these days; no line of the file names them.",
        )

    for span, claims in books.unclaimed():
        for start, stop in subtract([(span.start, span.stop)], claims):
            if open_run is not None and (open_run[0], open_run[2]) == (span[:4], start):
                open_run = (open_run[0], open_run[1], stop)
                continue
            if open_run is not None:
                yield told(open_run)
            open_run = (span[:4], start, stop)
    if open_run is not None:
        yield told(open_run)


def _put(outcome: Outcome, result: Result) -> None:
    outcome.totals[result.category].add(result)
    outcome.spool.put(result)
