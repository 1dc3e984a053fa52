"""What people bring: pasted text, CSV and Excel, sound, odd and hostile. Refused in a sentence, or read."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smi_portal.lookup.lists import recognised
from smi_portal.lookup.reading import CannotRead, Reading, cells_of_file, cells_of_text, read_cells, tables
from smi_portal.lookup.recognise import Kind
from tests.preflight.documents import LAUGHS

A, B, C = "00-DB-12-34-56-78-90-A0", "00-DB-12-34-56-78-90-A1", "00-DB-12-34-56-78-90-A2"
MPAN = "2012345678906"


def text(pasted: str, wanted: Kind | None = None) -> Reading:
    return read_cells(cells_of_text(pasted), wanted)


def file(content: bytes, name: str = "list.csv") -> Reading:
    return read_cells(cells_of_file(io.BytesIO(content), name))


def workbook(*rows: Sequence[object], sheets: int = 1) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for _ in range(sheets - 1):
        sheet = book.create_sheet()
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_lines_and_tables_are_read_and_the_column_is_recognised() -> None:
    assert text(f"{A}\n{B}\r\n\n {C} ").texts == [A, B, C]
    for mark in "\t,;|":
        table = "\n".join(
            mark.join([str(n), "Leeds", device, "Pending"]) for n, device in enumerate((A, B, C))
        )
        reading = text(table)
        assert reading.texts == [A, B, C]
        assert "Column 3 was read." in reading.notes


def test_headings_are_left_out_and_told_up_to_two_rows_and_more() -> None:
    for headings in ("Device ID\n", "Stock of May\nDevice ID\n", "Our stock\n\nfor you\nGUID\n"):
        reading = text(headings + f"{A}\n{B}")
        assert reading.texts == [A, B]
        assert "left out" in reading.notes[0]
    assert text(f"{A}\n{B}").notes == []


def test_a_mistyped_first_line_is_no_heading() -> None:
    for first in ("00-DB-12-34", "123", "1.2E+12", "00DB1234567890AX"):
        assert text(f"{first}\n{A}\n{B}").texts == [first, A, B]


def test_a_heading_says_what_digits_cannot() -> None:
    assert text("UPRN\n1234567890\n22").wanted is Kind.UPRN
    assert text("Meter serial no.\n1234567890\nAB12").wanted is Kind.SERIAL
    assert text("1234567890\n22").wanted is None
    assert text("MPRN\n22", Kind.SERIAL).wanted is Kind.SERIAL


def test_identifiers_win_over_other_numbers_and_words() -> None:
    rows = "\n".join(f"{n},{MPAN},ord {n},2018-01-0{n}" for n in range(1, 6))
    assert set(text(rows).texts) == {MPAN}


def test_excel_is_read_whatever_it_made_of_the_cells() -> None:
    reading = file(
        workbook(["Name", "MPAN"], ["x", int(MPAN)], ["y", MPAN], [date(2018, 1, 1), None]), "a.xlsx"
    )
    assert reading.texts == [MPAN, MPAN]
    assert file(workbook([A], [B], sheets=3), "a.xlsx").texts == [A, B]
    assert file(workbook([A], [B]), "list.csv").texts == [A, B], "the content decides, not the name"


def test_other_encodings_and_marks_are_read() -> None:
    for content in (
        f"\ufeff{A}\n{B}".encode(),
        f"{A}\n{B}".encode("utf-16"),
        f"Gerät\n{A}\n{B}".encode("cp1252"),
        f'"{A}"\r"{B}"'.encode(),
    ):
        assert file(content).texts == [A, B]


def rezipped(content: bytes, **extra: bytes) -> bytes:
    """A workbook with further members."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            new.writestr(member, old.read(member))
        for name, body in extra.items():
            new.writestr(name.replace("__", "/").replace("_dot_", "."), body)
    return stream.getvalue()


