"""What the period rebuild is told: every device, MPxN, MPID … that a load changed, and no other."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from smi_portal.inventory.loading.rules import TOUCHED_TABLES

from .conftest import Loader
from .packages import ESME, GPF, GSME, HUB, MPAN, Extract, Row, Tables, delta, device, row, small

S = "device_statuses"


class Seen:
    """A period rebuild that only remembers what it was told."""

    def __init__(self) -> None:
        self.everything: bool | None = None
        self.touched: dict[str, set[Any]] = {}

    def __call__(self, cursor: Any, everything: bool, _progress: Callable[[str], None]) -> None:
        self.everything = everything
        for table, columns in TOUCHED_TABLES.items():
            cursor.execute(f"SELECT {', '.join(columns)} FROM {table}")
            rows = cursor.fetchall()
            assert len(set(rows)) == len(rows)
            self.touched[table.removeprefix("touched_")] = {r[0] if len(r) == 1 else r for r in rows}


def many() -> Tables:
    """Enough devices that a few touched ones are few."""
    tables = small()
    tables["devices"] += [device(f"00-DB-00-00-00-00-01-{n:02X}", "IHD") for n in range(40)]
    return tables


def test_the_rebuild_learns_what_was_touched(load_it: Loader) -> None:
    seen = Seen()
    load_it(Extract(many()), rebuild=seen)
    assert seen.everything is True
    sixth, seventh = "00-DB-00-00-00-00-01-06", "00-DB-00-00-00-00-01-07"
    upserts = {
        "devices": [device(sixth, "PPMID"), device(seventh, "IHD")],  # the second is as it was
        "schedules": [row("schedules", "SCH1", GSME, "SUP-A", "4.8.1", "Daily", "2017-03-01", "2017-03-01")],
        "participants": [row("participants", "MAPA", "E", "MAP", "Renamed", "MAP-A", "2010-04-01")],
        "cpl": [row("cpl", "CHF", "", "Northfell Meters", "NM-H", "9", "", "Active", "Active", "2016-01-01")],
        "service_requests": [
            row("service_requests", "R1", "MAP-A", "8.4", ESME, "", "2018-12-01T10:00:00Z", "I0")
        ],
        "organisations": [row("organisations", "MAP-A", "Renamed", "MAP", "true")],
    }
    load_it(
        delta(2, upserts, ("registrations", {"mpxn": MPAN, "effective_from": "2016-01-01"})), rebuild=seen
    )
    assert seen.everything is False
    assert seen.touched == {
        "device": {sixth, ESME, GSME},  # the schedule moved from one to the other
        "mpxn": {MPAN},
        "mpid": {"MAPA"},
        "cpl": {("CHF", "Northfell Meters", "NM-H")},
        "request": {"SUP-A", "MAP-A"},
        "organisation": {"MAP-A"},
    }


@pytest.mark.parametrize(
    "table",
    [S, "device_firmwares", "device_mpxns", "hub_links", "map_assignments", "certificates", "schedules"],
)
def test_each_table_of_a_device_touches_it(load_it: Loader, table: str) -> None:
    seen = Seen()
    full = many()
    load_it(Extract(full))
    keys = small()[table]
    rows: list[Row] = full[table]
    del full[table]
    load_it(Extract({**full, table: []}, sequence=2), rebuild=seen)
    left = {HUB} if table == "hub_links" else set()  # a hub that nothing leads to any more
    assert seen.touched["device"] == {found["device_id"] for found in keys} | left
    load_it(Extract({**full, table: rows}, sequence=3), rebuild=seen)
    assert seen.touched["device"] == {found["device_id"] for found in keys}


def test_many_touched_devices_mean_everything(load_it: Loader) -> None:
    seen = Seen()
    load_it(Extract())
    for sequence, (touched, everything) in zip(itertools.count(2), ((1, False), (2, True)), strict=False):
        rows = [device(id_, "CHF", serial_number=f"{sequence}") for id_ in (HUB, GPF)[:touched]]
        load_it(delta(sequence, {"devices": rows}), rebuild=seen)
        assert seen.everything is everything
