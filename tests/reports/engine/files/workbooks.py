"""Opening a workbook with two independent readers."""

from __future__ import annotations

import io
from collections.abc import Iterable

import openpyxl
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook
from python_calamine import CalamineWorkbook

from reports.engine.files.cells import MOST_CHARACTERS


def opened(content: bytes) -> Workbook:
    """The workbook by openpyxl."""
    return openpyxl.load_workbook(io.BytesIO(content))


def openpyxl_rows(content: bytes, sheet: str = "Data") -> list[list[object]]:
    """Rows below the header; Excel's ``_xHHHH_`` escapes, which openpyxl leaves, undone."""
    rows = list(opened(content)[sheet].iter_rows(min_row=2, values_only=True))
    return [[unescape(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]


def calamine_rows(content: bytes, sheet: str = "Data") -> list[list[object]]:
    """Rows below the header; calamine gives an empty cell as empty text."""
    found = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(sheet)
    return [list(row) for row in found.to_python(skip_empty_area=False)[1:]]


def shown(text: str | None) -> str | None:
    """What a cell holds for a text: nothing for none, and U+FFFD for each character that XML forbids."""
    if not text:
        return None
    assert len(text) < MOST_CHARACTERS
    return "".join(character if allowed_in_xml(ord(character)) else "\ufffd" for character in text)


def allowed_in_xml(code: int) -> bool:
    """XML 1.0, production 2 (Char)."""
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


def none_if_empty(rows: Iterable[Iterable[object]]) -> list[list[object]]:
    """Empty text as no value, as openpyxl has it."""
    return [[None if cell == "" else cell for cell in row] for row in rows]
