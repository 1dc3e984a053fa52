"""One path to rows: page, both CSV dialects, Excel, JSON and the command give the same rows in the same order."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.management import call_command

from tests.contract.cases import CASES, Case
from tests.support.files import (
    as_excel_holds,
    as_people_read,
    csv_rows,
    excel_rows,
    get,
    json_rows,
    pages,
)
from tests.support.people import address, signed_in

pytestmark = pytest.mark.django_db


def _questions(case: Case) -> list[dict[str, str]]:
    """Plain; a past day, ordered by the last column; with history."""
    last = case.columns()[-1].key
    found = [{}, {"as_at": "2018-11-11", "sort": f"-{last}"}]
    return [*found, {"history": "true"}] if case.report.has_history else found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rows_are_the_same_everywhere(case: Case) -> None:
    client = signed_in(case.organisation)
    for question in _questions(case):
        columns = case.columns("history" in question)
        want = [[column.key for column in columns], *case.rows(**question)]
        query, size = urlencode(question), 25 if len(want) < 100 else 100
        shown = list(pages(client, case.address(f"rows={size}&{query}")))
        assert [row for page in shown for row in page.rows] == want[1:]
        assert {page.promised for page in shown} == {len(want) - 1}
        assert csv_rows(get(client, case.address(f"dialect=machine&{query}", "download.csv"))) == want
        assert csv_rows(get(client, case.address(query, "download.csv"))) == as_people_read(want, columns)
        assert json_rows(get(client, case.address(query, "download.json")), columns) == want
        assert excel_rows(get(client, case.address(query, "download.xlsx")), columns) == as_excel_holds(want)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_command_writes_the_same_file(case: Case, tmp_path: Path) -> None:
    client = signed_in(case.organisation)
    for number, question in enumerate(_questions(case)):
        given = [f"--as-at={question['as_at']}", f"--sort={question['sort']}"] if "sort" in question else []
        given += ["--history"] if "history" in question else []
        query = urlencode(question)
        for form, dialect in (("csv", "people"), ("csv", "machine"), ("json", "people")):
            by_person, by_organisation = tmp_path / f"{number}p.{form}", tmp_path / f"{number}o.{form}"
            for who, path in (
                (["--user", address(case.organisation)], by_person),
                (["--organisation", case.organisation], by_organisation),
            ):
                options = [*who, *case.options, "--format", form, "--dialect", dialect, "--output", str(path)]
                call_command("run_report", case.report.code, *given, *options)
            downloaded = get(client, case.address(f"dialect={dialect}&{query}", f"download.{form}"))
            assert by_person.read_bytes() == by_organisation.read_bytes() == downloaded


@pytest.mark.parametrize("case", CASES, ids=str)
def test_file_names_say_what_is_in_them(case: Case) -> None:
    client = signed_in(case.organisation)
    for extension in ("csv", "xlsx", "json"):
        response = client.get(case.address("as_at=2018-11-11", f"download.{extension}"))
        name = response["Content-Disposition"].removeprefix('attachment; filename="').removesuffix('"')
        expected = f"{case.report.code.lower()}_{case.organisation.lower()}_2018-11-11"
        assert name.startswith(expected)
        assert name.endswith(f".{extension}")
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-.")
        assert response["Cache-Control"] == "private, no-store"


def test_the_command_writes_excel_too(tmp_path: Path) -> None:
    case = next(case for case in CASES if str(case) == "MAP_001-M1")
    path = tmp_path / "file.xlsx"
    call_command("run_report", "map_001", "--organisation", "M1", "--format", "xlsx", "--output", str(path))
    want = [[column.key for column in case.columns()], *case.rows()]
    assert excel_rows(path.read_bytes(), case.columns()) == as_excel_holds(want)
