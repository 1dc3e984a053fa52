"""What the inventory says on DCC's home page: how fresh the data is, and what the last loads did."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.dateformat import format as date_format

from smi_portal.access.readers import Role
from smi_portal.inventory.models import ExtractLoad
from smi_portal.tiles import Figure, Looking, Tile, tile

SHOWN = 5
DAY, MOMENT = "j M Y", "j M Y, H:i"
#: Hours after which the data is no longer of this morning.
STALE = 36


@tile(Role.DCC, place=10)
def freshness(looking: Looking) -> Tile:
    """How old the data is that everyone sees."""
    load = looking.load
    hours = int((datetime.now(UTC) - load.as_at).total_seconds() // 3600)
    age = f"{hours} hours" if hours < 2 * STALE else f"{hours // 24:,} days"
    return Tile(
        "Freshness",
        (
            Figure("Data as at", date_format(load.as_at, MOMENT), note="UTC"),
            Figure("Age", age, alarm=hours > STALE),
            Figure("Loaded", date_format(load.finished_at, MOMENT), note="UTC"),
            Figure("Rows rejected", sum(load.report.get("rejects", {}).values())),
        ),
    )


@tile(Role.DCC, place=20)
def loads(looking: Looking) -> Tile:
    """The last extracts, newest first."""
    found = list(ExtractLoad.objects.order_by("-sequence")[:SHOWN])
    return Tile("Loads", tuple(_load(one) for one in found))


def _load(load: ExtractLoad) -> Figure:
    seconds = (load.finished_at - load.started_at).total_seconds()
    rejected = sum(load.report.get("rejects", {}).values())
    rows = sum(table.get("rows", 0) for table in load.report.get("rows", {}).values())
    took = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    note = f"{load.kind}, {rows:,} rows, {took}" + (f", {rejected:,} rejected" if rejected else "")
    return Figure(f"Extract {load.sequence}", date_format(load.as_at, DAY), note=note, alarm=bool(rejected))
