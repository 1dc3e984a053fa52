"""The page: pasted and uploaded, shown and as a file; for those who send, and nobody else."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.html import Page
from tests.support.people import signed_in

from . import conftest as w
from .conftest import update, xml

pytestmark = pytest.mark.usefixtures("loaded")
DELETE = xml(update(w.OWN, "<sr:DeleteDevice/>"))


def page(**sent: object) -> str:
    answer = signed_in("S1").post("/preflight/", sent)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def test_what_is_pasted_is_checked_and_given_back() -> None:
    shown = page(text=DELETE.decode())
    assert "1 request checked" in shown
    assert "E080407" in shown
    assert w.OWN in shown
    assert "&lt;sr:DeleteDevice/&gt;" in shown


def test_many_files_and_the_file_of_verdicts() -> None:
    lines = f"device_id,map_id\n{w.OWN},MAPA\n=cmd,MAPA\n".encode()
    sent = [SimpleUploadedFile("b.xml", DELETE), SimpleUploadedFile("a.csv", lines)]
    answer = signed_in("S1").post("/preflight/", {"files": sent, "csv": "1"})
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(
        csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"), newline=""))
    )
    assert [row["Verdict"] for row in rows] == ["refused", "accepted", "malformed"]
    assert rows[2]["Device ID"] == "'=cmd"


def test_nothing_sent_is_said_and_nothing_is_lost() -> None:
    answer = signed_in("S1").post("/preflight/", {"text": "  "})
    assert answer.status_code == 400
    assert "Paste requests or choose a file first" in answer.content.decode()
    assert signed_in("S1").get("/preflight/").status_code == 200


def test_a_hostile_text_is_shown_and_not_run() -> None:
    shown = page(text="<script>alert(1)</script>")
    assert "<script>alert" not in shown
    assert "not a DUIS Request" in shown


@pytest.mark.parametrize(("organisation", "status"), [("M2", 200), ("DCC", 403), ("SECAS", 403), ("S0", 403)])
def test_who_may_enter(organisation: str, status: int) -> None:
    assert signed_in(organisation).get("/preflight/").status_code == status


def test_the_page_has_a_heading_and_labels() -> None:
    found = Page(signed_in("S1").get("/preflight/").content.decode())
    assert found is not None
