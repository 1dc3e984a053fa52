"""Rental days and ledgers over the API: the portfolio's own rows, each its own, page by page."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.db import connections
from django.test import Client
from pytest_django import DjangoDbBlocker

from reports.engine.run import CONTENT_TYPES
from smi_portal.portfolio import rental
from smi_portal.portfolio.asking import current_load, period
from smi_portal.portfolio.ledger_models import Ledger, LedgerJob, LedgerPart
from smi_portal.portfolio.models import ColumnMapping, Reconciliation, ReconciliationPart
from smi_portal.tokens.models import ApiToken, Pace
from tests.api.test_description import conforms, described
from tests.support.asking import viewer_of
from tests.support.people import RELEASED
from tests.support.tokens import body_of, problem_of, program

DAYS, LEDGERS = "/api/v1/rental-days", "/api/v1/reconciliations"
READERS = ("M1", "M2", "S1", "S2", "DCC")


@pytest.fixture(autouse=True)
def tidy(api_world: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Real transactions; what was handed in is put away."""
    with django_db_blocker.unblock():
        yield
        for model in (
            *(ApiToken, Pace, LedgerPart, Ledger, LedgerJob),
            *(ReconciliationPart, Reconciliation, ColumnMapping),
        ):
            model.objects.using("owner").all().delete()
        with connections["owner"].cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
        for alias in ("owner", "default"):
            connections[alias].close()


def asked() -> dict[str, str]:
    """The extract's own month, as far as it is known."""
    day = current_load().day
    return {"from": day.replace(day=1).isoformat(), "to": day.isoformat()}


def rows_of(organisation: str) -> list[dict[str, Any]]:
    """The portfolio's own rows, as JSON has them."""
    viewer = viewer_of(organisation, RELEASED.get(organisation, ()))
    assert viewer is not None
    days = period(asked()["from"], asked()["to"], current_load())
    return [
        {key: str(v) if hasattr(v, "isoformat") else v for key, v in row.items()}
        for row in rental.rows(viewer, days)
    ]


def walked(client: Client, limit: int) -> list[dict[str, Any]]:
    found, address = [], DAYS
    query: dict[str, Any] = asked() | {"limit": limit}
    while address:
        page = json.loads(client.get(address, query).content)
        found += page["rows"]
        address, query = (page["next"] or "").removeprefix("http://testserver"), {}
    return found


@pytest.mark.parametrize("organisation", READERS)
def test_the_walk_and_the_file_are_the_rental_days(organisation: str) -> None:
    want, client = rows_of(organisation), program(organisation)
    assert len(want) >= 2
    assert walked(client, 1) == want
    assert walked(client, 5000) == want
    text = body_of(client.get(f"{DAYS}.csv", asked())).decode()
    file = list(csv.DictReader(io.StringIO(text)))
    assert file == [{key: "" if v is None else str(v) for key, v in row.items()} for row in want]


def test_a_cursor_is_good_for_one_question_of_one_reader() -> None:
    client = program("M1")
    first = json.loads(client.get(DAYS, asked() | {"limit": 1}).content)["next"]
    assert problem_of(client.get(first.replace("limit=1", "from=2018-01-01")))["named"] >= {"from"}
    other = first.replace(f"to={asked()['to']}", f"to={asked()['to'][:8]}02")
    assert problem_of(client.get(other))["named"] == {"cursor"}
    assert problem_of(program("M2").get(first))["named"] == {"cursor"}
    assert problem_of(client.get(DAYS, asked() | {"cursor": "x"}))["named"] == {"cursor"}


def test_what_is_wrong_is_named_all_at_once() -> None:
    query = "colour=red&limit=0&from=soon&to=1/1/2018"
    assert problem_of(program("M1").get(f"{DAYS}?{query}"))["named"] == {"colour", "limit", "from", "to"}
    assert problem_of(program("M1").get(f"{DAYS}.csv?limit=3"))["named"] == {"limit"}
    assert problem_of(program("M1").get(f"{DAYS}?to=2999-01-01"))["named"] == {"to"}
    assert problem_of(program("SECAS").get(DAYS))["kind"] == "not-for-your-role"
    assert problem_of(program("M1", ["CHANGES"]).get(DAYS))["kind"] == "token-does-not-cover"


