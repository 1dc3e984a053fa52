"""A supplier's next deadline on its home page: the nearest ahead, whether it is near or far."""

from __future__ import annotations

from datetime import date

import pytest

from smi_portal import days
from smi_portal.accounts.models import Person
from smi_portal.inventory.models import ExtractLoad
from smi_portal.tiles import Figure, Looking, tiles_for
from tests.support.people import address

from .conftest import viewer
from .saying import PANEL, allow, declare, panel

pytestmark = [
    pytest.mark.usefixtures("loaded"),
    pytest.mark.django_db(databases=["default", "owner"]),
]


def next_deadline(who: str, monkeypatch: pytest.MonkeyPatch, today: date) -> Figure:
    monkeypatch.setattr(days, "today", lambda: today)
    load, person = ExtractLoad.current(), Person.objects.get(email=address(who))
    assert load is not None
    found = tiles_for(Looking(viewer(who), person, load.day, load))
    tile = next(one for one in found if one.title == "MAP ID backfill")
    return next(one for one in tile.figures if one.label == "Next deadline")


def test_the_nearest_that_is_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    one = next_deadline("S1", monkeypatch, date(2018, 11, 1))
    assert (one.value, one.note, one.alarm, one.url) == (
        "8 November 2018",
        "Declaration",
        False,
        "/backfill/",
    )
    declare("S1", 9, date(2018, 11, 7))
    allow("S1", 4, date(2018, 11, 19), date(2019, 1, 30), date(2018, 11, 12))
    panel(PANEL, date(2018, 11, 12))
    one = next_deadline("S1", monkeypatch, date(2018, 12, 3))
    assert (one.value, one.note) == ("30 January 2019", "End of your window")
    one = next_deadline("S1", monkeypatch, date(2019, 1, 31))
    assert (one.value, one.note, one.alarm) == ("30 April 2019", "Panel date", False)


def test_a_missed_one_where_none_is_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    one = next_deadline("S2", monkeypatch, date(2019, 1, 31))
    assert (one.value, one.note, one.alarm) == ("8 November 2018", "Declaration: missed", True)


def test_none_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    declare("S1", 9, date(2018, 11, 7))
    assert next_deadline("S1", monkeypatch, date(2018, 12, 3)).value == "None"
