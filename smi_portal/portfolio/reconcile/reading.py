"""Lines of an uploaded CSV or Excel file as texts, one after the other."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from smi_portal.portfolio.asking import Refused

Line = tuple[int, Sequence[str]]

MOST_CELL = 10_000  # characters; more is no ledger's
MOST_SHEET = 2_000_000_000  # bytes of an unpacked workbook: a bomb, not a ledger


def read(path: Path) -> Iterator[Line]:
    """Line number (as in the file, the heading's included) and cells; the headings come first, blank lines not at all.

    Raises Refused when the file is not what its name says.
    """
    ending = path.suffix.lower()
    if ending == ".csv":
        return _csv(path)
    if ending == ".xlsx":
        return _xlsx(path)
    raise Refused({"file": [f"{path.name}: give a .csv or .xlsx file."]})


def _csv(path: Path) -> Iterator[Line]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = file.readline()
            file.seek(0)
            commas, semicolons, tabs = (sample.count(mark) for mark in ",;\t")
            mark = ";" if semicolons > max(commas, tabs) else "\t" if tabs > commas else ","
            lines = csv.reader(file, delimiter=mark, strict=True)
            for cells in lines:
                if any(cell.strip() for cell in cells):
                    yield lines.line_num, cells
    except UnicodeDecodeError:
        raise Refused(
            {"file": [f"{path.name} is not UTF-8: save it as 'CSV UTF-8' and try again."]}
        ) from None
    except csv.Error as error:
        raise Refused({"file": [f"{path.name}, line {lines.line_num}: {error}."]}) from None
    except OSError as error:
        raise Refused({"file": [f"{path.name} cannot be read: {error.strerror}."]}) from None


def _xlsx(path: Path) -> Iterator[Line]:
    try:
        with ZipFile(path) as packed:
            if sum(member.file_size for member in packed.infolist()) > MOST_SHEET:
                raise Refused({"file": [f"{path.name} is too large unpacked: give it as CSV."]})
        book = CalamineWorkbook.from_path(str(path))
        sheet = book.get_sheet_by_index(0)
    except (BadZipFile, CalamineError, OSError, IndexError):
        raise Refused({"file": [f"{path.name} is no Excel workbook (.xlsx) that can be read."]}) from None
    for number, row in enumerate(sheet.iter_rows(), start=sheet.start[0] + 1 if sheet.start else 1):
        cells = [_text(value) for value in row]
        if any(cells):
            yield number, cells


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        # An Excel number: an identifier of 13 digits is whole, and a rate keeps its digits.
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()
