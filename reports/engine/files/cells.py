"""One value as a SpreadsheetML cell (ECMA-376 part 1, 18.3.1.4), whatever the value holds.

Text is always an inline string, so that ``=…`` stays text; a date before 1900-03-01 (Excel's calendar has a
29 February 1900) and all that is not what its column says is text as well: a file never guesses.
"""

from __future__ import annotations

import re
from datetime import date

from reports.engine.files.columns import Kind
from reports.engine.files.copytext import NULL

EMPTY = "<c/>"
TEXT_OPEN, TEXT_CLOSE = '<c s="4" t="inlineStr"><is><t>', "</t></is></c>"

# Indices of the cell formats in workbook.STYLES.
DATE_STYLE, HEADER_STYLE, MONTH_STYLE, TEXT_STYLE, WRAP_STYLE = 1, 2, 3, 4, 5

MOST_CHARACTERS = 32_767  # of one cell, in UTF-16 units
CUT_MARK = " … [cut: longer than an Excel cell can hold; the CSV file has all of it]"

_EXCEL_EPOCH = date(1899, 12, 30).toordinal()
_FIRST_SAFE_DAY = date(1900, 3, 1)
_EXACT_DIGITS = 15  # of an Excel number; a longer integer would change
_INTEGER = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def needs_cutting(text: str) -> bool:
    """Whether a text is longer than an Excel cell can hold."""
    return (
        len(text) > MOST_CHARACTERS // 2 and len(text.encode("utf-16-le", "replace")) // 2 > MOST_CHARACTERS
    )


def text_cell(text: str, style: int = TEXT_STYLE) -> str:
    """A text as an inline string: escaped, cut to Excel's limit, what XML forbids replaced by U+FFFD."""
    if not text:
        return EMPTY
    if needs_cutting(text):
        units = text.encode("utf-16-le", "replace")[: 2 * (MOST_CHARACTERS - len(CUT_MARK))]
        text = units.decode("utf-16-le", "ignore") + CUT_MARK
    keep = ' xml:space="preserve"' if text != text.strip() else ""
    text = _FORBIDDEN.sub("\ufffd", text)
    text = _LOOKS_ESCAPED.sub("_x005F_", text)  # Excel reads _x0041_ as "A"
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    return f'<c s="{style}" t="inlineStr"><is><t{keep}>{text}{TEXT_CLOSE}'


def typed_cell(kind: Kind, cell: str) -> str:
    """A cell of COPY's text format (NULL is ``\\N``) in a column that is not text."""
    if cell == NULL:
        return EMPTY
    match kind:
        case "date":
            return _day_cell(cell, DATE_STYLE)
        case "month" if len(cell) in (len("2024-05"), len("2024-05-01")):
            return _day_cell(cell[:7] + "-01", MONTH_STYLE, cell)
        case "boolean" if cell in ("t", "f", "true", "false"):
            return f'<c t="b"><v>{int(cell[0] == "t")}</v></c>'
        case "integer" if len(cell.lstrip("-")) <= _EXACT_DIGITS and _INTEGER.fullmatch(cell):
            return f"<c><v>{cell}</v></c>"
        case "decimal" if _NUMBER.fullmatch(cell):
            return f"<c><v>{cell}</v></c>"
        case _:
            return text_cell(cell)


def _day_cell(iso: str, style: int, shown: str = "") -> str:
    """A day as Excel's serial number, or as text where Excel has no such day."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:  # beyond 9999, BC, infinity
        return text_cell(shown or iso)
    if day < _FIRST_SAFE_DAY:
        return text_cell(shown or iso)
    return f'<c s="{style}"><v>{day.toordinal() - _EXCEL_EPOCH}</v></c>'
