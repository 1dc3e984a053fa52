"""Numbers are kept for an hour, but never longer than they are true: a load or a release shows on the next page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from smi_portal.accounts.models import Person
from smi_portal.inventory.models import ExtractLoad
from smi_portal.tiles import Looking, tiles_for
from tests.oracle.inventory import Tables
from tests.support import world
from tests.support.asking import viewer_of
from tests.support.loads import forget, load_tables
from tests.support.people import address, make_people, signed_in


@pytest.fixture
def real(django_db_blocker: DjangoDbBlocker, tmp_path: Path, home_world: None) -> Iterator[Path]:
    """Loads and releases that are really committed; the package's world is put back."""
    with django_db_blocker.unblock():
        cache.clear()
        yield tmp_path
        forget()
        again = tmp_path / "again"
        again.mkdir()
        load_tables(again, world.build(), world.AS_AT)
        make_people()


def figures(organisation: str) -> dict[str, int | str]:
    """Every figure of the organisation's home page, by tile and label."""
    viewer, load = viewer_of(organisation), ExtractLoad.current()
    assert viewer is not None
    assert load is not None
    person = Person.objects.get(email=address(organisation))
    found = tiles_for(Looking(viewer, person, load.day, load))
    return {f"{tile.title}, {one.label}": one.value for tile in found for one in tile.figures}


def without(tables: Tables, mpid: str) -> Tables:
    """The same inventory, in which this MAP was never assigned to a meter."""
    left = [row for row in tables["map_assignments"] if row["map_id"] != mpid]
    return {**tables, "map_assignments": left}


def test_after_a_load_of_the_same_day(real: Path) -> None:
    """The day is the same, so that only the extract tells the kept numbers from the new ones."""
    before = {who: figures(who) for who in ("M1", "M2", "S1")}
    load_tables(real, without(world.build(), "MAPA"), world.AS_AT + timedelta(hours=1))
    after = {who: figures(who) for who in before}
    cache.clear()
    assert {who: figures(who) for who in before} == after
    assert after["M1"] != before["M1"]
    assert after["S1"]["MAP ID backfill, Outstanding"] != before["S1"]["MAP ID backfill, Outstanding"]


def test_after_a_release(real: Path) -> None:
    """As its page shows it: the release is looked up with each request."""

    def told() -> bool:
        return "Not released to you" in signed_in("M2").get("/").content.decode()

    assert told()
    call_command("release_field", "M2", "supplier", verbosity=0)
    assert not told()
    call_command("release_field", "M2", "supplier", "--revoke", verbosity=0)
    assert told()
