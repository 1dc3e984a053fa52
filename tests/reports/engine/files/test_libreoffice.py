"""The same workbook through LibreOffice, where it is installed: equal cells, and it opens at all."""

from __future__ import annotations

import csv
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from reports.engine.files.columns import FileColumn
from reports.engine.files.xlsx import xlsx_stream

from .conftest import Copy
from .hostile import ALL
from .workbooks import shown

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")

COLUMNS = [
    FileColumn("remark", "Remark", "text"),
    FileColumn("mpxn", "MPxN", "text"),
    FileColumn("day", "Day", "date"),
    FileColumn("count", "Count", "integer"),
    FileColumn("yes", "Yes", "boolean"),
]


def converted(source: Path, sheet: int) -> list[list[str]]:
    """A sheet's rows as LibreOffice shows them: UTF-8, comma, quotation marks around text."""
    options = f"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false,false,false,{sheet}"
    profile = f"-env:UserInstallation=file://{source.parent}/profile"
    target = source.parent / f"sheet{sheet}"
    command = [
        str(SOFFICE),
        profile,
        "--headless",
        "--convert-to",
        options,
        "--outdir",
        str(target),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with next(target.glob("*.csv")).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def test_libreoffice_shows_the_same_cells(copy: Copy, tmp_path: Path) -> None:
    if SOFFICE is None:
        pytest.skip("LIBREOFFICE IS NOT INSTALLED: that it opens our workbooks has NOT been checked here")
    # LibreOffice makes a line feed of every kind of line end, so those are left to the other readers.
    texts = [text for text in ALL if not any(mark in text for mark in "\r\u2028\u2029\x85")]
    same = ["0012345678901", "2024-02-29", "7", "TRUE"]
    rows = [(text, same[0], date(2024, 2, 29), 7, True) for text in texts]
    content = b"".join(xlsx_stream(copy(COLUMNS, rows, "text"), COLUMNS, [("Report", "R")], row_limit=40))
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    header = [column.title for column in COLUMNS]
    expected = [[shown(text) or "", *same] for text in texts]
    assert converted(path, 1) == [header, *expected[:38]]
    assert converted(path, 2) == [header, *expected[38:]]
    assert converted(path, 3)[:2] == [["Report", "R", ""], ["Rows", str(len(rows)), ""]]
