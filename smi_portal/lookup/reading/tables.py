"""Pasted text, CSV and Excel as rows of text cells, with limits set before anything is unpacked."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import IO, Any, Final

from python_calamine import CalamineWorkbook

from smi_portal.lookup.reading.errors import CannotRead

MOST_BYTES: Final = 20_000_000  # of an upload or a paste
MOST_UNPACKED: Final = 200_000_000  # bytes of a workbook's parts together
MOST_MEMBERS: Final = 2_000
MOST_CELLS: Final = 3_000_000
CHUNK: Final = 1 << 20
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Excel, and every workbook with a password

Cells = Iterable[Sequence[str]]


def cells_of_file(file: IO[bytes], name: str) -> Cells:
    """The cells of an uploaded CSV or xlsx, whatever its name ends with. Raises CannotRead."""
    head = file.read(8)
    file.seek(0)
    if not head:
        raise CannotRead("The file is empty.")
    if head.startswith(OLE):
        raise CannotRead(
            "The workbook has a password, or is in Excel's old format (.xls): save it as .xlsx without a password."
        )
    if head.startswith(b"PK"):
        return _workbook(file)
    if name.lower().endswith((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")):
        raise CannotRead("The file is named as a workbook, but is none: save it as .xlsx, or as CSV.")
    content = file.read(MOST_BYTES + 1)
    if content.startswith(b"%PDF-"):
        raise CannotRead("The file is a PDF, which is no table: give the list as CSV or .xlsx.")
    text = _decoded(content)
    if text.lstrip().startswith("<"):
        raise CannotRead(
            "The file is XML or a web page, and no table: give the list as CSV or .xlsx. "
            "The pre-flight reads service requests (DUIS)."
        )
    return cells_of_text(text)


def cells_of_text(text: str) -> Cells:
    """The cells of pasted text or a CSV: tabs as Excel pastes them, else commas or semicolons. Raises CannotRead."""
    if len(text) > MOST_BYTES:
        raise CannotRead(f"It is longer than {MOST_BYTES // 1_000_000} MB: give fewer identifiers at once.")
    delimiter = _delimiter(text[:20_000])
    # A field may be as long as the text; identifiers are not, and that is said line by line.
    csv.field_size_limit(MOST_BYTES)
    return _records(csv.reader(io.StringIO(text.replace("\x00", "\ufffd"), newline=""), delimiter=delimiter))


def _records(reader: Iterator[list[str]]) -> Iterator[Sequence[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise CannotRead(f"The CSV cannot be read: {error}.") from None


def _delimiter(sample: str) -> str:
    """The likeliest separator: the one that most lines have; tab first, since Excel pastes tabs."""
    lines = [line for line in sample.splitlines() if line.strip()]
    counts = {mark: sum(mark in line for line in lines) for mark in "\t;,|"}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else ","


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise CannotRead(f"The file is larger than {MOST_BYTES // 1_000_000} MB: split it.")
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CannotRead("The file is not text in UTF-8 or UTF-16: save it as “CSV UTF-8”.")


def _workbook(file: IO[bytes]) -> Cells:
    _check_archive(file)
    file.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(file)
        names = list(book.sheet_names)
        sheets = [book.get_sheet_by_name(name) for name in names]
    except (
        Exception
    ) as error:  # the library raises its own, and others on broken parts: all mean the same here
        raise CannotRead(
            "The workbook cannot be read: open it in Excel and save it as .xlsx again."
        ) from error
    if not sheets:
        raise CannotRead("The workbook has no sheet.")
    return _sheets(sheets)


def _sheets(sheets: Iterable[Any]) -> Iterator[Sequence[str]]:
    """The rows of the first sheet that has any."""
    for sheet in sheets:
        if sheet.height * sheet.width > MOST_CELLS:
            raise CannotRead(
                f"The sheet “{sheet.name}” has more than {MOST_CELLS:,} cells: keep the column of identifiers."
            )
        empty = True
        for row in sheet.iter_rows():
            cells = [_text(value) for value in row]
            empty = empty and not any(cells)
            yield cells
        if not empty:
            return


def _text(value: Any) -> str:
    """A cell as text. A whole number is its digits; dates and times are no identifiers, and stay recognisable."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date | time | timedelta):
        return str(value)
    return str(value)


def _check_archive(file: IO[bytes]) -> None:
    """Refuse macros, encryption and bombs. What the directory says of sizes is proved by unpacking with a limit."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            names = {member.filename.lower() for member in members}
            if any(member.flag_bits & 1 for member in members):
                raise CannotRead("The workbook has a password: save it without one.")
            if any(name.endswith("vbaproject.bin") for name in names):
                raise CannotRead("The workbook holds macros: save it as .xlsx (without macros).")
            if "xl/workbook.xml" not in names and "xl/workbook.bin" not in names:
                raise CannotRead("The file is a zip archive, but no Excel workbook: give a CSV or an .xlsx.")
            if "xl/workbook.bin" in names:
                raise CannotRead("The workbook is in Excel's binary format (.xlsb): save it as .xlsx.")
            total = sum(member.file_size for member in members)
            if len(members) > MOST_MEMBERS or total > MOST_UNPACKED:
                raise CannotRead(_too_large())
            for member in members:
                _prove(archive, member)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise CannotRead("The workbook is damaged: open it in Excel and save it again.") from error
    except RuntimeError as error:  # zipfile's word for a member that is encrypted
        raise CannotRead("The workbook has a password: save it without one.") from error


def _prove(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Unpack it to nowhere: zipfile stops at the size that the directory promises, and then checks the sum."""
    with archive.open(member) as part:
        while part.read(CHUNK):
            pass


def _too_large() -> str:
    return (
        f"Unpacked, the workbook is larger than {MOST_UNPACKED // 1_000_000} MB: "
        "keep the column of identifiers alone, or save it as CSV."
    )
