"""One reconciliation from file to answers: every line is answered, and so is every day that nobody billed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from smi_portal.portfolio.reconcile.claims import Claim, ClaimReader, Malformed
from smi_portal.portfolio.reconcile.mapping import Places, place_columns
from smi_portal.portfolio.reconcile.reading import Line, read
from smi_portal.portfolio.reconcile.spool import Spool

BATCH = 5_000  # lines
MOST_WORKBOOK = 2_000_000  # bytes of a packed workbook that a request opens

READING, COMPARING, LOOKING = (
    "reading your portfolio's days",
    "comparing",
    "looking for days that nobody billed",
)


@dataclass(frozen=True)
class Step:
    """How far it is: what is being done, lines done of lines in all (None while they are still being read)."""

    words: str
    done: int = 0
    total: int | None = None


#: Told every few thousand lines; it may raise, which ends the reconciliation. Called outside any scope.
Progress = Callable[[Step], None]
#: Asked at moments when nothing may be recorded; it may raise as well.
Check = Callable[[], None]


class TooManyLines(Refused):
    """The file has more lines than this way of asking may have."""


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
    viewer: Viewer,
    path: Path,
    period: Period,
    options: Options,
    progress: Progress,
    name: str = "",
    check: Check = lambda: None,
) -> Outcome:
    """Compare the file at `path` with the viewer's rental days. Opens scopes of its own; call outside any.

    The caller closes the outcome's spool. Raises Refused, naming what is wrong with the file or its columns.
    """
    portfolio_of(viewer)
    load = current_load()
    heads = headings(path, options, name)
    lines, titles, places = heads.lines, heads.titles, heads.places
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
        {field: titles[at] for field, at in places.items()},
        ignored,
        options,
        {category: Totals() for category in CATEGORIES},
        spool,
        options.rate is not None or bool({"rate", "amount"} & set(places)),
    )
    try:
        progress(Step(READING))
        with Books(viewer, period, check) as books:
            _read_lines(outcome, books, lines, places, progress)
            total = books.end()
            _answer_lines(outcome, books, total, progress)
            progress(Step(LOOKING, total, total))
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


@dataclass
class Headings:
    """The first line of a file: its titles, where each field stands, and the lines that follow."""

    titles: list[str]
    places: Places
    lines: Iterator[Line]


def headings(path: Path, options: Options, name: str = "") -> Headings:
    """Read the headings. Raises Refused when the file cannot be read, or no column identifies an asset."""
    lines = read(path)
    first = next(lines, None)
    if first is None:
        raise Refused(
            {"file": [f"{name or path.name} is empty: it needs a line of headings, then its lines."]}
        )
    titles = [cell.strip() for cell in first[1]]
    return Headings(titles, place_columns(titles, options.mapping), lines)


def headings_at_once(path: Path, options: Options, name: str = "") -> Headings | None:
    """The headings, if they can be had within a request: a large workbook would be unpacked as a whole, so it waits.

    Raises as `headings`.
    """
    if path.suffix.lower() == ".xlsx" and path.stat().st_size > MOST_WORKBOOK:
        return None
    return headings(path, options, name)


def _read_lines(
    outcome: Outcome, books: Books, lines: Iterator[Line], places: Places, progress: Progress
) -> None:
    reader = ClaimReader(places, outcome.period, outcome.options.rate)
    most, done = outcome.options.most_lines, 0
    while batch := list(islice(lines, BATCH)):
        done += len(batch)
        if most is not None and done > most:
            raise TooManyLines({"file": [f"The file has more than {most:,} lines: split it."]})
        books.add((line, _claim(reader, cells)) for line, cells in batch)
        progress(Step("reading your file", done))


def _claim(reader: ClaimReader, cells: Sequence[str]) -> Claim | str:
    try:
        return reader.read(cells)
    except Malformed as why:
        return str(why)


def _answer_lines(outcome: Outcome, books: Books, total: int, progress: Progress) -> None:
    done = after = 0
    while batch := books.lines(after, BATCH):
        after = batch[-1][0]
        for result in _batch(outcome, books, batch):
            _put(outcome, result)
        done += len(batch)
        progress(Step(COMPARING, done, total))


def _batch(outcome: Outcome, books: Books, batch: list[tuple[int, Claim | str]]) -> Iterator[Result]:
    """The answers of some lines, in their order. Only assets without days are asked for at the database."""
    first, last = batch[0][0], batch[-1][0]
    spans, earlier = books.spans(first, last), books.earlier(first, last)
    absent = {claim[0] for line, claim in batch if isinstance(claim, Claim) and line not in spans}
    known = elsewhere(outcome.viewer, absent - {""})
    for line, claim in batch:
        if isinstance(claim, str):
            yield Result(line, "malformed", explanation=claim)
            continue
        found = spans.get(line, [])
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