def test_unchanged_and_as_described() -> None:
    client, document = program("M1"), described()
    first = client.get(DAYS, asked())
    again = client.get(DAYS, asked(), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    schema = document["paths"][DAYS]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    document["components"]["schemas"]["days"] = schema
    for organisation in ("M1", "M2"):
        conforms(json.loads(program(organisation).get(DAYS, asked()).content), "days", document)


def hand_in(client: Client, text: str, query: str = "", kind: str = "text/csv") -> Any:
    data = asked()
    address = f"{LEDGERS}?from={data['from']}&to={data['to']}{query}"
    return client.generic("POST", address, text.encode(), kind)


def test_a_ledger_from_hand_in_to_workbook() -> None:
    client, document = program("M1"), described()
    device = rows_of("M1")[0]["device_id"]
    answer = hand_in(
        client, f"Asset tag\n{device}\nXYZ\n", "&map.device_id=Asset%20tag&rate=0.1&name=October"
    )
    assert answer.status_code == 202, answer.content
    job = json.loads(answer.content)
    assert (job["file"], job["state"], job["totals"]) == ("October.csv", "queued", None)
    conforms(job, "Reconciliation", document)
    place = answer["Location"].removeprefix("http://testserver")
    waiting = client.get(f"{place}/workbook.xlsx")
    assert (problem_of(waiting)["kind"], waiting["Retry-After"]) == ("job-not-ready", "2")
    call_command("worker", once=True)
    job = json.loads(client.get(place).content)
    assert (job["state"], job["lines_done"], job["lines_total"]) == ("ready", 2, 2)
    conforms(job, "Reconciliation", document)
    assert {row["Category"]: row["Lines"] for row in job["totals"]}["Malformed"] == "1"
    assert [one["id"] for one in json.loads(client.get(LEDGERS).content)["reconciliations"]] == [job["id"]]
    response = client.get(f"{place}/workbook.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(body_of(response)))
    assert book["Malformed"].max_row == 2
    assert response["ETag"] == f'"{job["sha256"]}"'
    absent = f"{LEDGERS}/{uuid.uuid4()}"
    for other in ("M2", "S1"):
        for end in ("", "/workbook.xlsx"):
            theirs, nothing = (program(other).get(address + end) for address in (place, absent))
            assert problem_of(theirs)["kind"] == problem_of(nothing)["kind"] == "not-found"
        assert program(other).delete(place).status_code == 404


def test_a_workbook_with_suppliers_is_closed_when_their_release_ends() -> None:
    client = program("M1")
    place = hand_in(client, "device\nXYZ\n")["Location"].removeprefix("http://testserver")
    call_command("worker", once=True)
    call_command("release_field", "M1", "supplier", "--revoke", verbosity=0, stdout=io.StringIO())
    try:
        assert problem_of(client.get(f"{place}/workbook.xlsx"))["kind"] == "no-longer-yours"
    finally:
        call_command("release_field", "M1", "supplier", verbosity=0, stdout=io.StringIO())
    assert client.get(f"{place}/workbook.xlsx").status_code == 200


def test_a_ledger_is_cancelled() -> None:
    client = program("S1")
    place = hand_in(client, "device\nXYZ\n")["Location"].removeprefix("http://testserver")
    assert client.delete(place).status_code == client.delete(place).status_code == 204
    assert json.loads(client.get(place).content)["state"] == "cancelled"
    assert not LedgerPart.objects.using("owner").exists()


def test_what_is_wrong_with_a_ledger_is_named() -> None:
    client = program("M1")
    bad = hand_in(client, "device\nx\n", "&rate=much&colour=red&mapping=None%20such&map.shade=x")
    assert problem_of(bad)["named"] == {"rate", "colour", "mapping", "map.shade"}
    assert problem_of(hand_in(client, "Colour\nred\n"))["named"] == {"mapping"}
    assert problem_of(hand_in(client, ""))["kind"] == "bad-body"
    assert problem_of(hand_in(client, "{}", kind="application/json"))["kind"] == "bad-body"
    assert problem_of(hand_in(client, "nonsense", kind=CONTENT_TYPES["xlsx"]))["named"] == {"file"}
    assert problem_of(hand_in(program("DCC"), "device\nx\n"))["kind"] == "not-for-your-role"
    assert not LedgerJob.objects.exists()


def test_too_much_is_refused(settings: Any) -> None:
    settings.SMI_FILES_AT_ONCE = 1
    client = program("M1")
    assert hand_in(client, "device\nx\n").status_code == 202
    refused = hand_in(client, "device\ny\n")
    assert (problem_of(refused)["kind"], refused["Retry-After"]) == ("fair-use", "60")
    settings.SMI_MAX_LEDGER = 20
    assert problem_of(hand_in(client, "device\n" + "x\n" * 20))["kind"] == "bad-body"
    assert site.SMI_MAX_LEDGER == 20
