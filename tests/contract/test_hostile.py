"""Texts that have run, broken or forged elsewhere are only texts: on pages and in every file."""

from __future__ import annotations

import io
import re
import zipfile
from html import escape

import openpyxl
import pytest

from reports.engine.inputs import Choice
from tests.contract.cases import CASES, Case
from tests.support.files import csv_rows, get
from tests.support.people import signed_in
from tests.support.world import HOSTILE

pytestmark = pytest.mark.django_db

WITH_TEXT = [case for case in CASES if not case.report.code.startswith("BKF")]


@pytest.mark.parametrize("case", WITH_TEXT, ids=str)
def test_pages_show_them_as_text(case: Case) -> None:
    """Also as option, chip, chart and suggestion; nothing but our own markup runs."""
    client = signed_in(case.organisation)
    keys = [item.keys[0] for item in case.report.inputs_for(case.viewer) if type(item) is Choice]
    queries = ["rows=250", "rows=250&history=true" if case.report.has_history else ""]
    queries += [f"{key}={HOSTILE[2].replace('<', '%3C')}" for key in keys if not key.startswith("days")]
    for query in queries:
        text = get(client, case.address(query)).decode()
        for hostile in ("<script>alert", "</td></tr>&amp;", "<South>", "<b>Assets"):
            assert hostile not in text
        assert "it's 14" not in text
        assert len(re.findall("<script", text)) == 1  # our own file
        assert not re.search(r"<[^>]*\s(on\w+|style)\s*=", text), "an inline handler or style"
    # A reference to a list is refused by name, and the refusal is text too.
    assert client.get(f"{case.address().partition('?')[0]}?devices=%3Cscript%3Ealert(1)").status_code == 400
    for query in (
        "devices=%3Cscript%3Ealert(1)",
        "colour=%3Cscript%3Ealert(1)",
        "sort=%3Cscript%3Ealert(1)",
        "as_at=%3Cscript%3Ealert(1)",
    ):
        assert (
            "<script>alert" not in client.get(f"{case.address().partition('?')[0]}?{query}").content.decode()
        )


@pytest.mark.parametrize("case", WITH_TEXT, ids=str)
def test_files_hold_them_as_text(case: Case) -> None:
    client = signed_in(case.organisation)
    people = csv_rows(get(client, case.address(file="download.csv")))
    assert not [cell for row in people[1:] for cell in row if re.match(r"[\t\r\n]|\s*[=@＝]", cell)]
    book = get(client, case.address(file="download.xlsx"))
    sheets = openpyxl.load_workbook(io.BytesIO(book))
    for sheet in sheets:
        assert not [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type in {"f", "e"}]
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert not [name for name in parts.namelist() if "vba" in name or "external" in name.lower()]
        assert b"<f>" not in b"".join(parts.read(name) for name in parts.namelist())


def test_the_world_is_hostile() -> None:
    """The tests above prove nothing unless such texts are shown."""
    shown = {cell for case in WITH_TEXT if case.organisation == "DCC" for row in case.rows() for cell in row}
    assert set(HOSTILE) <= shown
    page = get(signed_in("DCC"), "/reports/RSMI_002/?rows=250").decode()
    for hostile in HOSTILE[:4]:
        assert escape(hostile).replace("&#x27;", "&#x27;") in page
