"""The fixed tables: which report they count, by which two of its columns. Nobody chooses a filter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, Value, When
from django.utils.datastructures import MultiValueDict

from reports.engine.ask import parse
from reports.engine.report import REGISTRY
from reports.engine.rows import rows
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.statistics.disclosure import Table, protect

NOT_KNOWN = "Not recorded"


@dataclass(frozen=True)
class Cube:
    """A table: how many rows of a report there are by `row` and `column`, each a column's key or an expression."""

    slug: str
    title: str
    report: str
    row: str
    column: str
    heading: str
    #: Says of a cell's value what it is called.
    column_name: Callable[[Any], str] = lambda value: str(value or NOT_KNOWN)


CUBES = (
    Cube(
        "meters-by-status", "Meters by type and status", "RSMI_001", "device_status", "device_type", "Status"
    ),
    Cube(
        "meters-by-region",
        "Meters by communications region and type",
        "RSMI_001",
        "csp_region",
        "device_type",
        "Region",
    ),
    Cube(
        "meters-with-map-id",
        "Meters with and without a MAP ID, by status",
        "RSMI_001",
        "device_status",
        "map_id",
        "Status",
        lambda value: "With MAP ID" if value else "Without MAP ID",
    ),
    Cube(
        "devices-by-status", "Devices by type and status", "RSMI_002", "device_type", "device_status", "Type"
    ),
)


def cube_of(slug: str) -> Cube | None:
    """The table with this name."""
    return next((cube for cube in CUBES if cube.slug == slug), None)


def count(cube: Cube, day: date) -> Table | None:
    """The table as it may be shown, counted as at a day over everything that DCC sees, by the reports' own rows."""
    dcc = Viewer(Role.DCC, 0, "DCC", "DCC")
    ask = parse(REGISTRY[cube.report], dcc, MultiValueDict({"as_at": [day.isoformat()]}))
    found = rows(ask).query
    column: Any = F(cube.column)
    if cube.column == "map_id":  # whose it is must not enter the count at all
        column = Case(When(map_id__isnull=True, then=Value("")), default=Value("x"))
    with scope(dcc):
        grouped = found.values(row_name=F(cube.row), column_name=column).annotate(n=Count("*")).order_by()
        counted = [(line["row_name"], line["column_name"], line["n"]) for line in grouped]
    counts: dict[tuple[str, str], int] = {}
    for row, name, number in counted:
        key = (str(row or NOT_KNOWN), cube.column_name(name))
        counts[key] = counts.get(key, 0) + number
    return protect(counts)
