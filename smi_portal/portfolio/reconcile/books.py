"""The viewer's days, events and claims in a temporary file: whatever their number, memory stays flat.

SQLite keeps them because a claim is looked up by asset or by MPxN, in the order of somebody's file. Everything is
written first and indexed once, sorted; an index that grew with each line would be written all over again and again.
Days are ordinals (1 = 1 January of year 1), half-open.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection

from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.portfolio.asking import Period
from smi_portal.portfolio.feed.rows import stream_of
from smi_portal.portfolio.listing import literal
from smi_portal.portfolio.reconcile.claims import Claim
from smi_portal.portfolio.reconcile.sqlite import BY_MPXN, CLAIMED, EARLIER, SPANS, TABLES, UNCLAIMED
from smi_portal.portfolio.rental import days

CHECKED = 20_000  # rows of the inventory between two looks at whether to stop
SETTINGS = ("journal_mode = OFF", "synchronous = OFF", "automatic_index = OFF")
CACHE = 48 * 1024  # KiB of the file that SQLite may hold in memory
#: A day as an ordinal, in PostgreSQL.
ORDINAL = "({0} - DATE '0001-01-01' + 1)"


class Span(NamedTuple):
    """A run of rental days. `why_…`: installed or removed where that is what bounds it, else empty."""

    device_id: str
    mpxn: str
    map_id: str
    supplier_id: str
    start: int
    stop: int
    why_start: str
    why_stop: str


class Event(NamedTuple):
    """An event of the feed, as an explanation."""

    device_id: str
    position: int
    kind: str
    day: int
    extract: int


class Books:
    """Everything that a line is compared with. Use as a context manager: the file goes at its end."""

    def __init__(self, viewer: Viewer, period: Period, check: Callable[[], None] = lambda: None) -> None:
        """`check` is called now and then while the days are read, and may raise to stop it."""
        self.viewer, self.period, self._check = viewer, period, check
        self._directory = tempfile.TemporaryDirectory(prefix="smi-reconcile-")
        self._db = sqlite3.connect(str(Path(self._directory.name) / "books"), isolation_level=None)
        for setting in (*SETTINGS, f"cache_size = -{CACHE}"):
            self._db.execute(f"PRAGMA {setting}")
        self._db.executescript(TABLES)
        self._repeats = False

    def __enter__(self) -> Books:
        self._db.execute("BEGIN")
        try:
            self._fill("span", self._spans())
            self._fill("event", self._events())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._db.close()
        self._directory.cleanup()

    def add(self, lines: Iterable[tuple[int, Claim | str]]) -> None:
        """Remember lines, in their order: what each claims, or what is wrong with it."""
        marks = ", ".join("?" * 12)
        rows = (
            (line, None, None, None, None, None, None, None, None, None, None, one)
            if isinstance(one, str)
            else (line, *one[:7], _text(one.rate), _text(one.amount), one.outside, None)
            for line, one in lines
        )
        self._db.executemany(f"INSERT INTO claim VALUES ({marks})", rows)

    def end(self) -> int:
        """All lines have been added; how many."""
        self._run(CLAIMED)
        if self._db.execute("SELECT EXISTS (SELECT 1 FROM claim WHERE device_id = '')").fetchone()[0]:
            self._run(BY_MPXN)
        self._repeats = bool(self._db.execute("SELECT EXISTS (SELECT 1 FROM repeated)").fetchone()[0])
        return int(self._db.execute("SELECT count(*) FROM claim").fetchone()[0])

    def lines(self, after: int, most: int) -> list[tuple[int, Claim | str]]:
        """The next lines as they were added: each with its claim, or with what is wrong."""
        found = self._db.execute(
            "SELECT wrong, line, device_id, mpxn, map_id, supplier_id, start, stop, days, rate, amount, outside "
            "FROM claim WHERE line > ? ORDER BY line LIMIT ?",
            (after, most),
        )
        return [
            (line, wrong or Claim._make((*said, _money(rate), _money(amount), outside)))
            for wrong, line, *said, rate, amount, outside in found
        ]

    def spans(self, first: int, last: int) -> dict[int, list[Span]]:
        """For these lines (both included): their assets' runs of days that touch theirs, whatever MPxN and supplier."""
        found: dict[int, list[Span]] = defaultdict(list)
        for line, *span in self._db.execute(SPANS, (first, last) * 2):
            found[line].append(Span._make(span))
        for spans in found.values():
            if len(spans) > 1:
                spans.sort(key=lambda span: span.start)
        return found

    def earlier(self, first: int, last: int) -> dict[int, list[tuple[int, int, int]]]:
        """For these lines: start, stop and line of what earlier ones claim of the same asset, MPxN, MAP and supplier."""
        found: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        if self._repeats:
            for line, *claim in self._db.execute(EARLIER, (first, last) * 2):
                found[line].append((claim[0], claim[1], claim[2]))
        return found

    def events(self, device_id: str) -> list[Event]:
        """The asset's events that touch the period, newest first."""
        found = self._db.execute(
            "SELECT device_id, position, kind, day, extract FROM event WHERE device_id = ? ORDER BY position DESC",
            (device_id,),
        )
        return [Event(*row) for row in found]

    def unclaimed(self) -> Iterator[tuple[Span, list[tuple[int, int]]]]:
        """Each run of rental days that no one claim covers, with the claims on it (start, stop), by asset and day."""
        found = self._db.execute(UNCLAIMED)
        last: Span | None = None
        claims: list[tuple[int, int]] = []
        for row in found:
            span = Span(*row[:8])
            if last is not None and span != last:
                yield last, claims + self._by_mpxn(last)
                claims = []
            last = span
            if row[8] is not None:
                claims.append((row[8], row[9]))
        if last is not None:
            yield last, claims + self._by_mpxn(last)

    def _by_mpxn(self, span: Span) -> list[tuple[int, int]]:
        """Claims that name no device, only the MPxN."""
        found = self._db.execute(
            "SELECT start, stop FROM claim WHERE device_id = '' AND mpxn = ? AND start < ? AND stop > ? "
            "AND (map_id = '' OR map_id = ?) AND (supplier_id = '' OR supplier_id = ?)",
            (span.mpxn, span.stop, span.start, span.map_id, span.supplier_id),
        )
        return found.fetchall() if span.mpxn else []

    def _run(self, statements: str) -> None:
        for statement in statements.strip().rstrip(";").split(";"):
            self._check()
            self._db.execute(statement)

    def _fill(self, table: str, statement: str) -> None:
        marks = ", ".join("?" * (len(TYPES[table]) + 1))
        with scope(self.viewer), connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(TYPES[table])
            self._db.executemany(f"INSERT INTO {table} VALUES ({marks})", self._checked(copy.rows()))

    def _checked(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """The rows with their numbers."""
        for number, row in enumerate(rows):
            if not number % CHECKED:
                self._check()
            yield (*row, number)

    def _spans(self) -> str:
        names = days.groups(self.viewer)
        cells = {name: f"coalesce(s.{name}, '')" for name in names}
        listed = ", ".join(cells.get(name, "''") for name in days.GROUPS)
        inner = days.spans(self.viewer, self.period, more=("installed_on", "removed_on", "to_day"))
        return (
            f"COPY (SELECT {listed}, {ORDINAL.format('s.start')}, {ORDINAL.format('s.stop')}, "
            "CASE WHEN s.start = s.installed_on THEN 'installed' ELSE '' END, "
            "CASE WHEN s.stop = s.removed_on AND s.stop < s.to_day THEN 'removed' ELSE '' END "
            # In this order SQLite writes its table from one end to the other.
            f"FROM ({inner}) s ORDER BY s.device_id, s.start) TO STDOUT"
        )

    def _events(self) -> str:
        start, end = literal(self.period.start), literal(self.period.end)
        return (
            f"COPY (SELECT e.device_id, e.position, e.kind, {ORDINAL.format('e.from_day')}, e.extract_sequence "
            f"FROM inventory_changeevent e WHERE {stream_of(self.viewer)} AND e.from_day < {end} "
            f"AND e.to_day > {start} AND e.from_day > '-infinity') TO STDOUT"
        )


TYPES: dict[str, list[Any]] = {
    "span": ["text", "text", "text", "text", "int8", "int8", "text", "text"],
    "event": ["text", "int8", "text", "int8", "int8"],
}


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


@lru_cache(maxsize=4096)
def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


class Known(NamedTuple):
    """What the viewer knows of an asset that has no rental days on a line's days."""

    first: Any
    removed_on: Any
    reason: str | None
    installed_on: Any


def elsewhere(viewer: Viewer, device_ids: set[str]) -> dict[str, Known]:
    """Of these assets those that the viewer sees on any day. One statement, in a scope of its own."""
    if not device_ids:
        return {}
    lane = "AND a.lane = 0 " if viewer.role is Role.DCC else ""
    statement = (
        "SELECT a.device_id, min(a.from_day), max(a.removed_on), max(a.removal_reason), max(a.installed_on), "
        "max(a.to_day) > max(a.removed_on) FROM inventory_assetperiod a "
        f"WHERE a.device_id = ANY (%s) {lane}AND a.device_type IN ('ESME', 'GSME') GROUP BY a.device_id"
    )
    with scope(viewer), connection.cursor() as cursor:
        cursor.execute(statement, [sorted(device_ids)])
        return {
            device: Known(first, removed if told else None, reason if told else None, installed)
            for device, first, removed, reason, installed, told in cursor.fetchall()
        }
