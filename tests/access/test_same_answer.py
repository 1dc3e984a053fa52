"""What is absent and what is somebody else's get the same answer: status, body, and time."""

from __future__ import annotations

import math
import re
import statistics
import time
import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation
from tests.support.people import address, signed_in

pytestmark = pytest.mark.django_db
ROUNDS = 40


@pytest.fixture(scope="module", autouse=True)
def administrator(access_world: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """M2's own."""
    with django_db_blocker.unblock():
        organisation = Organisation.objects.using("owner").get(organisation="M2")
        Person.objects.db_manager("owner").create_person(
            "boss@m2.example", "Boss", organisation, None, is_administrator=True
        )
    yield


def boss() -> Client:
    client = Client()
    client.force_login(Person.objects.get(email="boss@m2.example"))
    return client


def member() -> Client:
    return signed_in("M2")


def foreign_person() -> str:
    return str(Person.objects.get(email=address("M1")).pk)


#: What is asked → who asks, the address, what is foreign to M2, and what does not exist.
ASKED = {
    "rows of another MAP's MPID": (member, "/reports/MAP_001/?map_id={}", lambda: "MAPA", lambda: "MAPX"),
    "its file": (member, "/reports/MAP_001/download.csv?map_id={}", lambda: "MAPA", lambda: "MAPX"),
    "rows of another's manufacturer": (
        member,
        "/reports/MAP_001/?manufacturer={}",
        lambda: "Nobody-of-mine",
        lambda: "Nobody-at-all1",
    ),
    "a person's limit": (boss, "/usage/{}/rows/lift/", foreign_person, lambda: "999999999"),
    "a month of statistics": (member, "/statistics/{}/", lambda: "2018-10", lambda: "2031-10"),
    "a prepared file": (member, "/files/{}/", lambda: str(uuid.uuid4()), lambda: str(uuid.uuid4())),
}


def plain(response: object, given: str) -> str:
    """The body without what differs by itself: what was asked, the form's token."""
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    # A form's token, and the mark of a question whose rows have been counted: both differ by what is asked alone.
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|count=[0-9a-f]{32}', "", content.decode())
    return text.replace(f"/{given}/", "//") if given.isdigit() else text.replace(given, "")


@pytest.mark.parametrize("what", ASKED)
def test_the_same_words(what: str) -> None:
    who, route, foreign, absent = ASKED[what]
    client, theirs, nothing = who(), foreign(), absent()
    one, other = client.get(route.format(theirs)), client.get(route.format(nothing))
    assert one.status_code == other.status_code
    assert plain(one, theirs) == plain(other, nothing)
    assert {k: v for k, v in one.items() if k != "Content-Length"} == {
        k: v for k, v in other.items() if k != "Content-Length"
    }


@pytest.mark.parametrize("what", ["rows of another MAP's MPID", "a person's limit"])
def test_the_same_time(what: str) -> None:
    """Asked in turns, so that what else the machine does falls on both alike; the ranks must not tell them apart."""
    who, route, foreign, absent = ASKED[what]
    client, addresses = who(), (route.format(foreign()), route.format(absent()))
    for place in addresses * 3:
        taken(client, place)
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS):
        for which in (0, 1) if number % 2 else (1, 0):
            times[which].append(taken(client, addresses[which]))
    assert abs(score(*times)) < 4, [statistics.median(each) for each in times]


def taken(client: Client, place: str) -> float:
    start = time.perf_counter()
    response = client.get(place)
    if response.streaming:
        b"".join(response.streaming_content)
    return time.perf_counter() - start


def score(one: list[float], other: list[float]) -> float:
    """Mann-Whitney's z: how many standard deviations the ranks are from no difference."""
    wins = sum((a > b) + (a == b) / 2 for a in one for b in other)
    n, m = len(one), len(other)
    return (wins - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)


def test_the_score_would_tell() -> None:
    """Or the test above would prove nothing: a tenth slower is found."""
    base = [1 + 0.1 * math.sin(n * 12.9898) for n in range(ROUNDS)]
    assert abs(score(base, base[::-1])) < 1
    assert abs(score(base, [value * 1.1 for value in base])) > 4
