"""Excel: each kind of cell, what surrounds the cells, splitting, and a broken stream that nothing opens."""

from __future__ import annotations

import io
import secrets
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings

from reports.engine.files.cells import CUT_MARK, MOST_CHARACTERS
from reports.engine.files.columns import FileColumn, Tally
from reports.engine.files.xlsx import xlsx_stream

from .conftest import Copy
from .hostile import ALL, TWO_TEXTS, rows_of_two_texts
from .workbooks import calamine_rows, none_if_empty, opened, openpyxl_rows, shown

per_example = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)

ABOUT = [("Report", "MAP_001 Meter Asset Provider report"), ("Organisation", "Fennel & Sons <Metering>")]
TYPED = [
    FileColumn("day", "Day", "date"),
    FileColumn("month", "Month", "month"),
    FileColumn("count", "Count", "integer"),
    FileColumn("share", "Share", "decimal"),
    FileColumn("yes", "Yes", "boolean"),
    FileColumn("mpxn", "MPxN", "text"),
]


def made(copy: Copy, columns: list[FileColumn], rows: list[tuple[object, ...]], **options: object) -> bytes:
    return b"".join(xlsx_stream(copy(columns, rows, "text"), columns, ABOUT, **options))


def test_every_odd_text_is_the_same_text_in_both_readers(copy: Copy) -> None:
    rows = [(f"{n:04}", text) for n, text in enumerate(ALL)]
    content = made(copy, TWO_TEXTS, rows)
    expected = [[number, shown(text)] for number, text in rows]
    assert openpyxl_rows(content) == expected
    assert none_if_empty(calamine_rows(content)) == expected


@pytest.mark.parametrize("text", ALL, ids=ascii)
def test_an_odd_text_alone(copy: Copy, text: str) -> None:
    """In a batch of its own and first in its row, so that the plain path meets all it may."""
    content = made(copy, TWO_TEXTS, [(text, "x")])
    assert openpyxl_rows(content) == [[shown(text), "x"]]
    assert none_if_empty(calamine_rows(content)) == [[shown(text), "x"]]


@per_example
@given(rows=rows_of_two_texts)
def test_random_text_is_the_same_text(copy: Copy, rows: list[tuple[str | None, str | None]]) -> None:
    content = made(copy, TWO_TEXTS, rows)
    assert openpyxl_rows(content) == [[shown(first), shown(second)] for first, second in rows]


