"""The viewer's days, events and claims in a temporary file: whatever their number, memory stays flat.

SQLite keeps them because a claim is looked up by asset or by MPxN, in the order of somebody's file. Days are
ordinals (1 = 1 January of year 1), half-open.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection

from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.portfolio.asking import Period
from smi_portal.portfolio.feed.rows import stream_of
from smi_portal.portfolio.listing import literal
from smi_portal.portfolio.reconcile.claims import Claim
from smi_portal.portfolio.rental import days

TABLES = """
CREATE TABLE span (device_id TEXT, mpxn TEXT, map_id TEXT, supplier_id TEXT, start INTEGER, stop INTEGER,
                   why_start TEXT, why_stop TEXT);
CREATE TABLE event (device_id TEXT, position INTEGER, kind TEXT, day INTEGER, extract INTEGER);
CREATE TABLE claim (line INTEGER PRIMARY KEY, device_id TEXT, mpxn TEXT, map_id TEXT, supplier_id TEXT,
                    start INTEGER, stop INTEGER, nth INTEGER);
CREATE TABLE asset (key TEXT PRIMARY KEY, claims INTEGER) WITHOUT ROWID;
"""
INDEXES = """
CREATE INDEX span_device ON span (device_id); CREATE INDEX span_mpxn ON span (mpxn);
CREATE INDEX event_device ON event (device_id);
CREATE INDEX claim_device ON claim (device_id); CREATE INDEX claim_mpxn ON claim (mpxn) WHERE device_id = '';
CREATE INDEX first_device ON claim (device_id) WHERE nth <= 400;
CREATE INDEX first_mpxn ON claim (mpxn) WHERE nth <= 400 AND device_id = '';
"""
ORDINAL = "({0} - DATE '0001-01-01' + 1)"

_TOUCHES = "{0}.start < c.stop AND {0}.stop > c.start"
_LINES = "c.line BETWEEN ? AND ?"
#: By Device ID where a line has one, else by MPxN. CROSS JOIN keeps SQLite to this order: a few lines, then the index.
SPANS = f"""
SELECT c.line, s.* FROM claim c CROSS JOIN span s ON s.device_id = c.device_id AND {_TOUCHES.format("s")}
WHERE {_LINES} AND c.device_id <> ''
UNION ALL
SELECT c.line, s.* FROM claim c CROSS JOIN span s ON s.mpxn = c.mpxn AND {_TOUCHES.format("s")}
WHERE {_LINES} AND c.device_id = ''
ORDER BY 1, 6
"""
_SAME = " AND ".join(
    f"(e.{name} = '' OR c.{name} = '' OR e.{name} = c.{name})" for name in ("mpxn", "map_id", "supplier_id")
)
#: A line is held against the first 400 of its asset: a file of one asset over and over must not take for ever.
EARLIER = f"""
SELECT c.line, e.start, e.stop, e.line FROM claim c CROSS JOIN claim e
    ON e.device_id = c.device_id AND e.nth <= 400 AND e.line < c.line AND {_TOUCHES.format("e")} AND {_SAME}
WHERE {_LINES} AND c.device_id <> ''
UNION ALL
SELECT c.line, e.start, e.stop, e.line FROM claim c CROSS JOIN claim e
    ON e.mpxn = c.mpxn AND e.nth <= 400 AND e.device_id = '' AND e.line < c.line AND {_TOUCHES.format("e")} AND {_SAME}
WHERE {_LINES} AND c.device_id = ''
ORDER BY 1, 4
"""


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

    def __init__(self, viewer: Viewer, period: Period) -> None:
        self.viewer, self.period = viewer, period
        self._directory = tempfile.TemporaryDirectory(prefix="smi-reconcile-")
        self._db = sqlite3.connect(str(Path(self._directory.name) / "books"), isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(TABLES)

    def __enter__(self) -> Books:
        self._db.execute("BEGIN")
        self._fill("span", 8, self._spans())
        self._fill("event", 5, self._events())
        for statement in INDEXES.strip().split(";")[:-1]:
            self._db.execute(statement)
        return self

    def __exit__(self, *exception: object) -> None:
        self._db.close()
        self._directory.cleanup()

    def add(self, claims: Sequence[tuple[int, Claim]]) -> None:
        """Remember the claims of some lines, for themselves, for later lines and for what nobody claimed."""
        count = (
            "INSERT INTO asset VALUES (?, 1) ON CONFLICT DO UPDATE SET claims = claims + 1 RETURNING claims"
        )
        rows = []
        for line, one in claims:
            (nth,) = self._db.execute(count, (one.device_id or one.mpxn,)).fetchone()
            rows.append(
                (line, one.device_id, one.mpxn, one.map_id, one.supplier_id, one.start, one.stop, nth)
            )
        self._db.executemany("INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def spans(self, first: int, last: int) -> dict[int, list[Span]]:
        """For these lines (both included): their assets' runs of days that touch theirs, whatever MPxN and supplier."""
        found: dict[int, list[Span]] = defaultdict(list)
        for line, *span in self._db.execute(SPANS, (first, last) * 2):
            found[line].append(Span(*span))
        return found

    def earlier(self, first: int, last: int) -> dict[int, list[tuple[int, int, int]]]:
        """For these lines: start, stop and line of what earlier ones claim of the same asset, MPxN, MAP and supplier."""
        found: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for line, *claim in self._db.execute(EARLIER, (first, last) * 2):
            found[line].append((claim[0], claim[1], claim[2]))
        return found

    def events(self, device_id: str) -> list[Event]:
        """The asset's events that touch the period, newest first."""
        found = self._db.execute(
            "SELECT * FROM event WHERE device_id = ? ORDER BY position DESC", (device_id,)
        )
        return [Event(*row) for row in found]

    def unclaimed(self) -> Iterator[tuple[Span, list[tuple[int, int]]]]:
        """Each run of rental days with the claims on it (start, stop), in the order of the assets."""
        same = " AND ".join(f"(c.{name} = '' OR c.{name} = s.{name})" for name in ("map_id", "supplier_id"))
        overlaps = "c.start < s.stop AND c.stop > s.start"
        found = self._db.execute(
            f"SELECT s.*, c.start, c.stop FROM span s LEFT JOIN claim c ON c.device_id = s.device_id "
            f"AND (c.mpxn = '' OR c.mpxn = s.mpxn) AND {same} AND {overlaps} "
            f"ORDER BY s.device_id, s.start, s.rowid"
        )
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

    def _fill(self, table: str, width: int, statement: str) -> None:
        marks = ", ".join("?" * width)
        with scope(self.viewer), connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(TYPES[table])
            self._db.executemany(f"INSERT INTO {table} VALUES ({marks})", copy.rows())

    def _spans(self) -> str:
        names = days.groups(self.viewer)
        cells = {name: f"coalesce(s.{name}, '')" for name in names}
        listed = ", ".join(cells.get(name, "''") for name in days.GROUPS)
        inner = days.spans(self.viewer, self.period, more=("installed_on", "removed_on", "to_day"))
        return (
            f"COPY (SELECT {listed}, {ORDINAL.format('s.start')}, {ORDINAL.format('s.stop')}, "
            "CASE WHEN s.start = s.installed_on THEN 'installed' ELSE '' END, "
            "CASE WHEN s.stop = s.removed_on AND s.stop < s.to_day THEN 'removed' ELSE '' END "
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
