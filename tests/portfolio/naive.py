"""The portfolio day by day, from the facts alone: slow, and with none of the product's code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from tests.oracle import facts
from tests.oracle.inventory import Inventory, Row
from tests.oracle.sight import Viewer, sees

#: status, firmware, MPxN, supplier, MAP ID; None = not in the portfolio.
State = tuple[str | None, ...]
FIELDS = ("status", "firmware_version", "mpxn", "supplier", "map_id")
Timeline = dict[tuple[str, date], State]


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def state(inventory: Inventory, viewer: Viewer, device: Row, day: date) -> State | None:
    """What the viewer knows of a meter that day; None when it is not in its portfolio."""
    if not facts.is_meter(device) or not sees(inventory, viewer, device, day):
        return None
    return (
        facts.status(inventory, device, day),
        facts.firmware(inventory, device, day),
        facts.mpxn(inventory, device, day),
        facts.supplier(inventory, device, day) if viewer.is_shown("supplier") else None,
        facts.map_id(inventory, device, day),
    )


def timeline(inventory: Inventory, viewer: Viewer, days: Iterable[date]) -> Timeline:
    """The portfolio on each of these days."""
    found: Timeline = {}
    for device in inventory["devices"]:
        for day in days:
            now = state(inventory, viewer, device, day)
            if now is not None:
                found[(device["device_id"], day)] = now
    return found


def replay(before: Timeline, events: Iterable[dict[str, Any]], days: Iterable[date]) -> Timeline:
    """The portfolio after these events, told nothing else."""
    found = dict(before)
    listed = list(days)
    for event in events:
        end = event["effective_to"]
        field = event["field"]
        for day in listed:
            key = (event["device_id"], day)
            if not event["effective_from"] <= day or (end is not None and day >= end):
                continue
            if field == "presence" and event["after"] is None:
                found.pop(key, None)
            elif field == "presence":
                found[key] = (
                    event["device_status"],
                    event["firmware_version"],
                    event["mpxn"],
                    event.get("supplier_after"),
                    event["map_id"],
                )
            elif field in FIELDS:
                after = event["after"] if field != "supplier" else event.get("supplier_after")
                values = list(found[key])  # an event of a field is of days in the portfolio
                values[FIELDS.index(field)] = after
                found[key] = tuple(values)
    return found


def rental(
    inventory: Inventory, viewer: Viewer, days: Iterable[date]
) -> dict[tuple[str | None, ...], list[date]]:
    """The days of each asset × MPxN × MAP ID × supplier, from installation to removal."""
    found: dict[tuple[str | None, ...], list[date]] = defaultdict(list)
    for device in inventory["devices"]:
        for day in days:
            now = state(inventory, viewer, device, day)
            installed, removed = device["installed_on"], device["removed_on"]
            if now is None or installed is None or day < installed or (removed and day >= removed):
                continue
            _, _, mpxn, supplier, map_id = now
            found[(device["device_id"], mpxn, map_id, supplier)].append(day)
    return dict(found)
