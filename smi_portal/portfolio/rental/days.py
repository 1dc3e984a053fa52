"""The one path to rental days, for pages, files, the command, the API, statements and reconciliations.

A day counts for a viewer when the meter is in its portfolio that day (the reports' own rule, by row-level security),
and it was installed on that day or before, and not removed by then: installed_on ≤ day < removed_on. A meter without
an installation date has no rental days. Our design where the seeds are silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.engine.columns import Column, Kind
from smi_portal.access.readers import FieldGroup, Role
from smi_portal.access.scope import Viewer
from smi_portal.inventory.models import ExtractLoad
from smi_portal.portfolio.asking import Period, current_load, portfolio_of
from smi_portal.portfolio.listing import Listing, literal

COLUMNS = (
    Column("device_id", "Device ID", "device_id", help="EUI-64 identifier of the meter."),
    Column("mpxn", "MPxN", "mpxn", help="Import MPxN on these days; blank when none was associated."),
    Column("map_id", "MAP ID", "map_id", help="MAP ID recorded on these days."),
    Column(
        "supplier_id",
        "Supplier ID",
        "supplier_id",
        help="MPID of the supplier registered for the MPxN on these days; blank when none was.",
        group=FieldGroup.SUPPLIER,
    ),
    Column("first_day", "First day", "first_day", Kind.DATE, "The first of these days."),
    Column(
        "last_day",
        "Last day",
        "last_day",
        Kind.DATE,
        "The last of these days, itself counted. Between the two the asset may have been with someone else: "
        "`days` counts its own days only.",
    ),
    Column("days", "Days", "days", Kind.INTEGER, "How many days: what rent is owed for."),
)
#: What the spans are grouped by; suppliers only where released, so that nothing dates a change of supplier.
GROUPS = ("device_id", "mpxn", "map_id", "supplier_id")
#: Values of a row's groups: a place in the list.
After = tuple[str | None, ...]


def groups(viewer: Viewer) -> tuple[str, ...]:
    """The columns that make a row for this viewer."""
    return tuple(name for name in GROUPS if name != "supplier_id" or viewer.sees(FieldGroup.SUPPLIER))


def spans(viewer: Viewer, period: Period, more: tuple[str, ...] = ()) -> str:
    """SQL of the viewer's runs of rental days: its groups, `start` and `stop` (half-open), and `more` columns.

    The period rows are cut at every change, so a run of days may be several rows.
    """
    start, end = literal(period.start), literal(period.end)
    lane = "AND a.lane = 0 " if viewer.role is Role.DCC else ""
    names = ", ".join(f"a.{name}" for name in (*groups(viewer), *more))
    return f"""
        SELECT * FROM (
            SELECT {names}, greatest(a.from_day, a.installed_on, {start}) AS start,
                   least(a.to_day, a.removed_on, {end}) AS stop
            FROM inventory_assetperiod a
            WHERE a.from_day < {end} AND a.to_day > {start} AND a.installed_on < {end}
              AND a.device_type IN ('ESME', 'GSME') {lane}
        ) s WHERE start < stop"""


def select(viewer: Viewer, period: Period, after: After | None = None) -> str:
    """SQL of the rental days: one row for each asset × supplier × MPxN × MAP ID; only those after `after`."""
    keys = groups(viewer)
    names = ", ".join(keys)
    later = ""
    if after is not None:
        # No value comes last, as in the order; the first comparison lets the index on assets begin there.
        mine = ", ".join(f"{name} IS NULL, coalesce({name}, '')" for name in keys)
        theirs = ", ".join(f"{cell is None}, {literal(cell or '')}" for cell in after)
        later = f"WHERE device_id >= {literal(after[0])} AND ({mine}) > ({theirs})"
    return f"""
        SELECT {names}, min(start) AS first_day, max(stop) - 1 AS last_day, sum(stop - start)::integer AS days
        FROM ({spans(viewer, period)}) r {later} GROUP BY {names} ORDER BY {names}"""


def listing(
    viewer: Viewer,
    period: Period,
    load: ExtractLoad | None = None,
    limit: int | None = None,
    after: After | None = None,
) -> Listing:
    """The viewer's rental days in `period`, at most `limit` rows. Raises Refused for a viewer without a portfolio.

    `after`: only rows after the one with these values of `groups`.
    """
    portfolio_of(viewer)
    columns = tuple(column for column in COLUMNS if viewer.sees(column.group))
    facts = [("From", str(period.start)), ("To (not included)", str(period.end))]
    return Listing(
        "rental-days",
        "Rental days",
        viewer,
        load or current_load(),
        columns,
        select(viewer, period, after) + (f" LIMIT {limit:d}" if limit is not None else ""),
        facts,
    )


def rows(viewer: Viewer, period: Period) -> Iterator[dict[str, Any]]:
    """The rental days as values by key, ordered by asset, MPxN, MAP ID and supplier. Opens its own scope."""
    return listing(viewer, period).rows()
