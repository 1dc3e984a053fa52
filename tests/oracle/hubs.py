"""The rows of RSMI_004: Communications Hubs with no attached devices."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from . import facts
from .inventory import Inventory, Row
from .sight import Ask

Cells = dict[str, object]


@dataclass(frozen=True)
class LastMeter:
    """The meter whose link to a hub ended last, with its MAP and supplier on its last linked day."""

    device_id: str
    day: date
    map_id: str | None
    supplier_id: str | None


def rsmi_004(ask: Ask) -> Iterator[Cells]:
    """One row a hub, neither Decommissioned nor Withdrawn, to which nothing but a GPF is linked at D."""
    for hub in ask.inventory["devices"]:
        if hub["device_type"] != "CHF" or not facts.exists(hub, ask.day):
            continue
        status = facts.status(ask.inventory, hub, ask.day)
        if status in {None, "Decommissioned", "Withdrawn"} or _is_busy(ask.inventory, hub, ask.day):
            continue
        last = last_meter(ask.inventory, hub, ask.day)
        had_it = last is not None and _had(ask, last)
        if ask.viewer.kind == "DCC" or had_it or _pre_notified(ask, hub):
            yield _row(ask, hub, status, last if ask.viewer.kind == "DCC" or had_it else None)


def _links(inventory: Inventory, hub: Row) -> list[tuple[Row, Row]]:
    """Every link to the hub that is or was an attached device (a GPF is part of its hub), with the device."""
    links = inventory.where("hub_links", "chf_device_id", hub["device_id"])
    pairs = [(link, inventory.device(link["device_id"])) for link in links]
    return [(link, device) for link, device in pairs if device["device_type"] != "GPF"]


def _is_busy(inventory: Inventory, hub: Row, day: date) -> bool:
    return any(facts.in_force(link, day) for link, _ in _links(inventory, hub))


def last_meter(inventory: Inventory, hub: Row, day: date) -> LastMeter | None:
    """The meter whose link ended last on or before that day; of several, the smallest Device ID."""
    ended = [
        (link["effective_to"], device)
        for link, device in _links(inventory, hub)
        if facts.is_meter(device) and link["effective_to"] is not None and link["effective_to"] <= day
    ]
    if not ended:
        return None
    end = max(end for end, _ in ended)
    meter = min((device for when, device in ended if when == end), key=lambda device: device["device_id"])
    last_day = end - timedelta(days=1)
    return LastMeter(
        meter["device_id"],
        last_day,
        facts.map_id(inventory, meter, last_day),
        facts.supplier(inventory, meter, last_day),
    )


def last_link_end(inventory: Inventory, hub: Row, day: date) -> date | None:
    """The day on which the last attached device had left, by that day; None when none ever had."""
    ends = [link["effective_to"] for link, _ in _links(inventory, hub)]
    return max((end for end in ends if end is not None and end <= day), default=None)


def days_without_devices(inventory: Inventory, hub: Row, day: date) -> int:
    """Days since the last link ended; never linked: since installation if by then, else pre-notification."""
    past = last_link_end(inventory, hub, day)
    if past:
        since = past
    elif hub["installed_on"] and hub["installed_on"] <= day:
        since = hub["installed_on"]
    else:
        since = hub["pre_notified_on"]
    return int((day - since).days)


def _had(ask: Ask, last: LastMeter) -> bool:
    """Whether the viewer was the last meter's supplier, or its MAP, on its last linked day."""
    organisation, role = ask.viewer.organisation, ask.viewer.kind
    mpid = last.supplier_id if role == "SUPPLIER" else last.map_id
    return role in {"SUPPLIER", "MAP"} and facts.owns(ask.inventory, organisation, mpid, role, last.day)


def _pre_notified(ask: Ask, hub: Row) -> bool:
    return ask.viewer.kind == "SUPPLIER" and hub["pre_notified_by"] == ask.viewer.organisation


def _row(ask: Ask, hub: Row, status: str | None, last: LastMeter | None) -> Cells:
    return {
        "device_id": hub["device_id"],
        "device_model": hub["model"],
        "manufacturer": hub["manufacturer"],
        "device_status": status,
        "csp_region": hub["csp_region"],
        "installation_date": hub["installed_on"],  # not blanked, here alone
        "days_without_devices": days_without_devices(ask.inventory, hub, ask.day),
        "last_attached_device_id": last.device_id if last else None,
        "last_attached_on": last.day if last else None,
        "map_id": last.map_id if last else None,
        "supplier_id": last.supplier_id if last else None,
    }
