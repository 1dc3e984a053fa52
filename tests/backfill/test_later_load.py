"""A later load never changes what the Panel was shown. The load is real, so this commits, and cleans up after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from smi_portal.backfill.models import Publication, PublishedRow
from tests.oracle.home import Home
from tests.support.loads import load_tables
from tests.support.people import make_people, signed_in

from .conftest import device, forget_all, world
from .test_columns import rows
from .test_supplier_pages import body, words

MONTH = "/backfill/panel/2018-11/"


@pytest.fixture
def committed(programme_world: Path, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[Path]:
    """Commits are allowed; afterwards the package's world is as it was."""
    with django_db_blocker.unblock():
        yield tmp_path
        forget_all()
        home = world()
        (tmp_path / "again").mkdir()
        load_tables(tmp_path / "again", home.tables, home.as_at)
        make_people()


def corrected() -> Home:
    """As the world, but S1's meter 1 never had its MAP ID, and data to 10 February."""
    home = Home(extract_day=102)
    home.tables = world().tables
    home.tables["map_assignments"] = [
        row for row in home.tables["map_assignments"] if row["device_id"] != device(1)
    ]
    return home


def figures(client: Client, version: str) -> str:
    """The page from the totals on: without what is said about other versions, and without today's dates."""
    page = words(client.get(f"{MONTH}?version={version}"))
    start = page.index("Users, best first")
    return page[start:]


def test_published_figures_stay_and_a_correction_stands_beside_them(committed: Path) -> None:
    client = signed_in("SECAS")
    client.post(f"{MONTH}publish/")
    shown, pack = figures(client, "1"), words(client.get(f"{MONTH}pack/?version=1"))
    live = rows("SECAS", as_at="2018-11-30")
    home = corrected()
    load_tables(committed, home.tables, home.as_at)
    assert rows("SECAS", as_at="2018-11-30") != live  # the load did change the month's figures
    assert figures(client, "1") == shown
    assert words(client.get(f"{MONTH}pack/?version=1")) == pack
    assert "S1, Populated: 11 → 10" in words(client.get(MONTH))
    client.post(f"{MONTH}publish/", {"note": "Meter withdrawn by its MAP."})
    assert figures(client, "1") == shown
    assert "Alderbrook Energy 52.6" in figures(client, "2")
    assert b"Version 2" in body(client.get("/backfill/panel/"))
    assert Publication.objects.using("owner").count() == 2
    assert PublishedRow.objects.using("owner").count() == 6
