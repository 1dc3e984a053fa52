"""The change feed over the API: the feed's own events, from a cursor on, without a gap; each sees its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from pytest_django import DjangoDbBlocker

from smi_portal.portfolio.feed import Wanted, listing
from smi_portal.tokens.models import ApiToken, Pace
from tests.api.table import EVENT, EVENT_SUPPLIER
from tests.api.test_description import conforms, described
from tests.support import world
from tests.support.asking import viewer_of
from tests.support.loads import forget, load_tables
from tests.support.people import RELEASED, make_people
from tests.support.tokens import problem_of, program

FEED = "/api/v1/changes"
READERS = ("M1", "M2", "S1", "S2", "DCC")


@pytest.fixture(scope="module", autouse=True)
def changed_world(
    api_world: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A second extract, in which suppliers change on other days; afterwards the package's own world again."""
    directory = tmp_path_factory.mktemp("feed")
    with django_db_blocker.unblock():
        load_tables(directory, world.build(supplier_shift=1), world.AS_AT)
        yield
        forget()
        load_tables(tmp_path_factory.mktemp("again"), world.build(), world.AS_AT)
        make_people()


@pytest.fixture(autouse=True)
def tidy(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Real transactions; tokens and counters are put away."""
    with django_db_blocker.unblock():
        yield
        for model in (ApiToken, Pace):
            model.objects.using("owner").all().delete()
        for alias in ("owner", "default"):
            connections[alias].close()


def events(organisation: str, **wanted: Any) -> list[dict[str, Any]]:
    """The feed's own rows, as JSON has them."""
    viewer = viewer_of(organisation, RELEASED.get(organisation, ()))
    assert viewer is not None
    found = list(listing(viewer, Wanted(**wanted)).rows())
    return [{key: str(v) if hasattr(v, "isoformat") else v for key, v in row.items()} for row in found]


def walked(client: Client, path: str) -> list[dict[str, Any]]:
    found, more = [], True
    while more:
        page = json.loads(client.get(path).content)
        found += page["events"]
        more, path = page["more"], page["next"].removeprefix("http://testserver")
    return found


@pytest.mark.parametrize("organisation", READERS)
def test_the_walk_is_the_feed(organisation: str) -> None:
    want, client = events(organisation), program(organisation)
    assert len(want) > 5
    assert walked(client, f"{FEED}?limit={len(want) // 3}") == want
    shown = set(EVENT.split()) | (set() if organisation == "M2" else set(EVENT_SUPPLIER.split()))
    assert {key for row in want for key in row} == shown
    last = json.loads(client.get(f"{FEED}?after={want[-1]['cursor']}").content)
    assert (last["events"], last["more"], last["cursor"]) == ([], False, want[-1]["cursor"])
    kind = want[0]["kind"]
    assert walked(client, f"{FEED}?kind={kind}&limit=2") == [e for e in want if e["kind"] == kind]
    device = want[0]["device_id"]
    assert walked(client, f"{FEED}?device_id={device.lower()}") == [
        e for e in want if e["device_id"] == device
    ]


def test_nobody_gets_anothers_events() -> None:
    """Each has only devices of its own feed; the MAP without the release no supplier at all."""
    for organisation in READERS:
        told = program(organisation).get(f"{FEED}?limit=5000").content.decode()
        if organisation == "M2":
            assert not any(code in told for code in ("SUPA", "SUPB", "SUPZ", "supplier_after"))
    assert problem_of(program("SECAS").get(FEED))["kind"] == "not-for-your-role"
    assert problem_of(program("M0").get(FEED))["kind"] == "no-role"
    assert problem_of(program("M1", ["MAP_001"]).get(FEED))["kind"] == "token-does-not-cover"


def test_what_is_wrong_is_named_all_at_once() -> None:
    client = program("M1")
    query = "colour=red&limit=0&device_id=x&effective_from=2018-13-01&extract=-1&after=1.5"
    names = {"colour", "limit", "device_id", "effective_from", "extract", "after"}
    assert problem_of(client.get(f"{FEED}?{query}"))["named"] == names
    assert problem_of(client.get(f"{FEED}?kind=nothing"))["named"] == {"kind"}
    assert problem_of(client.get(f"{FEED}?after=999999"))["named"] == {"after"}
    assert problem_of(client.get(f"{FEED}?after={'9' * 30}"))["named"] == {"after"}
    assert problem_of(client.get(f"{FEED}?limit=1&limit=2"))["named"] == {"limit"}
    backwards = "effective_from=2018-11-02&effective_to=2018-11-01"
    assert problem_of(client.get(f"{FEED}?{backwards}"))["named"] == {"effective_to"}


def test_unchanged_and_as_described() -> None:
    client = program("M1")
    first = client.get(FEED)
    again = client.get(FEED, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"{FEED}?after=1", headers={"If-None-Match": first["ETag"]}).status_code == 200
    document = described()
    schema = document["paths"][FEED]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    document["components"]["schemas"]["feed"] = schema
    for organisation in ("M1", "M2"):
        conforms(json.loads(program(organisation).get(FEED).content), "feed", document)
