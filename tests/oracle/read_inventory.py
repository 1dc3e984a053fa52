"""The rows of SRV_8_2: every visible device, as service request 8.2 tells of it, with the MAP ID beside."""

from collections.abc import Iterator
from datetime import date

from . import facts
from .assets import device_rows, shared
from .inventory import Inventory, Row
from .sight import Ask, Moment

Cells = dict[str, object]


def srv_8_2(ask: Ask) -> Iterator[Cells]:
    """One row a visible device of any type."""
    return device_rows(ask, ask.inventory["devices"], _row)


def _row(ask: Ask, device: Row, moment: Moment) -> Cells:
    inventory, day = ask.inventory, moment.day
    assignment = facts.map_row(inventory, device, day)
    registration = facts.supplier_row(inventory, device, day)
    return shared(ask, device, moment) | {
        "commissioned_date": moment.event(device["commissioned_on"]),
        "secondary_import_mpan": _associated(ask, device, "SECONDARY_IMPORT", day),
        "export_mpan": _associated(ask, device, "EXPORT", day),
        "uprn": device["uprn"],
        "property_post_code": device["postcode"],
        "address_identifier": device["address_identifier"],
        "communications_hub_id": _hub(inventory, device, day),
        "map_effective_from": assignment["effective_from"] if assignment else None,
        "supplier_effective_from": registration
        and moment.party_start(ask.viewer, registration["effective_from"]),
    }


def _hub(inventory: Inventory, device: Row, day: date) -> str | None:
    """A hub is its own."""
    return device["device_id"] if device["device_type"] == "CHF" else facts.hub(inventory, device, day)


def _associated(ask: Ask, device: Row, kind: str, day: date) -> str | None:
    """The MPAN of that kind whose association began last, then the smallest; to a supplier, of those registered to it."""
    candidates = [
        row
        for row in ask.inventory.where("device_mpxns", "device_id", device["device_id"])
        if row["kind"] == kind and facts.in_force(row, day) and _is_seen(ask, row["mpxn"], day)
    ]
    if not candidates:
        return None
    latest = max(row["effective_from"] for row in candidates)
    return str(min(row["mpxn"] for row in candidates if row["effective_from"] == latest))


def _is_seen(ask: Ask, mpxn: str, day: date) -> bool:
    """An association is a supplier's by its own MPxN's registration; to others it goes with the device."""
    if ask.viewer.kind != "SUPPLIER":
        return True
    found = facts.registration(ask.inventory, mpxn, day)
    return facts.owns(
        ask.inventory, ask.viewer.organisation, found and found["supplier_mpid"], "SUPPLIER", day
    )
