"""A day's cap holds, also for requests at the same moment; it ends with the day, or with a lift."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from smi_portal import fair_use
from smi_portal.accounts.models import Person
from smi_portal.audit.models import AuditEntry
from smi_portal.fair_use.models import DailyUse
from smi_portal.inventory.models import Organisation

CAPS = {"lookups": 10, "rows": 100}


@pytest.fixture(autouse=True)
def person(django_db_setup: None, django_db_blocker: DjangoDbBlocker, settings: Any) -> Iterator[Person]:
    """Somebody, and small caps; real commits."""
    settings.SMI_DAILY_CAPS = CAPS
    with django_db_blocker.unblock():
        organisation = Organisation.objects.using("owner").create(
            organisation="FAIR", name="Fair", kind="MAP", is_user=True
        )
        someone = Person.objects.db_manager("owner").create_person("a@fair.example", "A", organisation, None)
        yield Person.objects.get(pk=someone.pk)
        for model in (DailyUse, AuditEntry):
            model.objects.using("owner").all().delete()
        someone.delete()
        organisation.delete()


def test_up_to_the_cap_and_no_further(person: Person) -> None:
    assert fair_use.left(person, "lookups") == 10
    assert fair_use.spend(person, "lookups") == 9
    assert fair_use.spend(person, "lookups", 9) == 0
    with pytest.raises(fair_use.OverCap) as over:
        fair_use.spend(person, "lookups")
    assert over.value.status == 429
    assert "look-ups by identifier" in str(over.value)
    assert "You have used all 10 of today." in str(over.value)
    assert "tomorrow" in str(over.value)
    assert fair_use.left(person, "rows") == 100, "one cap is not the other"


def test_too_much_at_once_takes_nothing(person: Person) -> None:
    fair_use.spend(person, "rows", 60)
    with pytest.raises(fair_use.OverCap, match="You have 40 of 100 left today, and this needs 41"):
        fair_use.spend(person, "rows", 41)
    assert fair_use.left(person, "rows") == 40
    assert fair_use.spend(person, "rows", 40) == 0


def test_a_refusal_is_counted_and_in_the_audit(person: Person) -> None:
    with pytest.raises(fair_use.OverCap):
        fair_use.spend(person, "rows", 101)
    assert DailyUse.objects.get().refused == 1
    entry = AuditEntry.objects.using("owner").get(kind="fair use refused")
    assert (entry.person, entry.organisation) == ("a@fair.example", "FAIR")
    assert entry.details == {"what": "rows", "asked": 101, "used": 0, "cap": 100}


def test_what_was_counted_afterwards_blocks_too(person: Person) -> None:
    fair_use.charge(person, "rows", 5_000)
    assert fair_use.left(person, "rows") == 0
    with pytest.raises(fair_use.OverCap):
        fair_use.spend(person, "rows", 1)


def test_a_new_day_begins_anew(person: Person) -> None:
    fair_use.spend(person, "lookups", 10)
    DailyUse.objects.update(day=timezone.localdate() - timedelta(days=1))
    assert fair_use.left(person, "lookups") == 10
    assert fair_use.spend(person, "lookups", 10) == 0


def test_each_person_has_a_cap_of_their_own(person: Person) -> None:
    fair_use.spend(person, "lookups", 10)
    other = Person(pk=person.pk + 1, organisation_id=person.organisation_id)
    assert fair_use.spend(other, "lookups", 10) == 0


def test_nothing_is_taken_back(person: Person) -> None:
    with pytest.raises(ValueError, match="taken back"):
        fair_use.spend(person, "lookups", -1)


def test_requests_at_the_same_moment_share_one_cap(
    person: Person, django_db_blocker: DjangoDbBlocker
) -> None:
    """Forty at once for ten: ten get through."""
    through: list[int] = []
    barrier = threading.Barrier(8, timeout=20)

    def work() -> None:
        with django_db_blocker.unblock():
            barrier.wait()
            for _ in range(5):
                with contextlib.suppress(fair_use.OverCap):
                    through.append(fair_use.spend(person, "lookups"))
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(through) == list(range(10))
    assert DailyUse.objects.get().used == 10
