"""The portfolio's pages, as people use them: each role, filters, mistakes, evidence, and what is nobody's business."""

from __future__ import annotations

import io
import re
import uuid
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from smi_portal.access.scope import scope
from smi_portal.accounts.models import Person
from smi_portal.portfolio import models
from tests.portfolio.conftest import kept_statement, page
from tests.portfolio.worlds import device, viewer
from tests.support.people import address, signed_in

pytestmark = pytest.mark.usefixtures("two_extracts")


def test_the_feed_shows_each_its_own() -> None:
    text = page("M1", "/changes/")
    assert "Supplier changed" in text
    assert "SUPZ" in text
    assert "By kind and week" in text
    assert device(1) in page("S2", "/changes/")
    assert "SUPA" not in page("S2", "/changes/")
    assert "Nothing has changed in your portfolio" in page("M2", "/changes/")


def test_the_feed_filters_by_kind_device_and_day() -> None:
    text = page("M1", "/changes/", kind="removed")
    assert device(5) in text
    assert device(1) not in text
    assert "Faulty" in text
    text = page("M1", "/changes/", device_id=device(1).replace("-", "").lower())
    assert device(1) in text
    assert device(5) not in text
    text = page("M1", "/changes/", effective_from="2018-11-15")
    assert device(6) in text
    assert device(4) not in text
    assert "No event matches" in page("M1", "/changes/", kind="gained")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"kind": "nonsense"}, "There is no kind “nonsense”"),
        ({"device_id": "x"}, "Write a Device ID"),
        ({"effective_from": "1 Nov"}, "Write the day as year, month and day"),
        ({"effective_from": "2018-11-10", "effective_to": "2018-11-01"}, "The range ends before it begins"),
        ({"colour": "red"}, "colour: There is no such filter"),
        ({"before": "x"}, "is no cursor"),
        ({"extract": "9" * 40}, "Ensure this value"),
    ],
)
def test_a_mistake_is_named_and_keeps_what_was_typed(given: dict[str, str], sentence: str) -> None:
    answer = signed_in("M1").get("/changes/", given)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_the_feeds_files_hold_what_the_page_shows() -> None:
    client = signed_in("M1")
    answer = client.get("/changes/download.csv", {"kind": "removed"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert device(5) in lines[1]
    assert answer["SMI-Extract-Sequence"] == "2"
    assert client.get("/changes/download.csv", {"after": "99"}).status_code == 400
    assert client.get("/changes/download.pdf").status_code == 404
    book = openpyxl.load_workbook(
        io.BytesIO(b"".join(client.get("/changes/download.xlsx").streaming_content))
    )
    assert book["Data"].max_row == 10


def test_the_dispute_pack_names_the_extract_of_each_fact() -> None:
    text = page("M1", f"/changes/asset/{device(1)}/")
    assert "SUPA" in text
    assert "SUPZ" in text
    assert "Told by extract" in text
    text = page("S1", f"/changes/asset/{device(1)}/")
    assert "SUPZ" not in text


@pytest.mark.parametrize("path", [device(1), "00-DB-FF-FF-FF-FF-FF-FF", "nonsense"])
def test_a_foreign_an_absent_and_a_malformed_asset_are_not_found(path: str) -> None:
    answers = [signed_in("M2").get(f"/changes/asset/{one}/") for one in (path, device(9))]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_rental_days_on_screen() -> None:
    text = page("M1", "/rental-days/", **{"from": "2018-11-01", "to": "2018-11-21"})
    assert "<strong>164</strong> days of <strong>9</strong> assets" in text.replace("\n", "")
    for heading in (
        "By Supplier",
        "By Model",
        "By Fuel",
        "By CSP region",
        "No registered supplier: 1 asset.",
    ):
        assert heading in text
    assert "By Supplier" not in page("M2", "/rental-days/")
    assert "No rental days" in page("M2", "/rental-days/")
    answer = signed_in("M1").get("/rental-days/", {"from": "x", "to": "2018-11-21"})
    assert answer.status_code == 400
    assert "is no day" in answer.content.decode()
    answer = signed_in("M1").get("/rental-days/download.csv", {"from": "2018-11-01", "to": "2018-11-21"})
    assert len(b"".join(answer.streaming_content).splitlines()) == 14


def upload(organisation: str, text: str, name: str = "ledger.csv", **given: str) -> Any:
    """Send a ledger."""
    form = {"start": "2018-11-01", "end": "2018-11-21", "rate": "", "saved": "", "save_as": ""} | given
    file = SimpleUploadedFile(name, text.encode())
    return signed_in(organisation).post("/reconcile/", {**form, "file": file})


def test_a_ledger_is_reconciled_kept_and_downloaded() -> None:
    answer = upload(
        "M1", f"device,from,to\n{device(9)},2018-11-01,2018-11-21\nXYZ,2018-11-01,2018-11-21\n", rate="0.1"
    )
    assert answer.status_code == 302
    text = page("M1", answer["Location"])
    assert "Malformed" in text
    assert "Your amount (£)" in text
    assert "2.00" in text
    body = signed_in("M1").get(answer["Location"] + "workbook.xlsx")
    assert re.search(r'"reconciliation_m1_\d{4}-\d\d-\d\d_extract-\d+\.xlsx"', body["Content-Disposition"])
    book = openpyxl.load_workbook(io.BytesIO(b"".join(body.streaming_content)))
    assert book.sheetnames[0] == "Summary"
    assert book["Malformed"].max_row == 2
    assert "ledger.csv" in page("M1", "/reconcile/")
    for other in ("M2", "S1"):
        assert signed_in(other).get(answer["Location"]).status_code == 404
        assert signed_in(other).get(answer["Location"] + "workbook.xlsx").status_code == 404
        assert "ledger.csv" not in page(other, "/reconcile/")
    assert signed_in("DCC").get(answer["Location"]).status_code == 403


def test_a_mapping_is_kept_by_name_and_used_again() -> None:
    ledger = f"Zähler,Beginn,Ende\n{device(9)},2018-11-01,2018-11-21\n"
    refused = upload("M1", ledger)
    assert refused.status_code == 400
    assert "No column holds a Device ID or an MPxN" in refused.content.decode()
    names = {"map_device_id": "Zähler", "map_from": "Beginn", "map_to": "Ende", "save_as": "Acme's invoice"}
    assert upload("M1", ledger, **names).status_code == 302
    assert "Acme&#x27;s invoice" in page("M1", "/reconcile/")
    assert "Acme&#x27;s invoice" not in page("M2", "/reconcile/")
    assert upload("M1", ledger, saved="Acme's invoice").status_code == 302
    assert upload("M2", ledger, saved="Acme's invoice").status_code == 400


@pytest.mark.parametrize(
    ("text", "given", "sentence"),
    [
        ("", {}, "is empty"),
        ("device\nx\n", {"start": "soon"}, "&#x27;soon&#x27; is no day"),
        ("device\nx\n", {"end": "2019-11-21"}, "lies beyond the extract"),
        ("device\nx\n", {"rate": "-1"}, "greater than or equal to 0"),
        ("device\nx\n", {"name": "ledger.pdf"}, "give a .csv or .xlsx file"),
        ("nonsense", {"name": "ledger.xlsx"}, "no Excel workbook"),
    ],
)
def test_a_ledger_that_cannot_be_read_is_explained(text: str, given: dict[str, str], sentence: str) -> None:
    answer = upload("M1", text, **given)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_nobody_has_anothers_evidence_by_guessing() -> None:
    for path in ("/rental-days/statement/{}/", "/reconcile/{}/", "/reconcile/{}/workbook.xlsx"):
        for key in (str(uuid.uuid4()), "1", "x"):
            assert signed_in("M1").get(path.format(key)).status_code == 404


KEPT = (
    models.Statement,
    models.StatementPart,
    models.Reconciliation,
    models.ReconciliationPart,
    models.ColumnMapping,
)


def test_hostile_sql_neither_reads_nor_adds_what_is_anothers() -> None:
    kept_statement(signed_in("M1"), "2018-11-01", "2018-11-21")
    upload("M1", f"device\n{device(9)}\n", save_as="Mine")
    with scope(viewer("M1")):
        assert all(model.objects.exists() for model in KEPT)
        owner = models.Statement.objects.values_list("map_org_id", flat=True)[0]
    for organisation in ("M2", "S1", "DCC"):
        for model in KEPT:
            with scope(viewer(organisation)), connection.cursor() as cursor:
                if organisation == "DCC":
                    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                        cursor.execute(f"SELECT count(id) FROM {model._meta.db_table}")
                else:
                    cursor.execute(f"SELECT count(id) FROM {model._meta.db_table}")
                    assert cursor.fetchone() == (0,)
        with scope(viewer(organisation)), pytest.raises(DatabaseError), transaction.atomic():
            models.ColumnMapping(name="Theirs", headings={}, made_by="x", map_org_id=owner).save()
    with scope(viewer("M2")), pytest.raises(DatabaseError), transaction.atomic():
        models.StatementPart.objects.values_list("hidden_body", flat=True)[0]
    with scope(viewer("M1")), pytest.raises(DatabaseError), transaction.atomic():
        models.Statement.objects.update(days=0)


def test_who_has_no_portfolio_is_refused() -> None:
    for path in (
        "/changes/",
        "/rental-days/",
        "/reconcile/",
        f"/changes/asset/{device(1)}/",
        "/changes/notices/",
    ):
        assert signed_in("SECAS").get(path).status_code == 403, path
    assert "Portfolio" not in page("SECAS", "/")
    assert "Portfolio" in page("M1", "/")


def test_a_person_chooses_a_digest_and_only_an_administrator_a_webhook() -> None:
    client = signed_in("S1")
    assert client.post("/changes/notices/digest/", {"frequency": "hourly"}).status_code == 400
    assert client.post("/changes/notices/digest/", {"frequency": "weekly"}).status_code == 302
    assert models.Digest.objects.get().frequency == "weekly"
    assert client.post("/changes/notices/webhook/", {"url": "https://example.org/"}).status_code == 403
    Person.objects.using("owner").filter(email=address("S1")).update(is_administrator=True)
    answer = client.post("/changes/notices/webhook/", {"url": "http://127.0.0.1/"})
    assert answer.status_code == 400
    assert "must begin with https://" in answer.content.decode()
    assert client.post("/changes/notices/webhook/", {"url": "https://example.org/events"}).status_code == 302
    text = page("S1", "/changes/notices/")
    assert "https://example.org/events" in text
    assert "Show the signing key" in text
    assert "https://example.org/events" not in page("S2", "/changes/notices/")
    assert client.post("/changes/notices/webhook/", {"url": ""}).status_code == 302
    assert not models.Webhook.objects.exists()
