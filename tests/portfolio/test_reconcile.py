"""A ledger against the inventory: every category, every explanation, and the money to the penny."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoDbBlocker

from tests.oracle.home import nov
from tests.portfolio.worlds import SECOND, device, first, mpan, second
from tests.support.loads import forget, load_tables

PERIOD = ("--from", "2018-11-01", "--to", (nov(SECOND) + timedelta(days=1)).isoformat())


@pytest.fixture(scope="module", autouse=True)
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker, directory: Path) -> Iterator[None]:
    """Both extracts, loaded."""
    with django_db_blocker.unblock():
        forget()
        load_tables(directory, first().tables, first().as_at)
        load_tables(directory, second().tables, second().as_at)
        yield
        forget()


Row = dict[str, str]


def run(directory: Path, ledger: str, *arguments: str, organisation: str = "M1", ending: str = "csv") -> Any:
    """The command's answer to a ledger given as CSV text."""
    source, target = directory / "ledger.csv", directory / f"answer.{ending}"
    source.write_text(ledger, "utf-8")
    call_command(
        "reconcile",
        str(source),
        *("--organisation", organisation, *PERIOD, *arguments, "--output", str(target)),
        stderr=io.StringIO(),
    )
    if ending == "csv":
        return list(csv.DictReader(io.StringIO(target.read_text("utf-8"), newline="")))
    return target


def line(rows: list[Row], number: int) -> Row:
    (row,) = [row for row in rows if row["line"] == str(number)]
    return row


LEDGER = f"""Asset,Start,To,Rate
{device(1)},2018-11-01,2018-11-21,0.10
{device(2)},01/11/2018,21/11/2018,0.10
{device(5)},2018-11-01,2018-11-21,0.10
{device(5)},2018-11-15,2018-11-21,0.10
XYZ,2018-11-01,2018-11-21,0.10
00-DB-FF-FF-FF-FF-FF-FF,2018-11-01,2018-11-21,0.10
{device(3).replace("-", "").lower()},2018-11-01,2018-11-11,0.015
{device(9)},2018-11-21,2018-11-01,0.10
"""


def test_each_line_gets_its_answer(tmp_path: Path) -> None:
    rows = run(tmp_path, LEDGER)
    answers = {row["line"]: row["category"] for row in rows if row["line"]}
    assert answers == {
        "2": "agrees",
        "3": "days_differ",
        "4": "days_differ",
        "5": "removed_before",
        "6": "malformed",
        "7": "not_in_portfolio",
        "8": "agrees",
        "9": "malformed",
    }
    assert "Yours only until the day before 2018-11-12. Event 2: lost" in line(rows, 3)["explanation"]
    assert "Removed on 2018-11-14. Event" in line(rows, 4)["explanation"]
    assert line(rows, 4)["smi_days"] == "13"
    assert "Removed on 2018-11-14 (Faulty)." in line(rows, 5)["explanation"]
    assert "'XYZ' is no Device ID" in line(rows, 6)["explanation"]
    assert line(rows, 7)["explanation"] == "Not in your portfolio on these days."
    assert "not after its start" in line(rows, 9)["explanation"]


