"""What changes between two requests of a program: the extract, the rights, the person. It counts at once."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from pytest_django import DjangoDbBlocker

from smi_portal.accounts.models import Person
from smi_portal.inventory.models import ExtractLoad, Organisation
from smi_portal.tokens.models import ApiToken, Pace
from tests.support.people import address
from tests.support.tokens import body_of, problem_of, program

pytestmark = pytest.mark.usefixtures("real")
ROWS = "/api/v1/reports/MAP_001/rows"


@pytest.fixture
def real(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Transactions that really end, as on the site; tokens and counters are put away."""
    with django_db_blocker.unblock():
        yield
        for model in (ApiToken, Pace):
            model.objects.using("owner").all().delete()
        for alias in ("owner", "default"):
            connections[alias].close()


@contextmanager
def changed(rows: Any, **values: Any) -> Iterator[None]:
    """The owner changes these rows, and back."""
    before = {row.pk: {name: getattr(row, name) for name in values} for row in rows.using("owner")}
    rows.using("owner").update(**values)
    try:
        yield
    finally:
        for pk, old in before.items():
            rows.model.objects.using("owner").filter(pk=pk).update(**old)


@contextmanager
def next_extract() -> Iterator[None]:
    """A new extract is there, as if it had been loaded at that moment."""
    now = datetime.now(UTC)
    made = ExtractLoad.objects.using("owner").create(
        extract_id="the next",
        sequence=99,
        kind="delta",
        as_at=datetime(2018, 11, 20, 7, tzinfo=UTC),
        content_hash="f" * 64,
        started_at=now,
        finished_at=now,
        report={},
    )
    try:
        yield
    finally:
        made.delete(using="owner")


def local(address: str) -> str:
    return address.removeprefix("http://testserver")


def test_a_new_extract_between_pages_ends_the_walk() -> None:
    """Refused, not mixed; and it says where to start again. Without a cursor the new extract is served."""
    client, question = program("M1"), f"{ROWS}?limit=5&sort=mpxn"
    before = client.get(question)
    page = json.loads(before.content)
    with next_extract():
        gone = problem_of(client.get(local(page["next"])))
        assert (gone["status"], gone["kind"]) == (410, "extract-changed")
        assert local(gone["first"]) == question
        again = client.get(local(gone["first"]), headers={"If-None-Match": before["ETag"]})
        assert again.status_code == 200
        assert json.loads(again.content)["extract"]["sequence"] == 99
        assert again["ETag"] != before["ETag"]
    assert client.get(local(page["next"])).status_code == 200


def test_a_load_while_the_page_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is labelled with the extract that its rows are from: it is read again."""
    from reports.api import views

    client, loads = program("M1"), next_extract()
    usual, calls = views._page, []

    def page(*args: Any) -> Any:
        calls.append(1)
        found = usual(*args)
        if len(calls) == 1:
            loads.__enter__()
        return found

    monkeypatch.setattr(views, "_page", page)
    try:
        response = client.get(f"{ROWS}?limit=1")
    finally:
        loads.__exit__(None, None, None)
    assert len(calls) == 2
    assert json.loads(response.content)["extract"]["sequence"] == 99
    assert response["SMI-Extract-Sequence"] == "99"


@contextmanager
def supplier_revoked(organisation: str) -> Iterator[None]:
    """The release is taken back, and given again."""
    call_command("release_field", organisation, "supplier", "--revoke", stdout=io.StringIO())
    try:
        yield
    finally:
        call_command("release_field", organisation, "supplier", stdout=io.StringIO())


def test_a_release_that_is_revoked() -> None:
    client = program("M1")
    before, file = client.get(ROWS), client.get(f"{ROWS}.csv")
    first_page = json.loads(client.get(f"{ROWS}?limit=1").content)
    assert b"supplier_id" in body_of(file)
    with supplier_revoked("M1"):
        after = client.get(ROWS, headers={"If-None-Match": before["ETag"]})
        assert after.status_code == 200
        assert "supplier_id" in json.loads(before.content)["rows"][0]
        assert "supplier_id" not in json.loads(after.content)["rows"][0]
        later = client.get(f"{ROWS}.csv", headers={"If-None-Match": file["ETag"]})
        assert b"supplier_id" not in body_of(later)
        assert problem_of(client.get(local(first_page["next"])))["named"] == {"cursor"}
    assert client.get(ROWS, headers={"If-None-Match": before["ETag"]}).status_code == 304


def test_who_may_no_longer_sign_in() -> None:
    client, person = program("M2"), Person.objects.filter(email=address("M2"))
    assert client.get("/api/v1/reports").status_code == 200
    with changed(person, is_active=False):
        assert problem_of(client.get("/api/v1/reports"))["kind"] == "token-not-valid"
    assert client.get("/api/v1/reports").status_code == 200


@pytest.mark.parametrize("lost", [{"is_user": False}, {"in_extract": False}])
def test_an_organisation_that_is_no_longer_a_user(lost: dict[str, bool]) -> None:
    client = program("S2")
    assert client.get("/api/v1/reports").status_code == 200
    with changed(Organisation.objects.filter(organisation="S2"), **lost):
        assert problem_of(client.get("/api/v1/reports"))["kind"] == "no-role"
        assert problem_of(client.get("/api/v1/reports/RSMI_001/rows.csv"))["kind"] == "no-role"


def test_no_extract_at_all() -> None:
    """Before the first load: a sentence, and no failure."""
    client = program("M1")
    loads = list(ExtractLoad.objects.using("owner").all())
    ExtractLoad.objects.using("owner").all().delete()
    try:
        assert json.loads(client.get("/api/v1/").content)["extract"] is None
        assert "No extract has been loaded" in problem_of(client.get(ROWS))["detail"]
    finally:
        ExtractLoad.objects.using("owner").bulk_create(loads)


def test_nothing_of_the_scope_outlives_a_request() -> None:
    client: Client = program("M1")
    for path in (ROWS, f"{ROWS}.csv", f"{ROWS}?colour=red"):
        body_of(client.get(path))
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, current_setting('smi.context', true)")
            assert cursor.fetchone() in {("smi_site", ""), ("smi_site", None)}
