"""What a filter offers: the values that the viewer may see at D, and no other party's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.core.cache import cache
from django.db import connection

from reports.engine.ask import Ask
from reports.engine.inputs import Choice, Contains
from reports.engine.rows import rows

#: Seconds that offered values are kept for one reader, organisation, extract and day; they cannot change in between.
KEPT = 3600


def options_for(ask: Ask) -> Mapping[str, Sequence[str]]:
    """Column key → values offered, sorted. Call inside the viewer's scope."""
    choices = [item for item in ask.inputs if isinstance(item, Choice)]
    if not choices:
        return {}
    found: Mapping[str, Sequence[str]] | None = cache.get(_cache_key(ask))
    if found is None:
        found = {item.column: _offered(item, values) for item, values in _distinct(ask, choices)}
        cache.set(_cache_key(ask), found, KEPT)
    return found


def _cache_key(ask: Ask) -> str:
    who = f"{ask.viewer.reader.value}:{ask.viewer.organisation_id}"
    return f"options:{ask.report.code}:{who}:{ask.load.content_hash}:{ask.day.isoformat()}:{ask.history}"


def _distinct(ask: Ask, choices: Sequence[Choice]) -> list[tuple[Choice, set[str]]]:
    """The distinct values of every choice in one pass over the viewer's rows: one scan, not one a filter."""
    columns = [item.column for item in choices]
    statement, params = rows(ask).query.order_by().values_list(*columns).query.sql_with_params()
    names = ", ".join(f'r."{column}"' for column in columns)
    sets = ", ".join(f'(r."{column}")' for column in columns)
    values: list[tuple[Choice, set[str]]] = [(item, set()) for item in choices]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM ({statement}) r GROUP BY GROUPING SETS ({sets})", params)
        for row in cursor.fetchall():
            for (_, seen), value in zip(values, row, strict=True):
                if value is not None:
                    seen.add(value)
    return values


def _offered(item: Choice, values: set[str]) -> Sequence[str]:
    if isinstance(item, Contains):
        values = {part for value in values for part in value.split(";")}
    return sorted(values)
