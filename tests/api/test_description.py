"""The API's description is a valid OpenAPI document, says what is served, and grows with the catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from reports.api import pages
from reports.engine.columns import Column, Kind
from reports.engine.inputs import Choice
from reports.engine.report import REGISTRY, Report
from smi_portal.access.readers import Role
from smi_portal.problems import KINDS
from tests.api.table import INVENTORY, MAY_RUN, OPERATIONS, PREFLIGHT
from tests.contract.cases import LISTED_ONE_A_ROLE, Case
from tests.support.people import signed_in
from tests.support.tokens import problem_of, program

pytestmark = pytest.mark.django_db


def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(program("DCC").get("/api/v1/openapi.json").content)
    return found


def conforms(instance: Any, name: str, document: dict[str, Any]) -> None:
    """Raises ValidationError when the answer is not as described."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(instance)


def test_it_is_a_valid_document() -> None:
    OpenAPIV31SpecValidator(described()).validate()


def test_it_describes_every_operation_and_no_other() -> None:
    found = {
        (method.upper(), path)
        for path, item in described()["paths"].items()
        for method in item
        if method in {"get", "post", "delete"}
    }
    assert found == {
        (method, path.replace("CODE", code).replace("/ID", "/{job}"))
        for method, path in OPERATIONS | INVENTORY | PREFLIGHT
        for code in MAY_RUN
    }
    assert {(o.method, o.path) for o in pages.OPERATIONS} == OPERATIONS | INVENTORY | PREFLIGHT


def test_people_get_the_same_document() -> None:
    assert json.loads(signed_in("OTHER").get("/api/openapi.json").content) == described()


@pytest.mark.parametrize("case", LISTED_ONE_A_ROLE, ids=str)
def test_answers_are_as_described(case: Case) -> None:
    document, client, address = described(), program(case.organisation), f"/api/v1/reports/{case.report.code}"
    questions = ["", "?count=exact&limit=3"] + (["?history=true"] if case.report.has_history else [])
    for question in questions:
        page = json.loads(client.get(f"{address}/rows{question}").content)
        conforms(page, f"{case.report.code}_page", document)
    conforms(json.loads(client.get(address).content), "Report", document)
    conforms(json.loads(client.get(f"{address}/rows?colour=red").content), "Problem", document)
    item = document["paths"][f"{address}/rows"]
    assert set(item["x-roles"]) == {role.value for role in case.report.roles}


def test_a_wrong_answer_would_be_noticed() -> None:
    page = json.loads(program("M1").get("/api/v1/reports/RSMI_001/rows?limit=1").content)
    for broken in (
        {**page, "as_at": "soon"},
        {**page, "rows": [{}]},
        {k: page[k] for k in page if k != "next"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            conforms(broken, "RSMI_001_page", described())


@pytest.fixture
def eleventh() -> Iterator[Report]:
    """A report that nobody has written yet."""

    class Eleventh(Report):
        """One row for each device type."""

        code = "NEW_001"
        title = "Devices by type"
        answers = "How many of each type are mine?"
        roles = frozenset({Role.MAP})
        key = ("device_type",)
        inputs = (Choice("device_type"),)
        columns = (
            Column("device_type", "Device type", "p.device_type", help="Its type."),
            Column("devices", "Devices", "p.devices", Kind.INTEGER, "How many."),
        )

        def source(self, ask: Any) -> str:
            return (
                "(SELECT device_type, count(*)::int AS devices FROM inventory_assetperiod "
                "WHERE from_day <= {day} AND to_day > {day} GROUP BY 1) p"
            )

    yield REGISTRY["NEW_001"]
    del REGISTRY["NEW_001"]


def test_an_eleventh_report_needs_no_line_of_the_api(eleventh: Report) -> None:
    client, address = program("M1"), "/api/v1/reports/NEW_001"
    page = json.loads(client.get(f"{address}/rows?device_type=ESME&device_type=GSME").content)
    assert [row["device_type"] for row in page["rows"]] == ["ESME", "GSME"]
    assert all(row["devices"] > 0 for row in page["rows"])
    csv = b"".join(client.get(f"{address}/rows.csv").streaming_content).decode()
    assert csv.startswith("device_type,devices\r\n")
    document = described()
    OpenAPIV31SpecValidator(document).validate()
    conforms(page, "NEW_001_page", document)
    assert 'id="report-NEW_001"' in signed_in("M1").get("/api/").content.decode()
    assert "NEW_001" in signed_in("M1").get("/account/tokens/").content.decode()
    assert problem_of(program("S1").get(address))["kind"] == "not-for-your-role"


def test_each_problem_has_its_place_on_the_page() -> None:
    text = signed_in("OTHER").get("/api/").content.decode()
    assert all(f'id="{kind}"' in text for kind in KINDS)
    assert set(described()["components"]["responses"]) == set(KINDS)


def test_what_goes_wrong_here_is_told_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("device 00-DB-00-00-00-01-00-01")

    monkeypatch.setattr("reports.api.views.page", fail)
    response = program("M1").get("/api/v1/reports/RSMI_001/rows")
    assert problem_of(response)["kind"] == "server-error"
    assert b"00-DB" not in response.content
