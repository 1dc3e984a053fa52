"""How fast programs may ask: counted for a person over all tokens and processes, and given back with time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from smi_portal.accounts.models import Person
from smi_portal.tokens import pace
from smi_portal.tokens.models import Pace
from tests.support.people import address
from tests.support.tokens import problem_of, program


@pytest.fixture
def slow(settings: Any) -> int:
    """Ten requests a minute."""
    settings.SMI_API_REQUESTS_PER_MINUTE = 10
    return 10


def person(organisation: str) -> int:
    return int(Person.objects.get(email=address(organisation)).pk)


def later(person_id: int, seconds: float) -> None:
    """As if so many seconds had passed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tokens_pace SET due = due - %s * interval '1 second' WHERE person_id = %s",
            [seconds, person_id],
        )


@pytest.mark.django_db
def test_too_many_requests(slow: int) -> None:
    """Tokens of one person share the pace, other people have their own, and Retry-After tells the truth."""
    one, other = program("M1"), program("M1")
    for left in range(slow - 1, -1, -1):
        response = (one, other)[left % 2].get("/api/v1/")
        assert response.status_code == 200
        assert response["RateLimit-Policy"] == '"requests";q=10;w=60'
        assert response["RateLimit"].startswith(f'"requests";r={left};t=')
    refused = other.get("/api/v1/reports")
    assert problem_of(refused)["kind"] == "too-many-requests"
    wait = int(refused["Retry-After"])
    assert 1 <= wait <= 6
    assert program("M2").get("/api/v1/").status_code == 200
    later(person("M1"), wait)
    assert one.get("/api/v1/").status_code == 200
    assert one.get("/api/v1/").status_code == 429
    later(person("M1"), 3600)
    assert one.get("/api/v1/")["RateLimit"].startswith('"requests";r=9;')


@pytest.mark.django_db
def test_a_file_counts_more_and_a_refusal_not(slow: int) -> None:
    client = program("M1")
    assert client.get("/api/v1/").status_code == 200
    assert client.get("/api/v1/reports/RSMI_001/rows.csv").status_code == 429
    assert client.get("/api/v1/").status_code == 200
    later(person("M1"), 60)
    assert client.head("/api/v1/reports/RSMI_001/rows.csv").status_code == 200
    assert client.get("/api/v1/").status_code == 429


@pytest.fixture
def real(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Transactions that really end; the counters are put back."""
    with django_db_blocker.unblock():
        yield
        Pace.objects.using("owner").all().delete()
        connections["owner"].close()


def test_processes_count_together(slow: int, real: None) -> None:
    """Forty at a time on connections of their own, as from several web processes: exactly ten go on."""
    who = person("M2")

    def ask(_: int) -> bool:
        try:
            return pace.take(who).wait == 0
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(ask, range(40))) == {True: 10, False: 30}


def test_the_counters_are_not_logged(real: None) -> None:
    """No request waits for the disk: the table writes no log that a commit would have to flush."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'tokens_pace'")
        assert cursor.fetchone() == ("u",)
