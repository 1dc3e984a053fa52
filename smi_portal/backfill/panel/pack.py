"""The Panel pack as an Excel workbook: summary, progress, league and trend with charts, definitions, data-as-at.

It is made from a published month alone, so the same version gives the same figures for ever. Text never becomes
a formula: every text cell is written as a string.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from smi_portal.backfill.panel.months import Month, Standing, columns

HEAD = PatternFill("solid", fgColor="1D3C4F")
DATE = "d mmm yyyy"


def workbook(month: Month) -> bytes:
    """The pack of a published month. Raises ValueError for one that is not published."""
    if month.publication is None:
        raise ValueError("The Panel's pack is made from a published month.")
    book = Workbook()
    del book["Sheet"]
    _summary(book.create_sheet("Summary"), month)
    _progress(book.create_sheet("Progress"), month)
    _league(book.create_sheet("League"), month)
    _trend(book.create_sheet("Trend"), month)
    _definitions(book.create_sheet("Definitions"))
    made = io.BytesIO()
    book.properties.title = f"MAP ID backfill, {month.first:%B %Y}"
    book.properties.creator = "SMI Portal"
    book.save(made)
    return made.getvalue()


def facts(month: Month) -> list[tuple[str, Any]]:
    """What the Panel must know of the figures' origin; the page and the workbook say the same."""
    publication = month.publication
    if publication is None:
        return []
    stored = publication.as_at.astimezone(UTC)
    return [
        ("Month", f"{month.first:%B %Y}"),
        ("Version", publication.version),
        ("Published on", publication.published_on),
        ("What this version corrects", publication.note or "Nothing: it is the first."),
        ("Figures at the end of", publication.day),
        ("Data as at", f"{stored:%-d %B %Y, %H:%M} UTC (extract {publication.extract_sequence})"),
        ("Panel date", month.panel_date or "not set in that month"),
    ]


def totals(month: Month) -> list[tuple[str, Any]]:
    """The programme in numbers."""
    return [
        ("Users with an obligation", len(month.standings)),
        ("Users on track", month.on_track),
        ("Meters in scope", month.count("in_scope")),
        ("With a MAP ID", month.count("populated")),
        ("Outstanding", month.count("outstanding")),
        ("Percent complete", month.percent),
        ("Lost again", month.count("lost")),
        ("Requests sent in the month", month.count("sent")),
        ("Of those, accepted", month.count("accepted")),
        ("Of those, refused", month.count("refused")),
    ]


def _summary(sheet: Worksheet, month: Month) -> None:
    sheet["A1"] = f"MAP ID backfill: report to the Panel, {month.first:%B %Y}"
    sheet["A1"].font = Font(bold=True, size=16)
    row = 3
    for label, value in [*facts(month), ("", ""), *totals(month)]:
        _put(sheet.cell(row, 1), label).font = Font(bold=True)
        _put(sheet.cell(row, 2), value).alignment = Alignment(horizontal="left")
        row += 1
    _table(
        sheet,
        row + 1,
        ["User", "On track", "Why"],
        [[one.name, one.verdict, " ".join(one.why)] for one in month.standings],
    )
    _widths(sheet, [34, 22, 100])
    for line in sheet.iter_rows(min_row=row + 2, min_col=3, max_col=3):
        line[0].alignment = Alignment(wrap_text=True, vertical="top")
    _paper(sheet)


def _progress(sheet: Worksheet, month: Month) -> None:
    shown = columns()
    _table(
        sheet,
        1,
        [column.title for column in shown],
        [[one.row[column.key] for column in shown] for one in month.standings],
    )
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    _widths(sheet, [max(len(column.title) + 2, 12) for column in shown])
    sheet.column_dimensions["A"].width = 22
    _paper(sheet)


