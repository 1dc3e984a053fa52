"""What is absent and what is somebody else's get the same answer: status, headers, words, work, and the same notes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from smi_portal.access.scope import scope
from smi_portal.audit.models import AuditEntry
from smi_portal.fair_use.models import DailyUse
from tests.same_answer.addresses import ADDRESSES
from tests.same_answer.asking import Place, browser
from tests.same_answer.fields import BESIDES, FIELDS
from tests.same_answer.telling import told, without
from tests.support.asking import viewer_of

pytestmark = pytest.mark.django_db

CASES = [
    pytest.param(place, who, id=f"{name} by {who}")
    for name, place in [
        *ADDRESSES.items(),
        *BESIDES.items(),
        *((name, place) for name, found in FIELDS.items() for place in found),
    ]
    for who in place.who
]


@pytest.mark.parametrize(("place", "who"), CASES)
def test_the_same_answer(place: Place, who: str) -> None:
    foreign = place.theirs()
    asked_for(place, who, place.absent)  # so that what is asked once a process has been asked
    (one, notes, work), (other, notes_, work_) = (
        asked_for(place, who, given) for given in (foreign, place.absent)
    )
    assert one[0] == other[0] < 500
    assert one[0] not in {401, 403, 405}, "whoever is not let in at all proves nothing"
    assert one[1] == other[1]
    assert one[2].splitlines() == other[2].splitlines()
    assert notes == notes_
    assert work == work_


def asked_for(place: Place, who: str, given: str) -> tuple[tuple[int, dict[str, str], str], list[str], int]:
    """What is told, noted and counted, and how many statements that took; all of it taken back."""
    with transaction.atomic():
        client = browser(who)
        with noted(who) as notes, CaptureQueriesContext(connection) as work:
            answer = told(place.ask(client, given), given)
        transaction.set_rollback(True)
    return answer, [without(str(note), given) for note in notes], len(work)


@contextmanager
def noted(who: str) -> Iterator[list[Any]]:
    """What is noted meanwhile where the asker's own administrator reads it, and what is counted."""
    organisation = who.strip("@+")
    viewer = viewer_of(organisation)
    assert viewer is not None
    found: list[Any] = []

    def entries() -> list[tuple[str, str]]:
        with scope(viewer):
            return [(one.kind, str(one.details)) for one in AuditEntry.objects.order_by("at", "n")]

    def used() -> dict[tuple[int, str], int]:
        return {(one.person_id, one.what): one.used for one in DailyUse.objects.all()}

    before, counted = len(entries()), used()
    yield found
    found += entries()[before:]
    found += [
        (key, value - counted.get(key, 0)) for key, value in used().items() if counted.get(key) != value
    ]


def test_a_plain_leak_is_found() -> None:
    """Or the test above would prove nothing: words that differ, a status, a header, a query."""

    class Leak:
        streaming, status_code, redirect_chain = False, 404, ()
        content = b"There is no X1."

        def items(self) -> list[tuple[str, str]]:
            return [("Content-Type", "text/html")]

    one, other = Leak(), Leak()
    assert told(one, "X1") == told(other, "X1")
    other.content = b"X1 is not yours."
    assert told(one, "X1") != told(other, "X1")
    other = Leak()
    other.status_code = 403
    assert told(one, "X1") != told(other, "X1")


def test_strangers_learn_nothing_of_addresses() -> None:
    """Signing in, and forgotten passwords: an address with an account, and one without."""
    for address, data in (
        ("/sign-in/", {"username": "{}", "password": "a wrong password"}),
        ("/account/forgotten/", {"email": "{}"}),
    ):
        answers = []
        for given in ("person@m1.example", "nobody@m1.example"):
            sent = {key: value.replace("{}", given) for key, value in data.items()}
            answers.append(told(Client().post(address, sent, follow=True), given))
        assert answers[0] == answers[1], address
