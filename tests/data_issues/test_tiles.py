"""The home page's tile: the numbers of the pages behind it, for each its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from smi_portal import days
from smi_portal.accounts.models import Person
from smi_portal.data_issues.post import deliver
from smi_portal.inventory.models import ExtractLoad
from smi_portal.tiles import Looking, Tile, tiles_for
from tests.support.people import address

from .conftest import act, lines_of, page, raise_as, w

pytestmark = pytest.mark.usefixtures("real")


def tile(organisation: str) -> Tile | None:
    load, person = ExtractLoad.current(), Person.objects.get(email=address(organisation))
    assert load is not None
    found = tiles_for(Looking(w.viewer(organisation), person, load.day, load))
    return next((one for one in found if one.title == "Data issues"), None)


def numbers(organisation: str) -> dict[str, int | str]:
    found = tile(organisation)
    return {one.label: one.value for one in found.figures} if found else {}


def test_nothing_is_open() -> None:
    dcc = tile("DCC")
    assert dcc is not None
    assert dcc.figures == ()
    assert dcc.empty in page("DCC", "/")
    assert tile("S1") is tile("M1") is None


def test_open_lines_by_age_and_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    raise_as("S1", w.HUB, cause="WRONG_DETAILS")  # DCC has it
    raise_as("S1", w.OWN, cause="WRONG_MPXN", correction="import_mpxn", value=w.SPARE_MPAN)  # S1 can mend it
    deliver()
    assert numbers("DCC") == {"Waiting for DCC": 1, "Open in all": 2, "Open under 30 days": 2}
    assert numbers("S1") == {"Waiting for you": 1, "Open in all": 2}
    assert tile("S2") is None
    assert ">2<" in page("DCC", "/").replace("\n", "")
    later = days.today() + timedelta(days=100)
    monkeypatch.setattr(days, "today", lambda: later)
    assert numbers("DCC") == {"Waiting for DCC": 1, "Open in all": 2, "Open 90 to 179 days": 2}


def test_what_is_over_is_gone_at_once() -> None:
    """No number is kept: the next page tells what has just been done."""
    raise_as("S1", w.OWN, cause="WRONG_MPXN", correction="import_mpxn", value=w.SPARE_MPAN)
    deliver()
    assert numbers("S1")["Open in all"] == 1
    act("S1", lines_of("S1")[0].line["reference"], "WITHDRAWN")
    deliver()
    assert tile("S1") is None
    assert numbers("DCC") == {}
