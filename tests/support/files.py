"""Files and pages of a report, each read back into the texts of the machine CSV, so that they can be compared."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import openpyxl
from django.test import Client

from reports.engine.columns import Column, Kind
from tests.support.html import Page

#: What a spreadsheet would run: the same rule as the product's, told in another way.
FORMULA = re.compile(r"[\t\r\n]|\s*[-=+@＝＋－＠]")
NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def get(client: Client, address: str) -> bytes:
    """A file or page that must be answered."""
    response = client.get(address)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    assert response.status_code == 200, content[:500]
    return bytes(content)


def pages(client: Client, address: str) -> Iterator[Page]:
    """The page, and every next one."""
    base = address.split("?")[0]
    while True:
        found = Page(get(client, address).decode())
        yield found
        if "next" not in found.links:
            return
        address = base + found.links["next"]


def csv_rows(content: bytes) -> list[list[str]]:
    """Header and rows, of either dialect."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def json_rows(content: bytes, columns: Sequence[Column]) -> list[list[str]]:
    """Header and rows; the count in the file must be theirs."""
    found = json.loads(content)
    assert found["row_count"] == len(found["rows"])
    keys = [column.key for column in columns]
    assert all(list(row) == keys for row in found["rows"])
    return [keys, *([_plain(value) for value in row.values()] for row in found["rows"])]


def excel_rows(content: bytes, columns: Sequence[Column]) -> list[list[str]]:
    """Keys and rows of the data sheet; titles and the count on the About sheet must be right."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    heads, *rows = book["Data"].iter_rows()
    assert [cell.value for cell in heads] == [column.title for column in columns]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d", "b", "inlineStr"}, "a formula"
    about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True) if row[0]}
    assert about["Rows"] == len(rows)
    return [
        [column.key for column in columns],
        *([_excel(cell.value, column) for cell, column in zip(row, columns, strict=True)] for row in rows),
    ]


def as_people_read(rows: list[list[str]], columns: Sequence[Column]) -> list[list[str]]:
    """Machine rows as the people's dialect must have them: text that would be a formula behind an apostrophe."""
    kinds = [column.kind for column in columns]
    return [
        [
            f"'{cell}" if kind is Kind.TEXT and FORMULA.match(cell) else cell
            for cell, kind in zip(row, kinds, strict=True)
        ]
        for row in rows
    ]


def as_excel_holds(rows: list[list[str]]) -> list[list[str]]:
    """Machine rows as a workbook can hold them: no control characters."""
    return [[NOT_XML.sub("\ufffd", cell) for cell in row] for row in rows]


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _excel(value: Any, column: Column) -> str:
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m}" if column.kind is Kind.MONTH else f"{value:%Y-%m-%d}"
    if column.kind is Kind.DECIMAL and value is not None:
        return f"{float(value):.1f}"
    return _plain(value)
