"""The API's rows are the report's rows: same values and order, page by page, and only ever of one extract."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.core import signing
from django.utils.http import urlencode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.api import cursor
from reports.engine.inputs import DateRange
from reports.engine.report import REGISTRY, Report, catalogue
from smi_portal.access.scope import scope
from smi_portal.backfill.models import PanelDate
from smi_portal.inventory.models import ExtractLoad
from tests.contract.cases import LISTED, LISTED_ONE_A_ROLE, Case
from tests.support.files import csv_rows, excel_rows, json_rows
from tests.support.tokens import body_of, make_token, problem_of, program, walk, with_token

pytestmark = pytest.mark.django_db


def at(case: Case, what: str = "rows", **question: Any) -> str:
    """An address of this report."""
    query = urlencode(question, doseq=True)
    return f"/api/v1/reports/{case.report.code}/{what}" + (f"?{query}" if query else "")


def texts(rows: list[dict[str, Any]]) -> list[list[str]]:
    """JSON rows as the machine CSV writes them."""
    return [[plain(value) for value in row.values()] for row in rows]


def plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


@pytest.mark.parametrize("case", LISTED, ids=str)
def test_pages_and_files_are_the_reports_rows(case: Case) -> None:
    client, last = program(case.organisation), case.columns()[-1].key
    questions: list[dict[str, str]] = [{}, {"as_at": "2018-11-11", "sort": f"-{last}"}]
    questions += [{"history": "true"}] if case.report.has_history else []
    for question in questions:
        want, columns = case.rows(**question), case.columns("history" in question)
        pages = list(walk(client, at(case, limit=max(1, len(want) // 3), count="exact", **question)))
        assert [row for page in pages for row in texts(page["rows"])] == want
        assert {page["total"] for page in pages} == {len(want)}
        assert all(list(row) == [c.key for c in columns] for page in pages for row in page["rows"])
        table = [[column.key for column in columns], *want]
        assert csv_rows(body_of(client.get(at(case, "rows.csv", **question)))) == table
        assert json_rows(body_of(client.get(at(case, "rows.json", **question))), columns) == table
    assert len(excel_rows(body_of(client.get(at(case, "rows.xlsx"))), case.columns())) == len(case.rows()) + 1


@pytest.mark.parametrize("case", LISTED_ONE_A_ROLE, ids=str)
def test_the_envelope_says_what_was_asked(case: Case) -> None:
    response = program(case.organisation).get(at(case, as_at="2018-11-11", limit=1))
    page = json.loads(response.content)
    load = ExtractLoad.current()
    assert load is not None
    assert (page["report"], page["organisation"], page["as_at"]) == (
        case.report.code,
        case.organisation,
        "2018-11-11",
    )
    assert page["extract"]["sequence"] == load.sequence
    assert response["SMI-Extract-Sequence"] == str(load.sequence)
    assert response["SMI-Data-As-At"] == page["extract"]["as_at"] == "2018-11-20T06:00:00Z"
    assert "total" not in page


def test_inputs_filter_as_on_the_page() -> None:
    case = Case(REGISTRY["RSMI_001"], "S1")
    statuses = sorted({record["device_status"] for record in case.records()})[:2]
    question = {"device_status": statuses, "installation_date_from": "2018-01-01"}
    want = case.rows(**question)
    assert 0 < len(want) < len(case.rows())
    assert [
        row for page in walk(program("S1"), at(case, limit=7, **question)) for row in texts(page["rows"])
    ] == want


def test_what_cannot_be_asked_is_named_all_at_once() -> None:
    case = Case(REGISTRY["RSMI_001"], "M2")
    client = program("M2")
    response = client.get(at(case, colour="red", after="x", as_at="2018-13-01", sort="nothing", limit="5"))
    assert problem_of(response)["named"] == {"colour", "after", "as_at", "sort"}
    for wrong in ("0", "-1", "5001", "many", "1e3", "²", "9" * 30):
        assert problem_of(client.get(at(case, limit=wrong)))["named"] == {"limit"}
    assert problem_of(client.get(at(case, count="roughly")))["named"] == {"count"}
    assert problem_of(client.get(at(case) + "?limit=1&limit=2"))["named"] == {"limit"}
    for key in ("limit", "cursor", "count", "dialect", "rows"):
        assert problem_of(client.get(at(case, "rows.csv", **{key: "1"})))["named"] == {key}
    for item in case.report.inputs:
        if isinstance(item, DateRange):
            backwards = dict(zip(item.keys, ("2018-11-02", "2018-11-01"), strict=True))
            assert problem_of(client.get(at(case, **backwards)))["named"] == {item.keys[1]}


def first_cursor(case: Case, **question: Any) -> str:
    page = json.loads(program(case.organisation).get(at(case, limit=5, **question)).content)
    return str(page["next"].partition("cursor=")[2].partition("&")[0])


BIG = Case(REGISTRY["RSMI_001"], "M1")


def test_a_cursor_is_for_its_question_alone() -> None:
    mine = unquote(first_cursor(BIG))
    assert program("M1").get(at(BIG, cursor=mine)).status_code == 200
    others = {
        "another order": (BIG, {"sort": "-mpxn"}),
        "another day": (BIG, {"as_at": "2018-11-11"}),
        "another filter": (BIG, {"device_type": "ESME"}),
        "history": (BIG, {"history": "true"}),
        "another report": (Case(REGISTRY["RSMI_002"], "M1"), {}),
        "another organisation": (Case(REGISTRY["RSMI_001"], "DCC"), {}),
    }
    for why, (case, question) in others.items():
        response = program(case.organisation).get(at(case, cursor=mine, **question))
        assert problem_of(response)["named"] == {"cursor"}, why
        assert "another question" in problem_of(response)["detail"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_tampered_cursor_is_refused(data: st.DataObject) -> None:
    mine = unquote(first_cursor(BIG))
    place = data.draw(st.integers(0, len(mine) - 1))
    letter = data.draw(
        st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:.é\x00")
    )
    broken = mine[:place] + letter + mine[place + 1 :]
    if broken != mine:
        assert problem_of(program("M1").get(at(BIG, cursor=broken)))["named"] == {"cursor"}


def test_a_forged_place_needs_the_signature() -> None:
    """The engine's own place, unsigned, and one signed for another purpose: neither is a cursor."""
    case = BIG
    for text in ("WyJ4Il0", signing.dumps(["WyJ4Il0", "x", 1]), signing.dumps([1, 2], salt=cursor.SALT)):
        assert problem_of(program("M1").get(at(case, cursor=text)))["named"] == {"cursor"}


