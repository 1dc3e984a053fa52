"""One asset's history as its viewer may see it, each fact with the extract that it came from: the dispute pack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from smi_portal.access.readers import FieldGroup, Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.inventory.models import ExtractLoad
from smi_portal.portfolio.feed.rows import Wanted, listing
from smi_portal.portfolio.listing import Listing

#: What is told over time: field of the events → heading.
TOLD = {
    "presence": "In your portfolio",
    "supplier": "Registered supplier",
    "status": "Device status",
    "mpxn": "MPxN",
    "map_id": "MAP ID",
    "firmware_version": "Firmware version",
}
MOST_EVENTS = 1_000


@dataclass(frozen=True)
class Fact:
    """A value over days, `start ≤ day < end` (None = still so), and the extract that told it so."""

    value: str | None
    start: date
    end: date | None
    extract: int


@dataclass(frozen=True)
class Pack:
    """Everything of one asset: `attributes` of label and value, `histories` of heading and facts, its events."""

    device_id: str
    attributes: list[tuple[str, Any]]
    histories: list[tuple[str, list[Fact]]]
    events: Listing


def pack_of(viewer: Viewer, device_id: str) -> Pack | None:
    """The pack of a meter; None when the viewer sees no day of it, or there is none. Opens scopes of its own."""
    rows = _periods(viewer, device_id)
    if not rows:
        return None
    events = listing(viewer, Wanted(device_id=device_id), limit=MOST_EVENTS)
    told = list(events.rows())
    baseline = ExtractLoad.objects.order_by("sequence").values_list("sequence", flat=True)[0]
    fields = [name for name in TOLD if name != "supplier" or viewer.sees(FieldGroup.SUPPLIER)]
    histories = [(TOLD[name], _facts(name, rows, told, baseline)) for name in fields]
    return Pack(device_id, _attributes(rows[-1]), histories, events)


def _periods(viewer: Viewer, device_id: str) -> list[dict[str, Any]]:
    names = [
        *("from_day", "to_day", "device_type", "manufacturer", "model", "serial_number", "csp_region"),
        *("pre_notified_on", "installed_on", "removed_on", "removal_reason"),
        *("status", "firmware_version", "mpxn", "map_id"),
    ]
    names += ["supplier_id"] if viewer.sees(FieldGroup.SUPPLIER) else []
    cells = ", ".join(
        "nullif(a.to_day, 'infinity') AS to_day" if name == "to_day" else f"a.{name}" for name in names
    )
    lane = " AND a.lane = 0" if viewer.role is Role.DCC else ""
    with scope(viewer), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {cells} FROM inventory_assetperiod a WHERE a.device_id = %s "
            f"AND a.device_type IN ('ESME', 'GSME'){lane} ORDER BY a.from_day",
            [device_id],
        )
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _attributes(row: dict[str, Any]) -> list[tuple[str, Any]]:
    """The asset itself. Its removal is told as on the reports: only when before the end of the viewer's days."""
    end = row["to_day"]
    removed = row["removed_on"] if row["removed_on"] and (end is None or row["removed_on"] < end) else None
    installed = (
        row["installed_on"] if row["installed_on"] and (end is None or row["installed_on"] < end) else None
    )
    return [
        ("Device type", row["device_type"]),
        ("Manufacturer", row["manufacturer"]),
        ("Model", row["model"]),
        ("Serial number", row["serial_number"]),
        ("CSP region", row["csp_region"]),
        ("Pre-notified on", row["pre_notified_on"]),
        ("Installed on", installed),
        ("Removed on", removed),
        ("Removal reason", row["removal_reason"] if removed else None),
    ]


def _facts(
    name: str, rows: Sequence[dict[str, Any]], events: Sequence[dict[str, Any]], baseline: int
) -> list[Fact]:
    """Runs of one field, cut where value or extract changes, newest first."""
    column = "supplier_id" if name == "supplier" else name
    mine = [event for event in events if event["field"] in {name, "presence"}]
    found: list[Fact] = []
    for row in rows:
        value = "yes" if name == "presence" else row[column]
        for start, end in _cut(row["from_day"], row["to_day"], mine):
            told = [
                event["extract_sequence"]
                for event in mine
                if event["effective_from"] <= start
                and (event["effective_to"] is None or start < event["effective_to"])
            ]
            extract = max(told, default=baseline)
            last = found[-1] if found else None
            if last and (last.value, last.end, last.extract) == (value, start, extract):
                found[-1] = Fact(value, last.start, end, extract)
            else:
                found.append(Fact(value, start, end, extract))
    return found[::-1]


def _cut(start: date, end: date | None, events: Sequence[dict[str, Any]]) -> list[tuple[date, date | None]]:
    """The days cut where an event's begin or end."""
    edges = {event[key] for event in events for key in ("effective_from", "effective_to") if event[key]}
    inside = sorted(edge for edge in edges if start < edge and (end is None or edge < end))
    return list(zip([start, *inside], [*inside, end], strict=True))
