"""Each reads their own part of the audit, DCC all of it; filters, pages, file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from smi_portal.access.scope import scope
from smi_portal.accounts.models import viewer_for
from smi_portal.audit import note
from smi_portal.audit.models import AuditEntry
from smi_portal.oversight.entries import said
from tests.oversight.conftest import PARTIES, browser, email, person

pytestmark = pytest.mark.django_db


def text(client: Client, query: str = "") -> str:
    answer = client.get(f"/audit/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def file_rows(client: Client, query: str = "") -> list[list[str]]:
    content = b"".join(client.get(f"/audit/audit.csv{query}").streaming_content)
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture
def entries() -> None:
    for code in PARTIES:
        note(f"thing of {code}", person(code), number=7, listed=["a", "b"])
    note("thing of nobody")


READERS = {"OM1": {"OM1"}, "OM2": {"OM2"}, "OS1": {"OS1"}, "OSEC": {"OSEC"}, "ODCC": {*PARTIES, "nobody"}}


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("reader", READERS)
def test_each_reads_their_own_part(reader: str) -> None:
    client = browser(reader, administrator=True)
    shown, rows = text(client), file_rows(client)
    for code in (*PARTIES, "nobody"):
        assert (f"Thing of {code}" in shown) == (code in READERS[reader]), code
        assert any(f"thing of {code}" in row for row in rows) == (code in READERS[reader]), code
    assert "listed: a, b; number: 7" in shown


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("reader", [code for code in READERS if code != "ODCC"])
def test_members_read_none_of_it(reader: str) -> None:
    client = browser(reader)
    assert client.get("/audit/").status_code == 403
    assert client.get("/audit/audit.csv").status_code == 403
    assert "/audit/" not in client.get("/usage/").content.decode()


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("reader", ["OM1", "OS1", "OSEC"])
def test_the_database_shows_no_more(reader: str) -> None:
    """Whatever the page asked for."""
    viewer = viewer_for(person(reader).organisation)
    assert viewer is not None
    with scope(viewer):
        assert set(AuditEntry.objects.values_list("organisation", flat=True)) == {reader}
        for statement in ("UPDATE audit_auditentry SET kind = 'x'", "DELETE FROM audit_auditentry"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_inside_a_scope_only_ones_own_organisation_can_be_named() -> None:
    viewer = viewer_for(person("OM1").organisation)
    assert viewer is not None
    mine, yours = person("OM1"), person("OM2")
    with scope(viewer):
        note("mine", mine, viewer)
    with pytest.raises(DatabaseError), scope(viewer):
        note("yours", mine, yours.organisation)


ASKED: dict[str, Callable[[str], str]] = {
    "by day": lambda today: f"?first={today}&last={today}",
    "by person": lambda _: f"?person={email('OM1').upper()}",
    "by words": lambda _: "?kind=THING%20of%20OM",
    "by organisation": lambda _: "?organisation=om1",
}


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("how", ASKED)
def test_filters(how: str) -> None:
    shown = text(browser("ODCC"), ASKED[how](timezone.localdate().isoformat()))
    assert "Thing of OM1" in shown
    assert ("Thing of OS1" in shown) == (how == "by day")


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?first=yesterday", "Enter the first day as year, month and day"),
        ("?first=2020-01-02&last=2020-01-01", "The last day is before the first."),
        ("?who=me", "“who” is not a filter of this page."),
        ("?kind=%00", "This holds a character that no text has."),
        ("?first=0001-01-01&last=9999-12-31", ""),
        ("?before=garbage", ""),
        ("?before=2020-01-01T00:00:00/x/1", ""),
    ],
)
def test_bad_questions_are_answered_with_what_is_wrong(query: str, words: str) -> None:
    client = browser("OM1", administrator=True)
    answer = client.get(f"/audit/{query}")
    assert answer.status_code == (400 if words else 200), answer.content.decode()
    assert words in answer.content.decode()
    assert client.get(f"/audit/audit.csv{query}").status_code == answer.status_code


def test_only_dcc_may_ask_for_an_organisation() -> None:
    assert browser("OM1", administrator=True).get("/audit/?organisation=OM2").status_code == 400


def test_a_long_record_is_read_page_by_page() -> None:
    for number in range(120):
        note("counted", person("OM1"), number=number)
    client = browser("OM1", administrator=True)
    seen: list[int] = []
    query = "?kind=counted"
    for _ in range(4):
        shown = text(client, query)
        seen += [int(part.split("<")[0]) for part in shown.split("number: ")[1:]]
        following = [part for part in shown.split('href="') if 'rel="next"' in part.split(">")[0]]
        if not following:
            break
        query = following[0].split('"')[0].replace("&amp;", "&")
    assert seen == list(range(119, -1, -1))
    assert len(file_rows(client, "?kind=counted")) == 121


def test_taking_a_copy_is_an_entry_itself() -> None:
    client = browser("OM1", administrator=True)
    file_rows(client, "?kind=nothing")
    assert "Audit exported" in text(client)


def test_an_empty_record_says_so() -> None:
    assert "No entries" in text(browser("OM1", administrator=True), "?kind=nothing")


def test_details_are_told_with_what_matters_first() -> None:
    """The database keeps no order of keys; what is empty is left out."""
    kept = {
        "rows": 26,
        "sort": [],
        "inputs": {},
        "as_at": "2018-12-02",
        "report": "MAP_001",
        "complete": True,
    }
    assert said(kept) == "report: MAP_001; as at: 2018-12-02; rows: 26; complete: yes"


def test_formulas_in_the_file_are_text() -> None:
    note("=1+1", person("OM1"))
    rows = file_rows(browser("OM1", administrator=True))
    assert any("'=1+1" in row for row in rows)
