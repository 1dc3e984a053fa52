"""Hypothesis strategies of small inventories, the packages they load from, and deltas between them."""

import csv
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, TypeVar

from hypothesis import strategies as st

from . import activity, world
from .calendar import LONG, SHORT, Calendar
from .inventory import COLUMNS, PRIMARY_KEYS, Deletion, Inventory, Tables, TextRow

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem

T = TypeVar("T")
SCHEMA = Path(__file__).parents[2] / "smi_portal" / "inventory" / "extract_schema.json"


@dataclass(frozen=True)
class Extract:
    """The tables of a full extract, the instant it describes, and the days it plays on."""

    tables: Tables
    as_at: datetime
    calendar: Calendar

    def inventory(self) -> Inventory:
        return Inventory(self.tables, self.as_at)


def random_extract(rng: Random) -> Extract:
    """A small extract whose facts fall around, and partly after, its own day."""
    calendar = LONG if rng.random() < 0.25 else SHORT
    tables = world.build(rng, calendar)
    return Extract(tables, random_instant(rng, calendar), calendar)


def random_instant(rng: Random, calendar: Calendar, earliest: int = 6) -> datetime:
    day = calendar.day(rng.randint(earliest, calendar.length - 2))
    return datetime.combine(day, time(rng.choice([0, 12, 23])), UTC)


@cache
def _up_to(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most)


class Drawn(Random):
    """Random's few methods in use here, each as whole numbers that Hypothesis draws: they shrink to little.

    (Its own `st.randoms` draws floats, and takes minutes to shrink.)
    """

    def __init__(self, draw: st.DrawFn) -> None:
        super().__init__(0)
        self._draw = draw

    def random(self) -> float:
        """Shrinks towards 1: what happens with some chance then does not."""
        return (99 - self._draw(_up_to(99))) / 100

    def randint(self, a: int, b: int) -> int:
        return a + self._draw(_up_to(b - a))

    def choice(self, seq: "SupportsLenAndGetItem[T]") -> T:
        return seq[self._draw(_up_to(len(seq) - 1))]

    def sample(self, population: Sequence[T], k: int, *, counts: Iterable[int] | None = None) -> list[T]:
        assert counts is None, "not in use here"
        left = list(population)
        return [left.pop(self._draw(_up_to(len(left) - 1))) for _ in range(k)]


@st.composite
def extracts(draw: st.DrawFn) -> Extract:
    """Small extracts. Every choice is Hypothesis's own, so that a failing one shrinks."""
    return random_extract(Drawn(draw))


@st.composite
def rngs(draw: st.DrawFn) -> Random:
    """A source of choices for `random_delta` and `questions.random_question` that shrinks with the rest."""
    return Drawn(draw)


def random_delta(tables: Tables, rng: Random, calendar: Calendar = SHORT) -> tuple[Tables, list[Deletion]]:
    """The rows and deletions that lead from these tables to another valid state near by."""
    after = {name: [dict(row) for row in tables.get(name, [])] for name in COLUMNS}
    for _ in range(rng.randint(1, 4)):
        rng.choice(CHANGES)(after, rng, calendar)
    return difference(tables, after, rng)


def difference(before: Tables, after: Tables, rng: Random) -> tuple[Tables, list[Deletion]]:
    """What a delta must carry to lead from one state to the other."""
    upserts: Tables = {}
    deletions: list[Deletion] = []
    for name, key in PRIMARY_KEYS.items():
        old = {_identity(row, key): row for row in before.get(name, [])}
        new = {_identity(row, key): row for row in after.get(name, [])}
        upserts[name] = [row for identity, row in new.items() if old.get(identity) != row]
        for identity, row in old.items():
            # A row that is replaced may be deleted as well: deletions come first.
            if identity not in new or (old[identity] != new[identity] and rng.random() < 0.2):
                deletions.append((name, {column: row[column] for column in key}))
    return upserts, deletions


def _identity(row: TextRow, key: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        str(row[column] or "").upper() if column == "device_id" else str(row[column] or "") for column in key
    )


def _types(tables: Tables) -> dict[str, str]:
    return {str(row["device_id"]).upper(): str(row["device_type"]) for row in tables["devices"]}


