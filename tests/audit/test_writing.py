"""How entries come to be: in a transaction or outside, many writers at once, by a role that may only add."""

from __future__ import annotations

import random
import threading
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from smi_portal.audit import note
from smi_portal.audit.models import AuditEntry
from tests.audit.conftest import Owner, findings, kinds, write

pytestmark = pytest.mark.usefixtures("real")
T = "audit_auditentry"


def test_in_a_transaction_an_entry_stands_or_falls_with_it() -> None:
    with transaction.atomic():
        note("kept")
    with pytest.raises(KeyError):
        _note_and_fail()
    with transaction.atomic():
        note("kept too")
        with pytest.raises(KeyError):
            _note_and_fail()  # a savepoint
        note("after the savepoint")
    note("outside")
    assert kinds() == ["kept", "kept too", "after the savepoint", "outside"]
    assert findings().sound
    assert findings().chains <= 2, "a rolled back transaction must not cost a chain each time"


def _note_and_fail() -> None:
    with transaction.atomic():
        note("lost")
        raise KeyError


def test_many_writers_need_no_lock(django_db_blocker: DjangoDbBlocker, owner: Owner) -> None:
    """Eight threads, some inside transactions that go on or fail: every chain is whole, none waits for another."""
    failures: list[BaseException] = []

    def work(number: int) -> None:
        rng = random.Random(number)
        try:
            with django_db_blocker.unblock():
                for i in range(12):
                    if rng.random() < 0.5:
                        note("alone", thread=number, i=i)
                        continue
                    try:
                        with transaction.atomic():
                            note("together", thread=number, i=i)
                            if rng.random() < 0.3:
                                raise KeyError
                            note("together", thread=number, i=-i)
                    except KeyError:
                        pass
                connections.close_all()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    # A writer in the middle of a long transaction holds nobody up.
    with transaction.atomic():
        note("long")
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
    assert failures == []
    found = findings()
    assert found.sound, found.problems
    assert found.entries > 60
    assert found.chains <= 18  # at most two for each thread


def test_the_site_may_add_and_nothing_else() -> None:
    write(2)
    for statement in (
        f"SELECT * FROM {T}",
        f"SELECT count(*) FROM {T}",
        f"UPDATE {T} SET kind = 'x'",
        f"DELETE FROM {T}",
        f"TRUNCATE {T}",
        f"INSERT INTO {T} SELECT * FROM {T} RETURNING mac",
        f"COPY {T} TO STDOUT",
        f"DROP TABLE {T}",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert findings().sound


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.dates()
        | st.datetimes()
        | st.floats()
        | st.binary(),
        lambda inner: (
            st.lists(inner, max_size=60) | st.dictionaries(st.text(), inner, max_size=4) | st.sets(st.text())
        ),
        max_leaves=70,
    )
)
def test_any_details_are_kept_and_sound(value: Any) -> None:
    """Whatever a person typed: no null character, surrogate or length makes an action fail."""
    note("thing", value=value)
    assert findings().sound


def test_long_details_are_cut_and_say_so() -> None:
    note("thing", listed=list(range(1000)), words="x" * 1000, day=date(2018, 11, 1))
    kept = AuditEntry.objects.using("owner").get().details
    assert kept["listed"][-1] == "… and 950 more"
    assert kept["words"].endswith("… (1,000 characters)")
    assert kept["day"] == "2018-11-01"
