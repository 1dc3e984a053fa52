"""The rows of DQ_001: each condition that a visible device, association or empty hub breaks at D."""

from collections.abc import Iterator
from datetime import timedelta

from . import facts
from .associations import findings, fuel_is_wrong, rsmi_006
from .hubs import last_link_end, rsmi_004
from .inventory import Inventory, Row
from .sight import Ask, sees

Cells = dict[str, object]
Broken = Iterator[tuple[str, str]]

TITLES = {
    "CHECK_DIGIT": "Wrong check digit",
    "E080413": "MPxN unfit for the device",
    "E080414": "MPxN on a device in an unfit status",
    "DUPLICATE": "Same MPxN on another meter",
    "UNREGISTERED": "MPxN without a supplier",
    "MAP_BLANK": "No MAP ID",
    "MAP_UNKNOWN": "MAP ID not in MDD",
    "MAP_ENDED": "MAP ID ended in MDD",
    "MAP_NOT_BEGUN": "MAP ID not yet effective in MDD",
    "FUEL": "MAP ID of the other fuel",
    "NO_CPL": "Not on the Certified Products List",
    "STALE_PENDING": "Pending for long",
    "EMPTY_HUB": "Hub without devices",
}
OF_ASSOCIATIONS = ("CHECK_DIGIT", "E080413", "E080414", "DUPLICATE", "UNREGISTERED")


def dq_001(ask: Ask) -> Iterator[Cells]:
    """One row a finding."""
    for device in ask.inventory["devices"]:
        if sees(ask.inventory, ask.viewer, device, ask.day):
            for finding, value in _of_device(ask, device):
                yield _row(ask, device, finding, value)
    yield from _of_associations(ask)
    yield from _of_hubs(ask)


def _of_device(ask: Ask, device: Row) -> Broken:
    """What the device itself breaks, and the text that shows it."""
    inventory, day, role = ask.inventory, ask.day, ask.viewer.kind
    meter = facts.is_meter(device)
    map_id = facts.map_id(inventory, device, day)
    mpxn = facts.mpxn(inventory, device, day)
    status = facts.status_row(inventory, device, day)
    live = status is None or status["status"] not in {"Decommissioned", "Withdrawn"}
    if role == "SUPPLIER" and mpxn and facts.supplier(inventory, device, day) is None:
        yield "UNREGISTERED", mpxn
    if role != "MAP" and meter and map_id is None and live:
        yield "MAP_BLANK", ""
    if map_id is not None:
        yield from _of_map_id(inventory, ask, map_id)
    if meter and fuel_is_wrong(inventory, device, day):
        yield "FUEL", str(map_id)
    listed = facts.cpl_row(inventory, device, day) is not None
    if live and not listed and device["device_type"] not in {"IHD", "CAD"}:
        product = (device["manufacturer"], device["model"], facts.firmware(inventory, device, day))
        yield "NO_CPL", " / ".join(str(part) for part in product if part is not None)
    if status and status["status"] == "Pending" and status["effective_from"] <= ask.day - timedelta(days=90):
        yield "STALE_PENDING", f"since {status['effective_from']}"


def _of_map_id(inventory: Inventory, ask: Ask, map_id: str) -> Broken:
    entries = [row for row in inventory.where("participants", "mpid", map_id) if row["role"] == "MAP"]
    begun = [row for row in entries if row["effective_from"] <= ask.day]
    if not entries:
        yield "MAP_UNKNOWN", map_id
    elif not begun:
        yield "MAP_NOT_BEGUN", map_id
    elif not any(facts.in_force(row, ask.day) for row in begun):
        yield "MAP_ENDED", map_id


def _of_associations(ask: Ask) -> Iterator[Cells]:
    """Those of RSMI_006 that a data-quality list keeps; UNREGISTERED is not told to suppliers by this road."""
    for row in rsmi_006(ask):
        device = ask.inventory.device(str(row["device_id"]))
        key = (str(row["kind"]), str(row["mpxn"]))
        for finding in findings(ask.inventory, device, key, ask.day):
            known = finding in OF_ASSOCIATIONS
            if known and not (finding == "UNREGISTERED" and ask.viewer.kind == "SUPPLIER"):
                cells = _row(ask, device, finding, " ".join(key))
                yield cells | {"mpxn": key[1]}


def _of_hubs(ask: Ask) -> Iterator[Cells]:
    for row in rsmi_004(ask):
        hub = ask.inventory.device(str(row["device_id"]))
        since = last_link_end(ask.inventory, hub, ask.day)
        value = f"since {since}" if since else "never had one"
        yield _row(ask, hub, "EMPTY_HUB", value) | {"mpxn": None, "map_id": None}


def _row(ask: Ask, device: Row, finding: str, value: str) -> Cells:
    return {
        "device_id": device["device_id"],
        "device_type": device["device_type"],
        "device_status": facts.status(ask.inventory, device, ask.day),
        "finding": finding,
        "finding_title": TITLES[finding],
        "value": value,
        "mpxn": facts.mpxn(ask.inventory, device, ask.day),
        "map_id": facts.map_id(ask.inventory, device, ask.day),
    }
