"""Rental days summed up: by supplier (where released), model, fuel and region."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from smi_portal.access.readers import FieldGroup
from smi_portal.access.scope import Viewer, scope
from smi_portal.portfolio.asking import Period
from smi_portal.portfolio.rental.days import spans

#: What the sums are by: key → heading, and the expression over a span.
BY = {
    "supplier": ("Supplier", "coalesce(s.supplier_id, '(no registered supplier)')"),
    "model": ("Model", "concat_ws(' ', coalesce(s.manufacturer, '(no manufacturer)'), s.model)"),
    "fuel": ("Fuel", "CASE s.device_type WHEN 'ESME' THEN 'Electricity' ELSE 'Gas' END"),
    "region": ("CSP region", "coalesce(s.csp_region, '(none recorded)')"),
}
MOST = 30  # values of one sum that are told one by one


@dataclass(frozen=True)
class Sums:
    """Assets and days by one of the four; `rows` of label, assets, days, most days first."""

    heading: str
    rows: list[tuple[str, int, int]]


@dataclass(frozen=True)
class Totals:
    """The whole, and each way of summing it up. `assets` counts each once."""

    assets: int
    days: int
    sums: list[Sums]


def totals(viewer: Viewer, period: Period) -> Totals:
    """The viewer's sums over a period, in one pass over its days. Opens its own scope."""
    by = [key for key in BY if key != "supplier" or viewer.sees(FieldGroup.SUPPLIER)]
    named = ", ".join(f"{BY[key][1]} AS {key}" for key in by)
    sets = ", ".join(["()", *(f"({key})" for key in by)])
    inner = spans(viewer, period, more=("device_type", "manufacturer", "model", "csp_region"))
    statement = (
        f"SELECT grouping({', '.join(by)}), {', '.join(by)}, count(DISTINCT device_id), sum(days) FROM ("
        f"SELECT s.device_id, s.stop - s.start AS days, {named} FROM ({inner}) s) d GROUP BY GROUPING SETS ({sets})"
    )
    with scope(viewer), connection.cursor() as cursor:
        cursor.execute(statement)
        found = cursor.fetchall()
    rows: dict[str, list[tuple[str, int, int]]] = {key: [] for key in by}
    whole = (0, 0)
    for mask, *values, assets, days in found:
        # grouping() has a bit for each column, the first the highest: 0 where the row is of that column.
        of = [key for at, key in enumerate(by) if not mask >> (len(by) - 1 - at) & 1]
        if of:
            rows[of[0]].append((values[by.index(of[0])], assets, int(days)))
        else:
            whole = assets, int(days or 0)
    sums = [Sums(BY[key][0], _most(rows[key])) for key in by]
    return Totals(*whole, sums)


def _most(rows: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    ordered = sorted(rows, key=lambda row: (-row[2], row[0]))
    rest = ordered[MOST:]
    if not rest:
        return ordered
    label = f"{len(rest)} others"
    return [*ordered[:MOST], (label, sum(row[1] for row in rest), sum(row[2] for row in rest))]
