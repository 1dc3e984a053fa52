"""What cannot be answered is refused, by name and at its field, in every form of the answer; never "all rows"."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command

from reports.engine.ask import AskRefused
from reports.engine.filters import filter_rows
from reports.engine.inputs import DateRange, Minimum
from reports.engine.paging import page
from reports.engine.table import cell
from smi_portal.access.scope import scope
from tests.contract.cases import ONE_A_ROLE as CASES
from tests.contract.cases import REFUSED, Case
from tests.support.html import Page
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db


def refused_everywhere(case: Case, tmp_path: Path, key: str, value: str, says: str) -> None:
    """Page 400 with the sentence and no rows; download 400; the command fails and writes nothing."""
    client, query = signed_in(case.organisation), urlencode({key: value})
    page = client.get(case.address(query))
    text = page.content.decode()
    assert page.status_code == 400
    assert Page(text).rows == []
    assert "There is a problem" in text
    assert says in _plain(text)
    for extension in ("csv", "xlsx", "json"):
        file = client.get(case.address(query, f"download.{extension}"))
        assert file.status_code == 400
        assert f"{key}: " in file.content.decode()
        assert says in file.content.decode()
    option = {
        "as_at": [f"--as-at={value}"],
        "sort": [f"--sort={value}"],
        "columns": [f"--columns={value}"],
        "history": ["--history"],
    }
    given = option.get(key, ["--input", f"{key}={value}"])
    output = tmp_path / "refused.csv"
    with pytest.raises(CommandError, match="Refused"):
        call_command(
            "run_report",
            case.report.code,
            "--organisation",
            case.organisation,
            *case.options,
            *given,
            f"--output={output}",
        )
    assert list(tmp_path.iterdir()) == []


def refused(case: Case, **given: str) -> dict[str, str]:
    """What is wrong, by key."""
    with pytest.raises(AskRefused) as caught:
        filter_rows(case.ask(**given))
    assert caught.value.status == 400
    return {key: " ".join(sentences) for key, sentences in caught.value.errors.items()}


def _plain(text: str) -> str:
    return text.replace("&quot;", '"').replace("&#x27;", "'").replace("&lt;", "<").replace("&gt;", ">")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_unknown_inputs(case: Case, tmp_path: Path) -> None:
    refused_everywhere(case, tmp_path, "colour", "x", f"“colour” is not an input of {case.report.code}")
    for key in ("Device_Status", "device_id", "supplier_id__startswith", "org_id"):
        assert f"“{key}” is not an input of {case.report.code}" in refused(case, **{key: "x"})[key]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_not_released_is_unknown(case: Case, tmp_path: Path) -> None:
    """The very words that an input gets which never existed; and it is not in the list of those that do."""
    hidden = [item for item in case.report.inputs if item not in case.report.inputs_for(case.viewer)]
    # Those outside of the catalogue have no input on a released field.
    assert bool(hidden) == (case.organisation == "M2" and case.report.listed)
    client = signed_in(case.organisation)
    for item in hidden:
        refused_everywhere(case, tmp_path, item.column, "SUPA", f"“{item.column}” is not an input")
        one = client.get(case.address(f"{item.column}=SUPA", "download.csv")).content.decode()
        other = client.get(case.address("nonsense=SUPA", "download.csv")).content.decode()
        assert one == other.replace("nonsense", item.column)
    shown = {column.key for column in case.columns()}
    for column in case.report.columns:
        if column.key not in shown:
            refused_everywhere(case, tmp_path, "sort", column.key, f"no column “{column.key}” to sort by")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_bad_days(case: Case, tmp_path: Path) -> None:
    refused_everywhere(case, tmp_path, "as_at", "2018-11-31", "is not a day")
    refused_everywhere(case, tmp_path, "as_at", "2018-11-21", "2018-11-21 is after the loaded extract")
    for text in ("yesterday", "11/05/2018", "2018-11-1", "20181101", "2018-W45-1", "９018-11-01", "infinity"):
        assert "is not a day" in refused(case, as_at=text)["as_at"]
    ranges = [item for item in case.report.inputs_for(case.viewer) if isinstance(item, DateRange)]
    for key in (key for item in ranges for key in item.keys):
        refused_everywhere(case, tmp_path, key, "2018-11-31", "Write the day as YYYY-MM-DD")
        for text in ("soon", "01/11/2018", "2018-11-1", "２018-11-01", "infinity"):
            assert "Write the day as YYYY-MM-DD" in refused(case, **{key: text})[key]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_ranges_that_run_backwards(case: Case) -> None:
    client = signed_in(case.organisation)
    for item in case.report.inputs_for(case.viewer):
        if isinstance(item, DateRange):
            start, end = item.keys
            query = urlencode({start: "2018-11-02", end: "2018-11-01"})
            answer = client.get(case.address(query, "download.csv"))
            assert answer.status_code == 400
            assert f"{end}: The range ends before it begins" in answer.content.decode()
            page = client.get(case.address(query))
            assert page.status_code == 400
            assert f'id="id_{end}_error"' in page.content.decode()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_bad_numbers(case: Case, tmp_path: Path) -> None:
    for item in case.report.inputs:
        if isinstance(item, Minimum):
            refused_everywhere(case, tmp_path, item.keys[0], "many", "Write a whole number")
            for text in ("1.5", "NaN", "1e99", "-1", "١", "9999999999"):
                assert "Write a whole number" in refused(case, **{item.keys[0]: text})[item.keys[0]]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_single_values_given_twice(case: Case) -> None:
    """A second day or bound would silently win over the first."""
    keys = [
        key
        for item in case.report.inputs_for(case.viewer)
        if isinstance(item, DateRange)
        for key in item.keys
    ]
    client = signed_in(case.organisation)
    for key in ("as_at", *keys):
        answer = client.get(case.address(f"{key}=2018-11-01&{key}=2018-11-02", "download.csv"))
        assert answer.status_code == 400
        assert f"{key}: " in answer.content.decode()


@pytest.mark.parametrize("case", [case for case in CASES if not case.report.has_history], ids=str)
def test_history_where_there_is_none(case: Case, tmp_path: Path) -> None:
    refused_everywhere(case, tmp_path, "history", "true", f"{case.report.code} has no history")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_other_bad_words(case: Case, tmp_path: Path) -> None:
    refused_everywhere(case, tmp_path, "sort", "colour", "no column “colour” to sort by")
    refused_everywhere(case, tmp_path, "sort", "--device_id", "to sort by")
    client = signed_in(case.organisation)
    for query in ("rows=7", "rows=0", "rows=-1", "rows=1e3", "rows=²", "history=maybe"):
        assert client.get(case.address(query)).status_code == 400, query
    assert client.get(case.address("dialect=martian", "download.csv")).status_code == 400
    assert client.get(f"/reports/{case.report.code}/download.pdf").status_code == 404


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_reports_of_other_roles(case: Case, tmp_path: Path) -> None:
    """Refused, not empty."""
    client = signed_in(case.organisation)
    for path in ("", "download.csv", "download.xlsx", "download.json"):
        assert client.get(f"/reports/{case.report.code}/{path}").status_code == 403
    with pytest.raises(CommandError, match="Refused \\(403\\)"):
        call_command(
            "run_report",
            case.report.code,
            "--organisation",
            case.organisation,
            f"--output={tmp_path / 'x.csv'}",
        )
    assert list(tmp_path.iterdir()) == []


def _cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


BROKEN = [
    *("%%%", "é", "W", _cursor(), _cursor(*["x"] * 9)),
    *(base64.urlsafe_b64encode(text).decode() for text in (b"{", b'{"a": 1}', b"[" * 2000, b'"x"', b"\xff")),
]
IMPOSSIBLE = ["a\x00b", "\ud800", ["x"], {}, float("nan"), float("inf"), 1.5]
#: Values of some column's kind: other rows of one's own, or 400 where the column is of another kind.
POSSIBLE = [10**400, -1, True, None, "NaN", "Infinity", "infinity", "2018-11-31", "9999-12-31", ""]


@pytest.mark.parametrize("case", [case for case in CASES if case.organisation in {"M2", "SECAS"}], ids=str)
def test_tampered_cursors(case: Case) -> None:
    """Never an error, and never rows of anyone else."""
    viewer, mine = case.viewer, case.rows()
    for column in case.columns():
        found = filter_rows(case.ask(sort=column.key)).rows
        others = ["x" for key in case.report.key if key != column.key]
        for side in ("after", "before"):
            for cursor in [*BROKEN, *(_cursor(value, *others) for value in IMPOSSIBLE)]:
                with scope(viewer), pytest.raises(AskRefused, match="This page link is not complete"):
                    page(found, **{"after": None, "before": None, side: cursor}, size=25)
            for value in POSSIBLE:
                with suppress(AskRefused), scope(viewer):
                    shown = page(
                        found, **{"after": None, "before": None, side: _cursor(value, *others)}, size=25
                    )
                    assert all([cell(row[key]) for key in found.keys] in mine for row in shown.rows)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_broken_link_is_a_page_that_says_so(case: Case) -> None:
    answer = signed_in(case.organisation).get(case.address("after=%00"))
    assert answer.status_code == 400
    assert "This page link is not complete" in answer.content.decode()
