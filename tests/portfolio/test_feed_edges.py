"""Edges of the feed that random inventories meet too seldom: new meters with a history, and MPIDs with two owners."""

from __future__ import annotations

from pathlib import Path

import pytest

from smi_portal.portfolio import feed
from tests.oracle.home import Home, iso, nov
from tests.oracle.sight import Viewer
from tests.portfolio import naive
from tests.portfolio.worlds import device, first, viewer
from tests.support.loads import load_tables

NEW = "00-DB-00-00-00-00-00-B1"


def later(home: Home) -> Home:
    """The same home as the next extract describes it."""
    home.as_at = home.as_at.replace(day=20)
    return home


@pytest.mark.usefixtures("real")
def test_a_new_meter_tells_how_its_days_went_on(directory: Path) -> None:
    load_tables(directory, first().tables, first().as_at)
    home = later(first())
    home.device(NEW, pre=9, installed_on=iso(9))
    home.status(NEW, "Pending", 9, 12)
    home.status(NEW, "Commissioned", 12)
    home.map(NEW, "MAPA", 9)
    load_tables(directory, home.tables, home.as_at, incremental=True)
    events = feed.events_after(viewer("M1"))
    told = [(event["kind"], event["effective_from"], event["before"], event["after"]) for event in events]
    assert told == [
        ("gained", nov(9), None, "yes"),
        ("status_changed", nov(12), "Pending", "Commissioned"),
    ]
    model, days = Viewer("M1", "MAP", frozenset()), naive.days_between(nov(1), nov(25))
    before = naive.timeline(naive.Inventory(first().tables, first().as_at), model, days)
    after = naive.timeline(naive.Inventory(home.tables, home.as_at), model, days)
    assert naive.replay(before, events, days) == after


@pytest.mark.usefixtures("real")
def test_an_mpid_of_two_owners_tells_each_reader_once(directory: Path) -> None:
    def world() -> Home:
        home = first()
        home.mdd("MAPA", "MAP", "M2", fuel="G")
        return home

    load_tables(directory, world().tables, world().as_at)
    home = later(world())
    row = next(one for one in home.tables["device_firmwares"] if one["device_id"] == device(6))
    row["effective_to"] = iso(15)
    home.firmware(device(6), "1.1", 15)
    load_tables(directory, home.tables, home.as_at)
    for reader in ("M1", "M2", "S1", "DCC"):
        assert [event["kind"] for event in feed.events_after(viewer(reader))] == ["firmware_changed"], reader
