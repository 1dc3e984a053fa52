"""The table of the API's rights, held against what is declared and run against what is served: denials included."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from typing import Any

import pyarrow.parquet
import pytest
from django.test import Client

from reports.api import urls
from reports.engine.report import catalogue
from reports.engine.run import CONTENT_TYPES
from smi_portal.access.declare import entry_of
from tests.api.table import FIELDS, INVENTORY, MAY_READ, MAY_RUN, NOBODY, OPERATIONS, PAGES, PREFLIGHT, WHO
from tests.support.files import excel_rows
from tests.support.people import signed_in
from tests.support.tokens import body_of, problem_of, program

pytestmark = pytest.mark.django_db

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
REPORT_OPERATIONS = sorted(path for method, path in OPERATIONS if "CODE" in path and method == "GET")
OTHER_OPERATIONS = sorted(path for method, path in OPERATIONS if not {"CODE", "ID"} & set(path.split("/")))
#: A job that there is not: what is answered about one that there is stands in test_jobs.
NO_JOB = "00000000-0000-4000-8000-000000000000"


def served() -> tuple[set[tuple[str, str]], set[str]]:
    """(method, address) of every operation in the URLconf, and the pages beside them."""
    operations, pages = set(), set()
    for pattern in urls.urlpatterns:
        address = f"/api/{pattern.pattern}".replace("<str:code>", "CODE").replace("<uuid:job>", "ID")
        if "<path:rest>" in address:
            continue
        entry = entry_of(pattern.callback)
        assert entry is not None
        if not entry.token:
            pages.add(address)
            continue
        forms = list(CONTENT_TYPES) if "<str:form>" in address else [""]
        operations |= {
            (method, address.replace("<str:form>", form))
            for method in pattern.callback.methods
            for form in forms
        }
    return operations, pages


def test_every_operation_report_and_field_is_in_the_table() -> None:
    assert served() == (OPERATIONS | INVENTORY | PREFLIGHT, PAGES)
    assert {report.code for report in catalogue()} == set(MAY_RUN) == set(FIELDS)
    for report in catalogue():
        fields = FIELDS[report.code]
        assert {c.key for c in report.columns} == set(
            f"{fields.columns} {fields.supplier} {fields.premises}".split()
        )
        assert {key for item in report.inputs for key in item.keys} == set(
            f"{fields.inputs} {fields.supplier_inputs}".split()
        )
        assert report.has_history == fields.history


def keys_told(form: str, code: str, response: Any) -> set[str]:
    """The columns that an answer holds, whatever its form."""
    content = body_of(response)
    if form == "csv.gz":
        form, content = "csv", gzip.decompress(content)
    if form == "csv.zip":
        archive = zipfile.ZipFile(io.BytesIO(content))
        form, content = "csv", archive.read(archive.namelist()[0])
    if form == "parquet":
        return set(pyarrow.parquet.read_schema(io.BytesIO(content)).names)
    if form == "csv":
        return set(next(csv.reader(io.StringIO(content.decode()))))
    if form == "xlsx":
        report = next(report for report in catalogue() if report.code == code)
        titles = {column.title: column for column in report.columns}
        import openpyxl

        heads = [cell.value for cell in next(openpyxl.load_workbook(io.BytesIO(content))["Data"].iter_rows())]
        columns = [titles[head] for head in heads]
        return set(excel_rows(content, columns)[0])
    found = json.loads(content)
    if form == "":
        return {column["key"] for column in found["columns"]}
    assert found["rows"], "the test world has rows for everyone"
    return {key for row in found["rows"] for key in row}


@pytest.mark.parametrize("code", MAY_RUN)
@pytest.mark.parametrize("organisation", WHO)
def test_each_report_operation_for_each_role(organisation: str, code: str) -> None:
    client = program(organisation)
    for path in REPORT_OPERATIONS:
        address = path.replace("CODE", code)
        response = client.get(address)
        if organisation in MAY_RUN[code]:
            form = address.rpartition("/")[2].removeprefix("rows.") if "rows" in address else ""
            assert response.status_code == 200, address
            assert keys_told(form, code, response) == FIELDS[code].shown_to(organisation), address
        else:
            assert response.status_code == 403, address
            kind = "no-role" if organisation in NOBODY else "not-for-your-role"
            assert problem_of(response)["kind"] == kind
        for method in METHODS[2:]:
            assert client.generic(method, address).status_code in {403, 405}, address


@pytest.mark.parametrize("code", MAY_RUN)
@pytest.mark.parametrize("organisation", ["M1", "M2", "S1", "DCC", "SECAS"])
def test_each_field_for_each_role(organisation: str, code: str) -> None:
    """Asked for by name: an input or order that must not be is refused in the words that nonsense gets."""
    if organisation not in MAY_RUN[code]:
        return
    client, fields = program(organisation), FIELDS[code]
    address = f"/api/v1/reports/{code}"
    told = json.loads(client.get(address).content)
    assert {found["key"] for found in told["inputs"]} == fields.asked_by(organisation)
    for key in fields.refused_to(organisation):
        refused, nonsense = (client.get(f"{address}/rows", {name: "x"}) for name in (key, "colour"))
        assert refused.status_code == nonsense.status_code == 400
        assert refused.content.decode().replace(key, "colour") == nonsense.content.decode()
    for key in fields.shown_to(organisation):
        assert client.get(f"{address}/rows", {"sort": key, "limit": 1}).status_code == 200, key
    for key in fields.hidden_from(organisation):
        refused, nonsense = (client.get(f"{address}/rows", {"sort": name}) for name in (key, "colour"))
        assert refused.status_code == nonsense.status_code == 400
        assert refused.content.decode().replace(key, "colour") == nonsense.content.decode()


@pytest.mark.parametrize("organisation", WHO)
def test_the_other_operations_for_each_role(organisation: str) -> None:
    client = program(organisation)
    for address in OTHER_OPERATIONS:
        response = client.get(address)
        may = organisation in MAY_READ.get(address, WHO) and organisation not in NOBODY
        assert response.status_code == (200 if may else 403), address
    if organisation not in NOBODY:
        listed = json.loads(client.get("/api/v1/reports").content)["reports"]
        assert {found["code"] for found in listed} == {c for c in MAY_RUN if organisation in MAY_RUN[c]}


@pytest.mark.parametrize("organisation", WHO)
def test_jobs_for_each_role(organisation: str) -> None:
    """Asking for what the role may not run is refused before anything is made; absent jobs are not found."""
    client = program(organisation)
    for code in MAY_RUN:
        if organisation not in MAY_RUN[code]:
            refused = client.post(
                f"/api/v1/reports/{code}/jobs", '{"format": "csv"}', content_type="application/json"
            )
            kind = "no-role" if organisation in NOBODY else "not-for-your-role"
            assert problem_of(refused)["kind"] == kind
    for method, path in OPERATIONS:
        if "ID" in path.split("/"):
            response = client.generic(method, path.replace("ID", NO_JOB))
            closed = "reconciliations" in path and organisation in {"DCC", "SECAS"}
            assert response.status_code == (403 if closed or organisation in NOBODY else 404)


@pytest.mark.parametrize("organisation", WHO)
def test_the_pages_for_people(organisation: str) -> None:
    """They hold no data, so everyone who is signed in may read them; what may not be run is not explained there."""
    client = signed_in(organisation)
    for address in PAGES:
        assert client.get(address).status_code == 200
        assert program(organisation).get(address).status_code == 302
        assert Client().get(address).status_code == 302
    text = client.get("/api/").content.decode()
    for code, fields in FIELDS.items():
        assert (f'id="report-{code}"' in text) == (organisation in MAY_RUN[code])
        if organisation == "M2":
            assert not any(f"<code>{key}</code>" in text for key in fields.refused_to("M2"))


@pytest.mark.parametrize("code", MAY_RUN)
def test_a_token_covers_what_it_says_and_no_more(code: str) -> None:
    others = program("DCC", [other for other in MAY_RUN if other != code])
    this = program("DCC", [code])
    for path in REPORT_OPERATIONS:
        refused = others.get(path.replace("CODE", code))
        assert problem_of(refused)["kind"] == "token-does-not-cover"
        assert "insufficient_scope" in refused["WWW-Authenticate"]
        assert this.head(path.replace("CODE", code)).status_code == 200
    assert [r["code"] for r in json.loads(this.get("/api/v1/reports").content)["reports"]] == [code]


@pytest.mark.parametrize(("method", "path"), sorted(OPERATIONS | INVENTORY | PREFLIGHT))
def test_a_session_opens_nothing(method: str, path: str) -> None:
    """Nor does nothing at all, nor another scheme: with every method, for everyone."""
    address = path.replace("CODE", "RSMI_001").replace("ID", NO_JOB)
    for client in (signed_in("DCC"), Client(), Client(headers={"Authorization": "Basic dXNlcjpwYXNz"})):
        for verb in METHODS:
            response = client.generic(verb, address)
            assert response.status_code == 401, (verb, address)
            assert response["WWW-Authenticate"].startswith("Bearer")


def test_nowhere_is_closed_too() -> None:
    assert Client().get("/api/v1/no/such").status_code == 401
    for address in (
        "no/such",
        "reports/",
        "reports/NOSUCH",
        "reports/RSMI_001/rows.pdf",
        "reports/RSMI_001/",
    ):
        for method in METHODS[:1] + METHODS[2:]:
            response = program("DCC").generic(method, f"/api/v1/{address}")
            assert response.status_code in ({404} if method == "GET" else {404, 405}), address
            problem_of(response)