def lying(content: bytes) -> bytes:
    """A zip whose directory says that its largest member is tiny."""
    found = bytearray(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        largest = max(archive.infolist(), key=lambda member: member.file_size)
    at = content.index(b"PK\x01\x02")
    while content[at : at + 4] == b"PK\x01\x02":
        length, extra, comment = struct.unpack_from("<HHH", content, at + 28)
        if content[at + 46 : at + 46 + length].decode() == largest.filename:
            struct.pack_into("<I", found, at + 24, 10)
        at += 46 + length + extra + comment
    return bytes(found)


def encrypted(content: bytes) -> bytes:
    found = bytearray(content)
    at = content.index(b"PK\x01\x02")
    struct.pack_into("<H", found, at + 8, struct.unpack_from("<H", content, at + 8)[0] | 1)
    return bytes(found)


SOUND = workbook([A], [B])
HOSTILE = {
    "empty": (b"", "list.csv", "empty"),
    "password or xls": (tables.OLE + b"x" * 600, "list.xlsx", "password"),
    "encrypted zip": (encrypted(SOUND), "list.xlsx", "password"),
    "macros": (rezipped(SOUND, xl__vbaProject_dot_bin=b"x"), "list.xlsm", "macros"),
    "no workbook": (rezipped(b"PK\x05\x06" + b"\0" * 18, readme=b"x"), "list.zip", "no Excel workbook"),
    "bomb": (rezipped(SOUND, bomb=b"\0" * (tables.MOST_UNPACKED + 1)), "list.xlsx", "larger than 200 MB"),
    "lying bomb": (lying(rezipped(SOUND, bomb=b"\0" * 5_000_000)), "list.xlsx", "damaged"),
    "truncated": (SOUND[:-200], "list.xlsx", "damaged"),
    "half a member": (SOUND.replace(b"sheet", b"sheex", 1), "list.xlsx", "workbook"),
    "xlsb": (rezipped(b"PK\x05\x06" + b"\0" * 18, xl__workbook_dot_bin=b"x"), "list.xlsb", "binary"),
    "billion laughs": (LAUGHS + b"]><l>&j;</l>", "list.xml", "XML or a web page"),
    "PDF": (b"%PDF-1.4 \x80", "list.csv", "a PDF"),
    "named so": (b"hello", "list.xlsx", "named as a workbook"),
    "too large": (b"1" * (tables.MOST_BYTES + 1), "list.csv", "larger than 20 MB"),
    "blank": (b"\n,,\n ,\n", "list.csv", "no identifier"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused_by_name(what: str) -> None:
    content, name, words = HOSTILE[what]
    with pytest.raises(CannotRead) as refused:
        file(content, name)
    assert words in str(refused.value)


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.xlsx"]), st.booleans())
def test_any_bytes_are_read_or_refused(content: bytes, name: str, as_zip: bool) -> None:
    with suppress(CannotRead):
        reading = file((b"PK\x03\x04" if as_zip else b"") + content, name)
        lines = recognised(reading.texts, reading.wanted)
        columns = (lines.given, lines.kinds, lines.identifiers, lines.why, lines.repeats)
        assert {len(column) for column in columns} == {len(reading.texts)} != {0}
        assert not any("\x00" in line for line in lines.given)


def test_entities_in_a_workbook_are_never_expanded() -> None:
    """A workbook is XML too: what it declares is left out, or the workbook is refused; nothing grows or is fetched."""
    outside = b'<!DOCTYPE l [<!ENTITY j SYSTEM "file:///etc/passwd">'
    for declared in (LAUGHS, outside):
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(SOUND)) as old, zipfile.ZipFile(stream, "w") as new:
            for member in old.infolist():
                part = old.read(member)
                if member.filename == "xl/sharedStrings.xml":
                    part = declared + b"]>" + part.replace(A.encode(), b"&j;")
                new.writestr(member.filename, part)
        with suppress(CannotRead):
            texts = file(stream.getvalue(), "list.xlsx").texts
            assert not [one for one in texts if "haha" in one or "root:" in one]
            assert B in texts


def test_no_line_is_lost_or_moved() -> None:
    texts = [f"00-DB-00-00-00-00-{n // 256:02X}-{n % 256:02X}" for n in range(3000)]
    assert text("\n".join(texts)).texts == texts
    lines = recognised([*texts, texts[7], "x?!"])
    assert lines.repeats == [0] * 3000 + [8, 0]