def _league(sheet: Worksheet, month: Month) -> None:
    headings = [
        "Position",
        "User",
        "Percent complete",
        "Since last month",
        "Outstanding",
        "Lost",
        "Earliest",
        "Latest",
    ]
    _table(
        sheet,
        1,
        [*headings, "On track"],
        [[place, *_league_row(one)] for place, one in enumerate(month.league, 1)],
    )
    _widths(sheet, [10, 30, 17, 17, 13, 8, 14, 16, 14])
    if month.standings:
        chart = BarChart()
        chart.type, chart.style, chart.title, chart.legend = "bar", 10, "Percent complete", None
        chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 100
        chart.x_axis.scaling.orientation = "maxMin"
        chart.x_axis.delete = chart.y_axis.delete = False
        chart.dataLabels = DataLabelList(
            showVal=True, showSerName=False, showCatName=False, showLegendKey=False
        )
        last = len(month.standings) + 1
        chart.add_data(Reference(sheet, min_col=3, min_row=1, max_row=last), titles_from_data=True)
        chart.set_categories(Reference(sheet, min_col=2, min_row=2, max_row=last))
        chart.height, chart.width = max(8, 0.8 * last + 3), 24
        sheet.add_chart(chart, f"A{last + 3}")
    _paper(sheet)


def _league_row(one: Standing) -> list[Any]:
    earliest, latest = one.finish or (None, None)
    end = "no end in sight" if one.finish and latest is None else latest
    return [
        one.name,
        one.row["percent_complete"],
        one.change,
        one.row["outstanding"],
        one.row["lost"],
        earliest,
        end,
        one.verdict,
    ]


def _trend(sheet: Worksheet, month: Month) -> None:
    headings, lines = trend(month)
    _table(sheet, 1, headings, lines)
    _widths(sheet, [12, *[max(len(heading) + 2, 12) for heading in headings[1:]]])
    if lines and len(headings) > 1:
        chart = LineChart()
        chart.title, chart.style = "Percent complete by month", 12
        chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 100
        chart.x_axis.delete = chart.y_axis.delete = False
        data = Reference(sheet, min_col=2, max_col=len(headings), min_row=1, max_row=len(lines) + 1)
        chart.add_data(data, titles_from_data=True)
        chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=len(lines) + 1))
        for series in chart.series:
            series.marker.symbol, series.smooth = "circle", False
        chart.height, chart.width = 12, 26
        sheet.add_chart(chart, f"A{len(lines) + 4}")
    _paper(sheet)


def trend(month: Month) -> tuple[list[str], list[list[Any]]]:
    """Percent complete of each User (columns) in each month (rows), as far as months are known."""
    users = [(one.row["organisation"], one.name) for one in month.standings]
    lines = []
    for key in sorted(month.history):
        known = {row["organisation"]: row["percent_complete"] for row in month.history[key]}
        lines.append([key, *(known.get(code) for code, _ in users)])
    return ["Month", *(name for _, name in users)], lines


def _definitions(sheet: Worksheet) -> None:
    lines = [[column.title, column.key, f"{column.help} ({column.source})"] for column in columns()]
    lines.append(["Earliest, latest", "", RANGE])
    _table(sheet, 1, ["Column", "Key", "Definition"], lines)
    _widths(sheet, [24, 22, 110])
    _paper(sheet)


RANGE = (
    "When the backfill could be done: the earliest and the latest of the finishes at the pace of the last 28 days, "
    "of the month, and of the month and the one before it. (our design)"
)


def _table(sheet: Worksheet, top: int, headings: Sequence[str], lines: Sequence[Sequence[Any]]) -> None:
    for place, heading in enumerate(headings, 1):
        cell = _put(sheet.cell(top, place), heading)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for offset, line in enumerate(lines, 1):
        for place, value in enumerate(line, 1):
            _put(sheet.cell(top + offset, place), value)


def _put(cell: Cell, value: Any) -> Cell:
    """Write a value as what it is: text as text, days as days, yes and no as words."""
    if isinstance(value, bool):
        value = "Yes" if value else "No"
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)
        cell.data_type = "s"  # openpyxl takes text that begins with = for a formula
        return cell
    cell.value = value
    if isinstance(value, date | datetime):
        cell.number_format = DATE
    elif isinstance(value, Decimal):
        cell.number_format = "0.0"
    elif isinstance(value, int):
        cell.number_format = "#,##0"
    return cell


def _widths(sheet: Worksheet, widths: Sequence[float]) -> None:
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width


def _paper(sheet: Worksheet) -> None:
    """A4 across, one page wide, with page numbers: fit to be printed as it is."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.oddFooter.center.text = "&A, page &P of &N"