def test_days_that_nobody_billed_are_found(tmp_path: Path) -> None:
    rows = run(tmp_path, LEDGER, organisation="DCC")
    left = [
        (int(row["device_id"][-1]), row["first_day"][-2:], row["last_day"][-2:], row["smi_days"])
        for row in rows
        if row["category"] == "not_billed"
    ]
    assert left == [
        (3, "11", "20", "10"),
        (4, "01", "20", "20"),
        (6, "01", "20", "20"),
        (7, "01", "04", "4"),
        (7, "05", "20", "16"),
        (8, "01", "15", "15"),
        (8, "16", "20", "5"),
        (9, "01", "20", "20"),
    ]
    left = [row["first_day"] for row in run(tmp_path, LEDGER) if row["device_id"] == device(7)]
    assert left == ["2018-11-01"], "a change of supplier does not show without the release"
    whole = sum(int(row["smi_days"]) for row in rows if row["smi_days"])
    assert whole == 8 * 20 + 13, "answered and unbilled days are all days"


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        ([("device", 1, 21)], []),
        ([("mpxn", 1, 21)], []),
        ([("device", 1, 11), ("device", 11, 21)], []),
        ([("mpxn", 1, 11), ("device", 11, 21)], []),
        ([("mpxn", 1, 6), ("device", 9, 13), ("mpxn", 12, 20)], [(6, 8), (20, 20)]),
    ],
)
def test_several_lines_may_bill_one_asset(
    lines: list[tuple[str, int, int]], left: list[tuple[int, int]], tmp_path: Path
) -> None:
    """By Device ID, by MPxN or both: what they leave of A9's November is not billed."""
    names = {"device": f"{device(9)},", "mpxn": f",{mpan(9)}"}
    ledger = "".join(f"{names[by]},{nov(start)},{nov(stop)}\n" for by, start, stop in lines)
    rows = run(tmp_path, f"device,mpxn,from,to\n{ledger}")
    assert [
        (int(row["first_day"][-2:]), int(row["last_day"][-2:]))
        for row in rows
        if row["category"] == "not_billed" and row["device_id"] == device(9)
    ] == left


def test_lines_by_mpxn_that_bill_the_same_days_again(tmp_path: Path) -> None:
    again = f"mpxn,from,to\n{mpan(9)},2018-11-01,2018-11-21\n{mpan(9)},2018-11-11,2018-11-21\n"
    rows = run(tmp_path, again)
    assert [line(rows, number)["smi_days"] for number in (2, 3)] == ["20", "0"]
    assert "Line 2 has claimed the same days" in line(rows, 3)["explanation"]


def test_money_is_exact_to_the_penny(tmp_path: Path) -> None:
    rows = run(tmp_path, LEDGER)
    assert (line(rows, 3)["your_amount"], line(rows, 3)["smi_amount"]) == ("2.00", "1.10")
    assert line(rows, 8)["your_amount"] == "0.15"
    rows = run(tmp_path, f"device,days\n{device(9)},20\n", "--rate", "0.00025")
    assert line(rows, 2)["your_amount"] == "0.01", "half a penny is rounded up"


def test_a_line_that_bills_the_same_days_again(tmp_path: Path) -> None:
    twice = f"device,from,to\n{device(9)},2018-11-01,2018-11-21\n{device(9)},2018-11-11,2018-11-21\n"
    rows = run(tmp_path, twice)
    assert line(rows, 2)["category"] == "agrees"
    assert (line(rows, 3)["category"], line(rows, 3)["smi_days"]) == ("days_differ", "0")
    assert "Line 2 has claimed the same days" in line(rows, 3)["explanation"]


@pytest.mark.parametrize("organisation", ["M1", "S1", "S2", "DCC"])
def test_our_own_rental_days_agree_line_by_line(organisation: str, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    call_command(
        "rental_days", "--organisation", organisation, *PERIOD, "--output", str(own), stderr=io.StringIO()
    )
    rows = run(tmp_path, own.read_text("utf-8"), organisation=organisation)
    assert {row["category"] for row in rows} == {"agrees"}
    assert rows


def test_a_suppliers_invoice_sees_the_suppliers_side_only(tmp_path: Path) -> None:
    invoice = f"MPAN,First day,Last day\n{mpan(1)},2018-11-01,2018-11-20\n{mpan(4)},2018-11-01,2018-11-20\n"
    rows = run(tmp_path, invoice, organisation="S1")
    assert (line(rows, 2)["category"], line(rows, 2)["smi_days"]) == ("days_differ", "9")
    assert line(rows, 3)["category"] == "agrees"
    assert "SUPZ" not in str(rows)


def test_an_unreleased_supplier_column_confirms_nothing(tmp_path: Path) -> None:
    """Right guess and wrong guess get the same answer."""
    answers = []
    for guess in ("SUPA", "SUPZ", "NOBODY"):
        ledger = f"device,supplier,from,to\n{device(9)},{guess},2018-11-01,2018-11-21\n"
        answers.append(run(tmp_path, ledger))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0]["category"] == "agrees"
    assert "supplier_id" not in answers[0][0]


