"""Sign-ins, report runs, downloads, grants and loads leave entries that say who, what, for which day and how many."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from pytest_django import DjangoDbBlocker

from smi_portal.accounts.models import Person
from smi_portal.audit import chains, origin, witness
from smi_portal.audit.models import AuditEntry
from smi_portal.fair_use.models import DailyUse
from tests.audit.conftest import findings, kinds
from tests.support import world
from tests.support.loads import forget, load_tables
from tests.support.people import address, make_people, signed_in

PASSWORD = "a-long-enough-password"


@pytest.fixture(scope="module", autouse=True)
def audit_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The contract's world."""
    with django_db_blocker.unblock():
        forget()
        load_tables(tmp_path_factory.mktemp("audit"), world.build(), world.AS_AT)
        make_people()
    yield
    with django_db_blocker.unblock():
        DailyUse.objects.using("owner").all().delete()
        forget()


@pytest.fixture
def m1(real: None) -> Iterator[Client]:
    """A session of M1's person; its sign-in is not in the audit."""
    client = signed_in("M1")
    AuditEntry.objects.using("owner").all().delete()
    witness.forget()
    chains._forget_all()
    yield client
    DailyUse.objects.using("owner").all().delete()


def entry(kind: str) -> AuditEntry:
    return AuditEntry.objects.using("owner").get(kind=kind)


@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 192.0.2.1", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_where_from_is_the_proxies_word_and_never_the_askers(
    proxies: int, header: str, expected: str, settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", headers={"x-forwarded-for": header} if header else {})
    assert origin.client_of(request) == expected


def read(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_sign_in_and_out(real: None) -> None:
    person = Person.objects.using("owner").get(email=address("M1"))
    person.set_password(PASSWORD)
    person.save(using="owner")
    client = Client(REMOTE_ADDR="192.0.2.7")
    form = {"username": address("M1"), "password": "wrong"}
    client.post("/sign-in/", form)
    client.post("/sign-in/", {"username": "nobody@nowhere.example", "password": "wrong"})
    client.post("/sign-in/", form | {"password": PASSWORD})
    client.post("/sign-out/")
    entries = list(AuditEntry.objects.using("owner").order_by("at"))
    assert [e.kind for e in entries] == ["sign-in failed", "sign-in failed", "signed in", "signed out"]
    assert [e.organisation for e in entries] == ["M1", "", "M1", "M1"]
    assert entries[1].details == {"address": "nobody@nowhere.example"}
    assert {e.origin for e in entries} == {"192.0.2.7"}
    assert not any(PASSWORD in str(e.details) or "wrong" in str(e.details) for e in entries)
    assert findings().sound


def test_a_page(m1: Client) -> None:
    assert m1.get("/reports/MAP_001/?as_at=2018-11-05&device_status=Pending").status_code == 200
    found = entry("report page")
    assert (found.person, found.organisation) == (address("M1"), "M1")
    rows = found.details.pop("rows")
    assert rows > 0
    assert found.details == {
        "report": "MAP_001",
        "as_at": "2018-11-05",
        "history": False,
        "inputs": {"device_status": ["Pending"]},
        "sort": [],
        "extract": 1,
        "more": False,
    }


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_a_file(m1: Client, form: str) -> None:
    content = read(m1.get(f"/reports/MAP_001/download.{form}?dialect=machine"))
    assert kinds() == ["report file begun", "report file ended"]
    found = entry("report file ended").details
    assert (found["format"], found["channel"], found["complete"]) == (form, "page", True)
    assert found["rows"] == DailyUse.objects.get(what="rows").used > 10
    if form == "csv":
        assert found["rows"] == content.count(b"\r\n") - 1 or found["rows"] <= content.count(b"\n")


def test_a_file_that_is_not_read_to_its_end(m1: Client) -> None:
    response = m1.get("/reports/RSMI_001/download.csv")
    next(iter(response.streaming_content))
    response.close()
    assert entry("report file ended").details["complete"] is False
    assert findings().sound


def test_a_person_over_the_cap_gets_no_file(m1: Client, settings: Any) -> None:
    settings.SMI_DAILY_CAPS = {"lookups": 10, "rows": 30}
    refused = m1.get("/reports/MAP_001/download.csv")
    assert refused.status_code == 429
    assert "You have 30 of 30 left today, and this needs 31" in refused.content.decode()
    assert kinds() == ["fair use refused"]
    assert DailyUse.objects.get(what="rows").used == 0
    some = m1.get("/reports/MAP_001/download.csv?device_status=Commissioned")
    rows = read(some).count(b"\r\n") - 1
    assert 0 < rows <= 30
    assert DailyUse.objects.get(what="rows").used == rows


def test_the_command(real: None, tmp_path: Path) -> None:
    origin._origin.set(None)  # no request ran in a command's process
    call_command(
        "run_report", "MAP_001", user=address("M2"), output=str(tmp_path / "r.csv"), stderr=io.StringIO()
    )
    call_command(
        "run_report", "MAP_001", organisation="M2", output=str(tmp_path / "o.csv"), stderr=io.StringIO()
    )
    ended = AuditEntry.objects.using("owner").filter(kind="report file ended").order_by("at")
    assert [e.person for e in ended] == [address("M2"), ""]
    assert {e.organisation for e in ended} == {"M2"}
    assert all(e.details["channel"] == "command" and e.details["rows"] > 0 for e in ended)
    assert all(e.origin.startswith("command ") for e in ended)


def test_a_refused_question_is_no_run(m1: Client) -> None:
    assert m1.get("/reports/MAP_001/?no_such=1").status_code == 400
    assert m1.get("/reports/BKF_001/").status_code == 403
    assert kinds() == ["entry refused"]
    assert entry("entry refused").details == {"method": "GET", "address": "/reports/BKF_001/"}


def test_grants(real: None) -> None:
    for revoke in (False, False, True, True):
        call_command(
            "release_field", "M2", "supplier", revoke=revoke, reason="Agreed in WG2", stdout=io.StringIO()
        )
    assert kinds() == ["field released", "field release revoked"]
    assert entry("field released").organisation == "M2"
    assert entry("field released").details == {"group": "supplier", "reason": "Agreed in WG2"}


def test_loads(real: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("load_extract", str(tmp_path / "nothing"), stderr=io.StringIO())
    assert kinds()[-1] == "load refused"
