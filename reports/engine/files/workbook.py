"""The parts of a workbook around its rows: styles, heads and tails of sheets, the About sheet.

ECMA-376 part 1 (SpreadsheetML) and part 2 (packaging). Parts that list the sheets are written last, when it
is known how many there are; a package may hold its parts in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from reports.engine.files.cells import HEADER_STYLE, TEXT_STYLE, WRAP_STYLE, text_cell
from reports.engine.files.columns import FileColumn, Kind

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PKG = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

APPLICATION = "SMI Portal"

ROOT_RELATIONS = (
    f'{_XML}<Relationships xmlns="{_PKG}/relationships">'
    f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/>'
    f'<Relationship Id="rId2" Type="{_PKG}/relationships/metadata/core-properties"'
    ' Target="docProps/core.xml"/>'
    f'<Relationship Id="rId3" Type="{_REL}/extended-properties" Target="docProps/app.xml"/></Relationships>'
)
APP_PROPERTIES = (
    f'{_XML}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    f"<Application>{APPLICATION}</Application></Properties>"
)
# Cell formats by index: 0 general, 1 date, 2 header, 3 month, 4 text, 5 text that wraps (see cells.py).
STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="mmm\\ yyyy"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid">'
    '<fgColor rgb="FFE8EDF2"/><bgColor indexed="64"/></patternFill></fill></fills>'
    '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>'
    '<border><left/><right/><top/><bottom style="thin"><color rgb="FF505A5F"/></bottom><diagonal/></border>'
    "</borders>"
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="2" borderId="1" xfId="0" applyNumberFormat="1" applyFont="1"'
    ' applyFill="1" applyBorder="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">'
    '<alignment vertical="top" wrapText="1"/></xf></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_WIDTHS: dict[Kind, int] = {"text": 20, "date": 12, "month": 11, "integer": 11, "decimal": 11, "boolean": 9}


@dataclass(frozen=True)
class Sheet:
    """A sheet that has been written: its tab's name and, for data, its columns and rows (header included)."""

    name: str
    width: int = 0
    rows: int = 0


def core_properties(title: str, created: datetime) -> str:
    """The document's title, its maker and the moment (aware) at which it was made."""
    moment = created.isoformat(timespec="seconds")
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="{_PKG}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{APPLICATION}</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created></cp:coreProperties>'
    )


def data_head(columns: Sequence[FileColumn]) -> str:
    """A data sheet up to its first row of data: frozen header, widths, titles."""
    widths = (max(_WIDTHS[column.kind], min(len(column.title) + 4, 40)) for column in columns)
    titles = "".join(text_cell(column.title, HEADER_STYLE) for column in columns)
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        '<selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews>'
        f"{_columns(widths)}<sheetData><row>{titles}</row>"
    )


def data_tail(width: int, rows: int) -> str:
    """The end of a data sheet, once its number of rows (header included) is known.

    Identifiers that are digits stay text, and Excel is told that this is no mistake.
    """
    cells = f"A1:{column_letters(width)}{rows}"
    return (
        f'</sheetData><autoFilter ref="{cells}"/>'
        f'<ignoredErrors><ignoredError sqref="{cells}" numberStoredAsText="1"/></ignoredErrors></worksheet>'
    )


def about_sheet(
    facts: Sequence[tuple[str, str]], counts: Sequence[tuple[str, int]], definitions: Sequence[FileColumn]
) -> str:
    """The sheet that says what the file is: facts, counts taken while writing, each column's meaning."""
    heads = ("Column", "Meaning", "Key in CSV and API")
    rows = [text_cell(label, TEXT_STYLE) + text_cell(value, WRAP_STYLE) for label, value in facts]
    rows += [f"{text_cell(label, TEXT_STYLE)}<c><v>{count}</v></c>" for label, count in counts]
    rows += ["", "".join(text_cell(head, HEADER_STYLE) for head in heads)]
    rows += [text_cell(it.title) + text_cell(it.help, WRAP_STYLE) + text_cell(it.key) for it in definitions]
    return plain_sheet(rows, (32, 80, 28))


def plain_sheet(rows: Sequence[str], widths: Sequence[int]) -> str:
    """A sheet of rows, each its cells' XML, with neither filter nor frozen head."""
    body = "".join(f"<row>{row}</row>" for row in rows)
    return f'{_XML}<worksheet xmlns="{_MAIN}">{_columns(widths)}<sheetData>{body}</sheetData></worksheet>'


def workbook(sheets: Sequence[Sheet]) -> str:
    """The list of sheets, in the order of their tabs, with each data sheet's filter and print titles."""
    tabs = "".join(
        f'<sheet name={quoteattr(sheet.name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, 1)
    )
    data = [(index, sheet) for index, sheet in enumerate(sheets) if sheet.width]
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{index}" hidden="1">'
        f"'{sheet.name}'!$A$1:${column_letters(sheet.width)}${sheet.rows}</definedName>"
        for index, sheet in data
    )
    titles = "".join(
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{index}">\'{sheet.name}\'!$1:$1</definedName>'
        for index, sheet in data
    )
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}">'
        '<bookViews><workbookView activeTab="0"/></bookViews>'
        f"<sheets>{tabs}</sheets><definedNames>{filters}{titles}</definedNames></workbook>"
    )


def workbook_relations(sheets: int) -> str:
    """Where the workbook's sheets and styles are in the package."""
    parts = "".join(
        f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, sheets + 1)
    )
    styles = f'<Relationship Id="rId{sheets + 1}" Type="{_REL}/styles" Target="styles.xml"/>'
    return f'{_XML}<Relationships xmlns="{_PKG}/relationships">{parts}{styles}</Relationships>'


def content_types(sheets: int) -> str:
    """The package's list of what each part is."""
    parts = {f"/xl/worksheets/sheet{n}.xml": f"{_TYPE}.worksheet+xml" for n in range(1, sheets + 1)}
    parts |= {
        "/xl/workbook.xml": f"{_TYPE}.sheet.main+xml",
        "/xl/styles.xml": f"{_TYPE}.styles+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
    }
    overrides = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in parts.items())
    return (
        f'{_XML}<Types xmlns="{_PKG}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def column_letters(number: int) -> str:
    """The letters of the ``number``-th column, from 1: A … Z, AA …"""
    letters = ""
    while number:
        number, remainder = divmod(number - 1, 26)
        letters = _LETTERS[remainder] + letters
    return letters


def _columns(widths: Iterable[int]) -> str:
    """Column widths, in characters."""
    each = (
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, 1)
    )
    return f"<cols>{''.join(each)}</cols>"
