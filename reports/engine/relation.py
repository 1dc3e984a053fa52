"""A SELECT as a Django table: so that filters, order, count, paging and aggregates are the ORM's, on any report.

A report's rows are one SQL relation. Its Django model is not managed and lives in a registry of its own; its
query's base table is the parenthesised SELECT. So `django-filter` and `django-tables2` work as on any queryset,
and an input filters what the viewer is shown, since it is applied outside the SELECT that blanks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.db.models.sql.datastructures import BaseTable
from django.db.models.sql.query import Query

from reports.engine.columns import Column, Kind
from smi_portal.inventory.fields import CodeField


def _field(kind: Kind) -> models.Field[Any, Any]:
    if kind is Kind.DATE:
        return models.DateField(null=True)
    if kind is Kind.INTEGER:
        return models.IntegerField(null=True)
    if kind is Kind.DECIMAL:
        return models.DecimalField(max_digits=20, decimal_places=1, null=True)
    if kind is Kind.BOOLEAN:
        return models.BooleanField(null=True)
    return CodeField(null=True)


class SelectTable(BaseTable):
    """A FROM item that is a SELECT instead of a table."""

    def __init__(self, name: str, alias: str | None, select: str) -> None:
        super().__init__(name, alias)
        self.select = select

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        """The SELECT, in brackets, under its alias. It holds no parameters: see `Ask.literal`."""
        alias = self.table_alias or self.table_name
        return f"({self.select.replace('%', '%%')}) {connection.ops.quote_name(alias)}", ()

    def relabeled_clone(self, change_map: dict[str | None, str]) -> SelectTable:
        """Django's way to rename aliases when queries are combined."""
        return SelectTable(self.table_name, change_map.get(self.table_alias, self.table_alias), self.select)


class SelectQuery(Query):
    """A query whose base table is a SELECT."""

    select_sql = ""

    def base_table_class(self, name: str, alias: str | None) -> SelectTable:  # type: ignore[override]  # the stubs name a class where Django calls
        """Django calls this to make the query's first FROM item."""
        return SelectTable(name, alias, self.select_sql)


def row_model(code: str, columns: Iterable[Column]) -> type[models.Model]:
    """The model of one report's rows, in a registry of its own so that migrations never see it."""
    meta = type("Meta", (), {"managed": False, "app_label": "rows", "db_table": code.lower(), "apps": Apps()})
    attributes: dict[str, Any] = {"__module__": __name__, "Meta": meta, "row_id": CodeField(primary_key=True)}
    attributes |= {column.key: _field(column.kind) for column in columns}
    return type(f"{code}Row", (models.Model,), attributes)


def queryset(model: type[models.Model], select: str) -> models.QuerySet[Any]:
    """A queryset over `select`, whose columns must be fields of `model`. Take values from it, not instances."""
    query = SelectQuery(model)
    query.select_sql = select
    return models.QuerySet(model=model, query=query)