def _new_facts(tables: Tables, rng: Random, calendar: Calendar) -> None:
    """One device's rows of one table, anew."""
    types = _types(tables)
    if types:
        _replace(tables, rng, calendar, rng.choice(sorted(types)), types, only=rng.choice(world.OF_A_DEVICE))


def _new_device(tables: Tables, rng: Random, calendar: Calendar) -> None:
    """One device more, with its facts, or one that was there described anew."""
    types = _types(tables)
    identifier = rng.choice([*sorted(types), activity.device_id(0x40)])
    if identifier not in types:
        types[identifier] = rng.choice(world.TYPES)
        _replace(tables, rng, calendar, identifier, types)
    _drop(tables["devices"], "device_id", identifier)
    tables["devices"].append(world.device(rng, calendar, identifier, types))


def _no_device(tables: Tables, rng: Random, calendar: Calendar) -> None:
    """One device fewer, and everything that refers to it (deletions do not cascade)."""
    types = _types(tables)
    if len(types) < 2:
        return
    gone = rng.choice(sorted(types))
    for name in ("devices", "schedules", *world.OF_A_DEVICE):
        _drop(tables[name], "device_id", gone)
    _drop(tables["hub_links"], "chf_device_id", gone)
    for row in tables["devices"]:
        if str(row["gpf_device_id"]).upper() == gone:
            row["gpf_device_id"] = None


def _new_supplier(tables: Tables, rng: Random, calendar: Calendar) -> None:
    """The registrations of one MPxN, anew."""
    mpxn = rng.choice([*world.MPANS, *world.MPRNS])
    _drop(tables["registrations"], "mpxn", mpxn)
    tables["registrations"] += world.registrations(rng, calendar, mpxn)


def _new_mdd(tables: Tables, rng: Random, calendar: Calendar) -> None:
    tables["participants"] = world.participants(rng, calendar)


def _new_cpl(tables: Tables, rng: Random, calendar: Calendar) -> None:
    tables["cpl"] = world.cpl(rng, calendar, tables["devices"])


def _new_requests(tables: Tables, rng: Random, calendar: Calendar) -> None:
    """A schedule and a service request, new or in the place of one of the same key."""
    devices = sorted(_types(tables))
    number = rng.randint(0, 9)
    for name, row in [
        ("schedules", activity.schedule(rng, calendar, number, devices)[0]),
        ("service_requests", activity.service_request(rng, calendar, number, devices)),
    ]:
        column = PRIMARY_KEYS[name][0]
        _drop(tables[name], column, str(row[column]))
        tables[name].append(row)


CHANGES = [_new_facts, _new_facts, _new_supplier, _new_device, _no_device, _new_mdd, _new_cpl, _new_requests]


def _drop(rows: list[TextRow], column: str, value: str) -> None:
    """Remove the rows with that value; Device IDs in either case (no other value differs in case alone)."""
    rows[:] = [row for row in rows if str(row[column]).upper() != value.upper()]


def _replace(
    tables: Tables,
    rng: Random,
    calendar: Calendar,
    identifier: str,
    types: dict[str, str],
    only: str | None = None,
) -> None:
    for name, rows in world.facts_of(rng, calendar, identifier, types).items():
        if only in {None, name}:
            _drop(tables[name], "device_id", identifier)
            tables[name] += rows


def write_extract(
    tables: Tables,
    directory: Path,
    kind: str = "full",
    sequence: int = 1,
    as_at: datetime = datetime(2018, 11, 5, 12, tzinfo=UTC),
    extract_id: str = "oracle-1",
    deletions: Iterable[Deletion] = (),
    schema: Path = SCHEMA,
) -> Path:
    """Write the tables as a package of that kind: the published descriptor, and a CSV a table; a former one goes."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    package = json.loads(schema.read_text("utf-8"))
    instant = f"{as_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    package |= {"extract_id": extract_id, "sequence": sequence, "kind": kind, "as_at": instant}
    (directory / "datapackage.json").write_text(json.dumps(package, indent=1), "utf-8")
    for name, columns in COLUMNS.items():
        rows = [[row.get(column) or "" for column in columns] for row in tables.get(name, [])]
        _write(directory / f"{name}.csv", columns, rows)
    if kind == "delta":
        gone = [[name, json.dumps(key)] for name, key in deletions]
        _write(directory / "deletions.csv", ("table", "key_json"), gone)
    return directory


def _write(path: Path, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows(rows)