def test_absent_and_foreign_assets_get_the_same_words(tmp_path: Path) -> None:
    lines = [
        f"device,from,to\n{one},2018-11-01,2018-11-21\n" for one in (device(4), "00-DB-FF-FF-FF-FF-FF-FF")
    ]
    foreign, absent = (line(run(tmp_path, text, organisation="S2"), 2) for text in lines)
    assert foreign | {"device_id": ""} == absent | {"device_id": ""}


def test_an_asset_register_needs_no_days(tmp_path: Path) -> None:
    rows = run(tmp_path, f"EUI-64;Model\n{device(1)};FM-1\n{device(4)};FM-1\n")
    assert [row["category"] for row in rows[:2]] == ["agrees", "agrees"]


def test_the_workbook_has_a_cover_and_a_sheet_for_each_category(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(run(tmp_path, LEDGER, ending="xlsx"))
    names = ["Agrees", "Days differ", "Not in portfolio", "Not billed", "Removed before", "Malformed"]
    assert book.sheetnames == ["Summary", *names]
    assert [book[name].max_row - 1 for name in names[:3]] == [2, 2, 1]
    cover = {row[0]: row[1:] for row in book["Summary"].iter_rows(values_only=True) if row[0]}
    assert cover["Extract"][0].startswith("sequence ")
    assert cover["All"][1] == sum(book[name].max_row - 1 for name in names)
    cells = [cell for name in names for row in book[name].iter_rows(min_row=2) for cell in row]
    assert all(cell.data_type != "f" for cell in cells)


def test_an_excel_ledger_reads_as_its_csv(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Device", "MPAN", "From", "To"])
    sheet.append([device(9), int(mpan(9)), nov(1), nov(21)])
    source, target = tmp_path / "ledger.xlsx", tmp_path / "answer.csv"
    book.save(source)
    arguments = ("--organisation", "M1", *PERIOD, "--output", str(target))
    call_command("reconcile", str(source), *arguments, stderr=io.StringIO())
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8"))))
    assert (rows[0]["line"], rows[0]["category"], rows[0]["mpxn"]) == ("2", "agrees", mpan(9))


@pytest.mark.parametrize(
    ("ledger", "arguments", "sentence"),
    [
        ("", (), "is empty"),
        ("Colour,Size\nred,1\n", (), "No column holds a Device ID or an MPxN.*Colour, Size"),
        ("Colour,Size\nred,1\n", ("--map", "device_id=Shade"), "no column 'Shade'"),
        ("device\nx\n", ("--map", "colour=device"), "no field 'colour'"),
        ("device\nx\n", ("--map", "device"), "field=heading"),
        ("device,device id\nx,y\n", (), "could both be device_id"),
        ("device\nx\n", ("--rate", "much"), "“much” is no rate"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_name(
    ledger: str, arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(tmp_path, ledger, *arguments)
    assert not (tmp_path / "answer.csv").exists()


def test_files_that_are_not_what_they_seem(tmp_path: Path) -> None:
    for name, content, sentence in (
        ("a.xlsx", b"no workbook", "no Excel workbook"),
        ("a.csv", b"device\n\xff\xfe\n", "not UTF-8"),
        ("a.pdf", b"", r"give a \.csv or \.xlsx"),
        ("missing/a.csv", None, "cannot be read"),
    ):
        source = tmp_path / name
        if content is not None:
            source.write_bytes(content)
        arguments = ("--organisation", "M1", *PERIOD, "--output", str(tmp_path / "answer.csv"))
        with pytest.raises(CommandError, match=sentence):
            call_command("reconcile", str(source), *arguments, stderr=io.StringIO())