@pytest.mark.parametrize("case", LISTED_ONE_A_ROLE, ids=str)
def test_unchanged_answers_are_not_sent_again(case: Case) -> None:
    client = program(case.organisation)
    for what in ("rows", "rows.csv", "rows.xlsx"):
        first = client.get(at(case, what))
        body_of(first)
        assert first["ETag"].startswith('W/"')
        again = client.get(at(case, what), headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, body_of(again), again["ETag"]) == (304, b"", first["ETag"])
        assert again["SMI-Extract-Sequence"] == first["SMI-Extract-Sequence"]
        other = client.get(at(case, what, as_at="2018-11-11"), headers={"If-None-Match": first["ETag"]})
        assert other.status_code == 200
        body_of(other)
        if what != "rows":
            head = client.head(at(case, what))
            assert (head["ETag"], head["Content-Type"]) == (first["ETag"], first["Content-Type"])
    assert (
        client.get(at(case), headers={"If-None-Match": client.head(at(case, "rows.csv"))["ETag"]}).status_code
        == 200
    )


def test_every_parameter_makes_another_etag() -> None:
    client = program("M1")
    questions = [
        {},
        {"limit": 5},
        {"count": "exact"},
        {"sort": "mpxn"},
        {"history": "true"},
        {"device_type": "ESME"},
    ]
    tags = {client.get(at(BIG, **question))["ETag"] for question in questions}
    tags |= {program(who).get(at(BIG))["ETag"] for who in ("M2", "S1", "DCC")}
    assert len(tags) == len(questions) + 3


def test_reports_say_what_they_rest_on_besides_the_extract() -> None:
    """A table that people write into on the site makes rows change without a new extract: `revision` must tell."""
    case = Case(REGISTRY["BKF_002"], "DCC")
    client = program("SECAS")
    before = client.get(at(Case(REGISTRY["BKF_002"], "SECAS")))
    with scope(Case(REGISTRY["BKF_002"], "SECAS").viewer):
        PanelDate(panel_date="2019-03-01", decided_on="2018-11-20", made_by="x").save()
    after = client.get(at(Case(REGISTRY["BKF_002"], "SECAS")), headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert "2019-03-01" in {row["panel_date"] for row in json.loads(after.content)["rows"]}
    for report in catalogue():
        sql = report.source(Case(report, "DCC").ask()) if "DCC" in report.roles else ""
        if "backfill_" in sql.replace("inventory_backfill", ""):
            assert type(report).revision is not Report.revision, report.code
    assert case.report.revision != Report.revision


def test_old_tokens() -> None:
    """Expired, revoked, unknown, mistyped, empty: one answer, which tells nothing of any account."""
    now = datetime.now(UTC)
    clients = [
        program("M1", days=-0.001),
        program("M1", revoked_at=now - timedelta(seconds=1)),
        with_token(make_token("M1")[:-1] + "0"),
        with_token("smi_" + "0" * 46),
        with_token("é"),
        with_token("x" * 100_000),
    ]
    answers = [client.get("/api/v1/") for client in clients]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert {answer["WWW-Authenticate"] for answer in answers} == {
        'Bearer realm="SMI Portal", error="invalid_token"'
    }