def test_no_text_is_a_formula(copy: Copy) -> None:
    sheet = opened(made(copy, TWO_TEXTS, [(text, text) for text in ALL]))["Data"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr", "n"}
    assert sheet["A2"].value == "=1+1"
    assert sheet["A2"].data_type != "f"


def test_values_have_their_types_in_both_readers(copy: Copy) -> None:
    rows = [
        (date(2024, 2, 29), date(2024, 2, 1), -7, Decimal("12.5"), True, "0012345678901"),
        (None, None, None, None, None, None),
        (date(1900, 3, 1), date(9999, 12, 1), 0, Decimal("-0.1"), False, "1012345678901"),
    ]
    content = made(copy, TYPED, rows)
    day = datetime.fromisoformat
    expected = [
        [day("2024-02-29"), day("2024-02-01"), -7, 12.5, True, "0012345678901"],
        [None] * 6,
        [day("1900-03-01"), day("9999-12-01"), 0, -0.1, False, "1012345678901"],
    ]
    got = openpyxl_rows(content)
    assert got == expected
    assert [type(cell) for cell in got[0]] == [datetime, datetime, int, float, bool, str]
    days = [[cell.date() if isinstance(cell, datetime) else cell for cell in row] for row in expected]
    assert none_if_empty(calamine_rows(content)) == days


def test_what_excel_cannot_hold_as_a_number_or_day_is_text(copy: Copy) -> None:
    rows = [
        (date(1900, 2, 28), date(1899, 12, 1), 1234567890123456, Decimal("NaN"), None, None),
        (date(1, 1, 1), None, -123456789012345, Decimal("Infinity"), None, None),
        ("10000-01-01", "12024-05-01", 123456789012345, Decimal("1e20"), None, None),
        ("infinity", "2044-03-15 BC", None, None, None, None),
    ]
    assert openpyxl_rows(made(copy, TYPED, rows)) == [
        ["1900-02-28", "1899-12-01", "1234567890123456", "NaN", None, None],
        ["0001-01-01", None, -123456789012345, "Infinity", None, None],
        ["10000-01-01", "12024-05-01", 123456789012345, 1e20, None, None],
        ["infinity", "2044-03-15 BC", None, None, None, None],
    ]


def test_a_text_beyond_excels_limit_is_cut_marked_and_counted(copy: Copy) -> None:
    longest, longer = "x" * MOST_CHARACTERS, "y" * (MOST_CHARACTERS + 1)
    astral = "a" + "😀" * (MOST_CHARACTERS // 2 + 1)  # in UTF-16 units two each, and the cut falls within one
    tally = Tally()
    content = made(
        copy, TWO_TEXTS, [(longest, "1"), (longer, "2"), (astral, "3"), ("é" * 20_000, "4")], tally=tally
    )
    cells = [row[0] for row in calamine_rows(content)]
    assert cells[0] == longest
    assert cells[1] == "y" * (MOST_CHARACTERS - len(CUT_MARK)) + CUT_MARK
    assert cells[2].startswith("a😀")
    assert cells[2].endswith("😀" + CUT_MARK)
    assert MOST_CHARACTERS - 1 <= len(cells[2].encode("utf-16-le")) // 2 <= MOST_CHARACTERS
    assert cells[3] == "é" * 20_000
    assert tally.cut_cells == 2
    assert ("Texts cut to Excel's length", 2, None) in about(content)


def about(content: bytes) -> list[tuple[object, ...]]:
    return list(opened(content)["About"].values)


def test_the_about_sheet_says_what_the_file_is(copy: Copy) -> None:
    columns = [FileColumn("mpxn", "MPxN", "text", "The import MPAN or MPRN.\nSecond line & more.")]
    content = made(copy, columns, [("1",), ("2",)])
    assert about(content) == [
        (*ABOUT[0], None),
        (*ABOUT[1], None),
        ("Rows", 2, None),
        (None, None, None),
        ("Column", "Meaning", "Key in CSV and API"),
        ("MPxN", "The import MPAN or MPRN.\nSecond line & more.", "mpxn"),
    ]
    assert opened(content).sheetnames == ["Data", "About"]


def test_header_filter_widths_and_title(copy: Copy) -> None:
    moment = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    book = opened(made(copy, TYPED, [(None,) * 6] * 3, title="MAP_001 & <more>", created=moment))
    sheet = book["Data"]
    assert [cell.value for cell in sheet[1]] == ["Day", "Month", "Count", "Share", "Yes", "MPxN"]
    assert all(cell.font.b and cell.fill.fgColor.rgb == "FFE8EDF2" for cell in sheet[1])
    assert sheet.freeze_panes == "A2"
    assert sheet.sheet_view.pane.state == "frozen"
    assert sheet.auto_filter.ref == "A1:F4"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.column_dimensions["F"].width > sheet.column_dimensions["A"].width > 10
    assert book.properties.title == "MAP_001 & <more>"
    assert book.properties.created == moment.replace(tzinfo=None)
    assert book.active.title == "Data"


def test_days_and_months_are_shown_as_such_and_identifiers_as_text(copy: Copy) -> None:
    sheet = opened(made(copy, TYPED, [(date(2024, 2, 1), date(2024, 2, 1), 1, 1, True, "1")]))["Data"]
    formats = [cell.number_format.replace("\\", "") for cell in sheet[2]]
    assert formats == ["yyyy-mm-dd", "mmm yyyy", "General", "General", "General", "@"]


def test_an_empty_result_is_a_header(copy: Copy) -> None:
    content = made(copy, TWO_TEXTS, [])
    sheet = opened(content)["Data"]
    assert list(sheet.values) == [("Device ID", "Remark")]
    assert sheet.auto_filter.ref == "A1:B1"
    assert ("Rows", 0, None) in about(content)


@pytest.mark.parametrize("rows", [7, 8, 9, 16, 17, 40])
def test_sheets_are_split_before_the_row_limit_and_lose_nothing(copy: Copy, rows: int) -> None:
    numbers = [(f"{n}", "x") for n in range(rows)]
    content = made(copy, TWO_TEXTS, numbers, row_limit=10)
    book = opened(content)
    *data, last = book.sheetnames
    assert last == "About"
    assert data == ([f"Data {n}" for n in range(1, len(data) + 1)] if rows > 8 else ["Data"])
    assert all(book[name].max_row < 10 for name in data)
    assert all(next(book[name].values) == ("Device ID", "Remark") for name in data)
    assert all(book[name].auto_filter.ref == f"A1:B{book[name].max_row}" for name in data)
    assert [row[0] for name in data for row in openpyxl_rows(content, name)] == [n for n, _ in numbers]
    assert ("Rows", rows, None) in about(content)


def test_a_sheet_ends_before_its_xml_is_too_large(copy: Copy) -> None:
    numbers = [(f"{n}", "x" * 200) for n in range(1000)]
    content = made(copy, TWO_TEXTS, numbers, sheet_bytes=60_000)
    names = opened(content).sheetnames[:-1]
    assert len(names) > 2
    assert [row[0] for name in names for row in openpyxl_rows(content, name)] == [n for n, _ in numbers]


def test_the_first_bytes_come_before_the_first_row_and_rows_are_not_gathered() -> None:
    asked = count()

    def source() -> Iterator[bytes]:
        for _ in range(20_000):
            next(asked)
            yield f"{secrets.token_hex(40)}\tx\n".encode()  # random, so that little is saved by deflating

    stream = xlsx_stream(source(), TWO_TEXTS, ABOUT)
    first = next(stream)
    assert first.startswith(b"PK\x03\x04")
    assert next(asked) == 0
    next(stream)
    assert next(asked) < 19_000


def test_a_broken_source_leaves_what_nothing_opens(copy: Copy) -> None:
    messages = copy(TWO_TEXTS, [(str(n), "x") for n in range(100)], "text")

    def source() -> Iterator[bytes]:
        yield from messages
        raise ConnectionError("lost")

    got: list[bytes] = []
    with pytest.raises(ConnectionError):
        got.extend(xlsx_stream(source(), TWO_TEXTS, ABOUT))
    assert got
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(got)))


def test_columns_that_differ_from_the_query_are_refused(copy: Copy) -> None:
    messages = copy(TWO_TEXTS, [("a", "b")], "text")
    with pytest.raises(ValueError, match="1 columns are declared"):
        b"".join(xlsx_stream(messages, TWO_TEXTS[:1], ABOUT))


def test_a_column_beyond_z_has_its_letters(copy: Copy) -> None:
    columns = [FileColumn(f"c{n}", f"C{n}", "text") for n in range(28)]
    content = made(copy, columns, [tuple(map(str, range(28)))])
    assert opened(content)["Data"].auto_filter.ref == "A1:AB2"
    assert openpyxl_rows(content) == [list(map(str, range(28)))]
