"""What a filter offers: the values that the viewer may see at D, how many rows have each, and no other party's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db import connection
from django.utils.datastructures import MultiValueDict

from reports.engine.ask import Ask
from reports.engine.inputs import DEVICES, Choice, Contains, OfList
from reports.engine.rows import rows
from reports.engine.whole import whole_pass
from smi_portal.inventory.kept import AsJson, kept

#: Values offered, sorted, each with the number of the viewer's rows that have it.
Offered = Mapping[str, int]
#: In pairs: JSON objects do not keep their order.
_JSON: AsJson[Mapping[str, Offered]] = AsJson(
    write=lambda options: [[column, list(values.items())] for column, values in options.items()],
    read=lambda written: {column: dict(values) for column, values in written},
)


def options_for(ask: Ask) -> Mapping[str, Offered]:
    """Column key → values offered, of all the viewer's rows on that day, whatever other inputs say.

    Call inside the viewer's scope.
    """
    choices = [item for item in ask.inputs if isinstance(item, Choice)]
    if not choices:
        return {}
    # A report may narrow its rows by what was chosen; one of a list's own lines is of that list alone.
    lists = {key for item in ask.inputs if isinstance(item, OfList) and item != DEVICES for key in item.keys}
    given = MultiValueDict({key: ask.given.getlist(key) for key in lists})
    everything = replace(ask, given=given)

    def make() -> Mapping[str, Offered]:
        return {item.column: _offered(item, values) for item, values in _distinct(everything, choices)}

    of = "".join(f":{key}={','.join(given.getlist(key)).upper()}" for key in sorted(given))
    return kept(f"offered:{ask.report.code}:{ask.history}{of}", ask.viewer, ask.load, ask.day, make, _JSON)


def _distinct(ask: Ask, choices: Sequence[Choice]) -> list[tuple[Choice, Counter[str]]]:
    """The distinct values of every choice in one pass over the viewer's rows: one scan, not one a filter."""
    columns = [item.column for item in choices]
    statement, params = rows(ask).query.order_by().values_list(*columns).query.sql_with_params()
    names = ", ".join(f'r."{column}"' for column in columns)
    sets = ", ".join(f'(r."{column}")' for column in columns)
    values: list[tuple[Choice, Counter[str]]] = [(item, Counter()) for item in choices]
    with whole_pass(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {names}, count(*) FROM ({statement}) r GROUP BY GROUPING SETS ({sets})", params
        )
        for *row, number in cursor.fetchall():
            for (_, seen), value in zip(values, row, strict=True):
                if value is not None:
                    seen[value] += number
    return values


def _offered(item: Choice, values: Counter[str]) -> Offered:
    if isinstance(item, Contains):
        parts: Counter[str] = Counter()
        for value, number in values.items():
            parts.update(dict.fromkeys(value.split(";"), number))
        values = parts
    return dict(sorted(values.items()))
