"""The one path to rows: from a question to the query that answers it.

Page, CSV, Excel, JSON, charts, counts and options all start here. Run the query inside `scope(ask.viewer)`:
outside of one, the database has no rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection, models
from django.db.models import F
from django.db.models.expressions import OrderBy

from reports.engine.ask import Ask
from reports.engine.columns import Column
from reports.engine.relation import queryset, row_model
from reports.engine.report import REGISTRY


@dataclass(frozen=True)
class Rows:
    """The rows that answer a question: its columns, and the query (filtered; not yet ordered)."""

    ask: Ask
    columns: tuple[Column, ...]
    query: models.QuerySet[Any]

    @property
    def keys(self) -> list[str]:
        """The keys of the shown columns, in order."""
        return [column.key for column in self.columns]

    def ordered(self) -> models.QuerySet[Any]:
        """The person's order, then always the row's key, so that no two rows can change places."""
        return self.query.order_by(*(by for _, by in order(self.ask)))

    def values(self) -> models.QuerySet[Any]:
        """Ordered dictionaries of the shown columns."""
        return self.ordered().values(*self.keys)

    def sql(self) -> str:
        """The ordered rows as one SELECT with its parameters written in, for COPY."""
        statement, params = self.ordered().values_list(*self.keys).query.sql_with_params()
        return literal_sql(statement, params)


def rows(ask: Ask) -> Rows:
    """All rows of the viewer at D (or over history), before inputs.

    Every column is selected, so that inputs, order and charts may look at one that was not chosen to be shown.
    """
    columns = ask.report.columns_for(ask.viewer, ask.history)
    unshown = tuple(c for c in ask.report.unshown if ask.viewer.sees(c.group))
    selected = ", ".join(f'{column.sql} AS "{column.key}"' for column in (*columns, *unshown))
    select = ask.literal(f"SELECT {selected} FROM {ask.report.source(ask)}")
    return Rows(ask, ask.shown, queryset(_model(ask.report.code), select))


@cache
def _model(code: str) -> type[models.Model]:
    report = REGISTRY[code]
    history = [report.column(key) for key in ("valid_from", "valid_to")] if report.has_history else []
    return row_model(code, (*report.columns, *report.unshown, *history))


def order(ask: Ask) -> Sequence[tuple[str, OrderBy]]:
    """(column key, ordering) of the question: its sort, then the key; history's newest row first."""
    names = list(ask.sort)
    named = {name.removeprefix("-") for name in names}
    names += [key for key in ask.report.key if key not in named]
    if ask.history and "valid_from" not in named:
        names.append("-valid_from")
    ordering = []
    for name in names:
        column = F(name.removeprefix("-"))
        # Blanks last both ways: nobody sorts to read blanks.
        by = column.desc(nulls_last=True) if name.startswith("-") else column.asc()
        ordering.append((name.removeprefix("-"), by))
    return ordering


def literal_sql(statement: str, params: Sequence[Any]) -> str:
    """`statement` with its parameters quoted in by the driver: COPY takes none."""
    from psycopg import ClientCursor

    connection.ensure_connection()
    return ClientCursor(connection.connection).mogrify(statement, params)
