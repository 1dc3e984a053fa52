"""The report on screen: a django-tables2 table over one page of rows. Files never pass through it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import django_tables2 as tables
from django_tables2.data import TableListData

from reports.engine.columns import Column, Kind
from reports.engine.rows import Rows

CLASSES = {Kind.INTEGER: "is-number", Kind.DECIMAL: "is-number", Kind.DATE: "is-date", Kind.MONTH: "is-date"}


class OrderedByQuery(TableListData):
    """Rows that the database has put in order: the table must not sort one page of them again."""

    def order_by(self, aliases: Any) -> None:
        """Leave the rows as they are."""


def table_for(found: Rows, page: Sequence[dict[str, Any]]) -> tables.Table:
    """A table of one page, its headers linking to other orders."""
    columns = {column.key: _column(column) for column in found.columns}
    meta = type("Meta", (), {"sequence": tuple(columns), "order_by_field": "sort", "orderable": True})
    table_class = type(f"{found.ask.report.code}Table", (tables.Table,), {**columns, "Meta": meta})
    shown = [{column.key: cell(row[column.key]) for column in found.columns} for row in page]
    return table_class(OrderedByQuery(shown), order_by=",".join(found.ask.sort) or None)


def cell(value: Any) -> str:
    """A value as page, CSV and API all write it: ISO dates, true and false, nothing for no value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _column(column: Column) -> tables.Column:
    name = CLASSES.get(column.kind, "mono" if column.key.endswith("_id") or column.key == "mpxn" else "")
    attrs = {"th": {"class": name}, "td": {"class": name}} if name else {}
    return tables.Column(verbose_name=column.title, default="", attrs=attrs)
