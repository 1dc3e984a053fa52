"""Each number of the home page is the number of rows behind its link, and only the viewer's own."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.test import Client

from smi_portal.accounts.models import Person
from smi_portal.inventory.models import ExtractLoad
from smi_portal.tiles import Figure, Looking, Tile, tiles_for
from tests.support.asking import table, viewer_of
from tests.support.html import Page
from tests.support.people import VIEWERS, address, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Numbers that an earlier test's world left in the cache are not this one's."""
    cache.clear()


def tiles(organisation: str) -> dict[str, Tile]:
    """The tiles of an organisation's home page, by title."""
    viewer, load = (
        viewer_of(organisation, ("supplier",) if organisation == "M1" else ()),
        ExtractLoad.current(),
    )
    assert viewer is not None
    assert load is not None
    person = Person.objects.get(email=address(organisation))
    return {tile.title: tile for tile in tiles_for(Looking(viewer, person, load.day, load))}


def figure(tile: Tile, label: str) -> Figure:
    return next(one for one in tile.figures if one.label == label)


@pytest.mark.parametrize("organisation", VIEWERS)
def test_a_number_is_the_number_of_rows_behind_its_link(organisation: str) -> None:
    client, checked = signed_in(organisation), 0
    for tile in tiles(organisation).values():
        for one in tile.figures:
            if isinstance(one.value, int) and "/reports/" in one.url and "BKF" not in one.url:
                answer = client.get(one.url)
                assert answer.status_code == 200, one
                assert Page(answer.content.decode()).promised == one.value, one
                checked += 1
    assert checked > 3 or organisation in {"DCC", "SECAS"}


@pytest.mark.parametrize("organisation", VIEWERS)
def test_every_link_leads_to_a_page_of_ones_own(organisation: str) -> None:
    client = signed_in(organisation)
    for tile in tiles(organisation).values():
        for url in filter(None, [tile.url, *(one.url for one in tile.figures)]):
            assert client.get(url).status_code == 200, url


def test_portfolios_are_apart() -> None:
    """Two MAPs' assets together are those that DCC sees with either of them as the MAP."""
    counts = []
    for organisation in ("M1", "M2"):
        tile = tiles(organisation)["Your assets"]
        every = figure(tile, "In all").value
        assert every == sum(one.value for one in tile.figures if one.label != "In all")
        counts.append(every)
    whole = table(viewer_of("DCC"), "MAP_001", map_id=["MAPA", "MAPB", "MAPZ"])
    assert sum(counts) == len(whole) - 1
    assert all(counts)


def test_each_role_has_its_own() -> None:
    assert set(tiles("M1")) >= {"Your assets", "Findings", "Recent files"}
    assert set(tiles("S1")) >= {"MAP ID backfill", "Your meters", "Findings", "Recent files"}
    assert set(tiles("SECAS")) >= {"The programme at a glance", "To publish", "Recent files"}
    assert set(tiles("M1")) >= {"What changed"}
    wanted = {"Freshness", "Loads", "Queue of files", "Data issues", "MAP ID backfill", "Findings"}
    assert set(tiles("DCC")) >= wanted
    assert "Loads" not in tiles("M1")
    assert not set(tiles("SECAS")) & {"Findings", "Your assets", "Your meters", "Loads"}


@pytest.mark.parametrize("organisation", ["M1", "M2", "S1", "S2", "DCC"])
def test_findings_are_those_of_the_data_quality_page(organisation: str) -> None:
    """The most frequent first, each with its rows behind it; and the sum of the whole list."""
    tile = tiles(organisation)["Findings"]
    every, *most = [one.value for one in tile.figures]
    assert every == len(table(viewer_of(organisation), "DQ_001")) - 1
    assert most == sorted(most, key=lambda number: -int(number))
    assert sum(map(int, most)) <= int(every)
    assert len(most) > 1
    text = signed_in(organisation).get(tile.url).content.decode()
    assert f"{every:,}" in text


@pytest.mark.parametrize("organisation", ["M0", "S0", "OTHER"])
def test_who_is_no_user_has_none(organisation: str) -> None:
    text = signed_in(organisation).get("/").content.decode()
    assert 'class="tile"' not in text
    assert "no report for your organisation" in text


@pytest.mark.parametrize("organisation", VIEWERS)
def test_the_page_shows_every_tile(organisation: str) -> None:
    text = signed_in(organisation).get("/").content.decode()
    for title, tile in tiles(organisation).items():
        assert f">{title}</h2>" in text
        for one in tile.figures:
            assert one.said in text


class Terms(HTMLParser):
    """The ids of a page, and how often each is there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.ids += [value for key, value in attributes if key == "id" and value]


def test_the_glossary_is_for_everyone() -> None:
    for client in (Client(), signed_in("OTHER"), signed_in("M1")):
        text = client.get("/glossary/").content.decode()
        for word in ("MPxN", "Device ID", "Working Day", "Half-open period", "User"):
            assert re.search(rf"<dt>{word}\b", text), word
        ids = Terms(text).ids
        assert len(ids) == len(set(ids))
