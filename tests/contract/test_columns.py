"""Chosen columns: the same ones, in the same order, on the page, in every file and by command; never an unreleased one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.http import QueryDict

from reports.display import tidied
from reports.engine.report import report_for
from tests.contract.cases import CASES, ONE_A_ROLE, Case
from tests.contract.test_refusals import refused, refused_everywhere
from tests.support.asking import table
from tests.support.files import as_excel_holds, csv_rows, excel_rows, get, json_rows, pages
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db


def chosen(case: Case) -> list[str]:
    """A few of the report's columns against their order, the key not among them where there are enough."""
    keys = [column.key for column in case.columns()]
    return keys[::-2][:4]


@pytest.mark.parametrize("case", ONE_A_ROLE, ids=str)
def test_everywhere_the_same(case: Case, tmp_path: Path) -> None:
    keys = chosen(case)
    history = {"history": "true"} if case.report.has_history else {}
    named = {column.key: column for column in case.columns(bool(history))}
    columns = [named[key] for key in (*keys, *(["valid_from", "valid_to"] if history else []))]
    want = [
        [column.key for column in columns],
        *([row[column.key] for column in columns] for row in case.records(**history)),
    ]
    query = f"columns={','.join(keys)}" + ("&history=true" if history else "")
    client, file = signed_in(case.organisation), "download."
    assert case.table(columns=",".join(keys), **history) == want
    size = 25 if len(want) < 100 else 250
    shown = pages(client, case.address(f"rows={size}&{query}"))
    assert [row for page in shown for row in page.rows] == want[1:]
    content = get(client, case.address(query, f"{file}json"))
    assert json_rows(content, columns) == want
    assert json.loads(content)["columns"] == keys
    assert excel_rows(get(client, case.address(query, f"{file}xlsx")), columns) == as_excel_holds(want)
    path = tmp_path / "file.csv"
    options = ["--dialect=machine", f"--output={path}", *case.options, *(["--history"] if history else [])]
    call_command(
        "run_report",
        case.report.code,
        f"--organisation={case.organisation}",
        f"--columns={','.join(keys)}",
        *options,
    )
    assert csv_rows(path.read_bytes()) == want


@pytest.mark.parametrize("case", ONE_A_ROLE, ids=str)
def test_the_order_may_be_by_a_column_that_is_not_shown(case: Case) -> None:
    first, *_, last = (column.key for column in case.columns())
    records = case.records(sort=f"-{last}")
    assert case.table(columns=first, sort=f"-{last}")[1:] == [[row[first]] for row in records]


@pytest.mark.parametrize("case", ONE_A_ROLE, ids=str)
def test_unknown_columns_are_refused_by_name(case: Case, tmp_path: Path) -> None:
    refused_everywhere(case, tmp_path, "columns", "colour", "has no column “colour” to show")
    key = case.columns()[0].key
    for text in (key.upper(), f"{key};", f"-{key}", "row_id", "p.device_id", f"{key},colour"):
        assert "to show" in refused(case, columns=text)["columns"]
    assert "more than once" in refused(case, columns=f"{key},{key}")["columns"]
    if case.report.has_history:
        assert "comes by itself" in refused(case, columns="valid_from", history="true")["columns"]


@pytest.mark.parametrize("case", [case for case in CASES if case.organisation == "M2"], ids=str)
def test_an_unreleased_column_is_as_one_that_never_existed(case: Case) -> None:
    shown = {column.key for column in case.columns()}
    for column in case.report.columns:
        if column.key not in shown:
            mine = refused(case, columns=column.key)["columns"]
            assert mine == refused(case, columns="nonsense")["columns"].replace("nonsense", column.key)
            assert f", {column.key}" not in mine


def test_empty_means_all() -> None:
    case = CASES[0]
    assert table(case.viewer, case.report.code, columns=[""]) == table(case.viewer, case.report.code)


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("columns=mpxn,device_id", None),
        ("columns=", None),
        ("columns=mpxn&columns=device_id", "?columns=mpxn,device_id"),
        ("columns=mpxn&columns=device_id&move=up:device_id", "?columns=device_id,mpxn#column-device_id"),
        (
            "columns=mpxn&columns=device_id&move=up:mpxn&rows=25",
            "?rows=25&columns=mpxn,device_id#column-mpxn",
        ),
        ("columns=mpxn&move=sideways:mpxn", None),
        ("move=up:nonsense", None),
    ],
)
def test_what_the_chooser_sends_becomes_a_short_address(query: str, address: str | None) -> None:
    case = next(case for case in CASES if str(case) == "MAP_001-M1")
    report = report_for("MAP_001")
    assert report is not None
    assert tidied(report, case.viewer, QueryDict(query)) == address


def test_all_columns_in_their_own_order_are_not_named() -> None:
    case = next(case for case in CASES if str(case) == "MAP_001-M1")
    query = "&".join(f"columns={column.key}" for column in case.columns())
    assert tidied(case.report, case.viewer, QueryDict(f"rows=25&{query}")) == "?rows=25"


def test_the_chooser_works_by_its_own_form() -> None:
    """Ticks, then a move by a button, as a browser without script sends them; nothing else of the question is lost."""
    client = signed_in("M1")
    answer = client.get("/reports/MAP_001/?rows=25&columns=device_id&columns=mpxn&move=down:device_id")
    assert answer.status_code == 302
    assert answer["Location"] == "?rows=25&columns=mpxn,device_id#column-device_id"
    text = client.get("/reports/MAP_001/" + answer["Location"].split("#")[0]).content.decode()
    assert text.index('value="up:mpxn"') < text.index('value="up:device_id"')
    assert '<input type="hidden" name="rows" value="25">' in text
