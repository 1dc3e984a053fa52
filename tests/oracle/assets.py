"""The rows of the reports of devices: MAP_001, RSMI_001, RSMI_002, RSMI_003 and RSMI_007."""

from collections.abc import Callable, Hashable, Iterator
from datetime import date

from . import facts
from .inventory import Row
from .sight import Ask, Moment, moments, sees

Cells = dict[str, object]
DeviceRow = Callable[[Ask, Row, Moment], Cells]


def splitting(ask: Ask, device: Row) -> Callable[[date], Hashable]:
    """What splits a device's history: not the supplier, for a MAP to which it is not released."""

    def values(day: date) -> Hashable:
        inventory = ask.inventory
        shown = [
            facts.status(inventory, device, day),
            facts.firmware(inventory, device, day),
            facts.mpxn(inventory, device, day),
            facts.map_id(inventory, device, day),
        ]
        if ask.viewer.is_shown("supplier"):
            shown.append(facts.supplier(inventory, device, day))
        return tuple(shown)

    return values


def device_rows(ask: Ask, devices: list[Row], row_of: DeviceRow, needs_map: bool = False) -> Iterator[Cells]:
    """The rows of those devices that the viewer sees, at D or over their history."""
    for device in devices:
        for moment in _moments(ask, device, needs_map):
            cells = row_of(ask, device, moment)
            if ask.history:
                cells["valid_from"] = moment.valid.start
                cells["valid_to"] = moment.ending(moment.valid.end)
            yield cells


def _moments(ask: Ask, device: Row, needs_map: bool = False) -> Iterator[Moment]:
    return moments(
        ask,
        sight=lambda day: sees(ask.inventory, ask.viewer, device, day),
        there=lambda day: not needs_map or facts.map_id(ask.inventory, device, day) is not None,
        values=splitting(ask, device),
    )


def _meters(ask: Ask) -> list[Row]:
    return [device for device in ask.inventory["devices"] if facts.is_meter(device)]


def map_001(ask: Ask) -> Iterator[Cells]:
    """One row a meter with a MAP."""
    return device_rows(ask, _meters(ask), _map_001, needs_map=True)


def rsmi_001(ask: Ask) -> Iterator[Cells]:
    """One row a meter, with or without a MAP."""
    return device_rows(ask, _meters(ask), _rsmi_001)


def rsmi_002(ask: Ask) -> Iterator[Cells]:
    """One row a visible device of any type."""
    return device_rows(ask, ask.inventory["devices"], _rsmi_002)


def rsmi_003(ask: Ask) -> Iterator[Cells]:
    """One row a visible device of any type."""
    return device_rows(ask, ask.inventory["devices"], _rsmi_003)


def rsmi_007(ask: Ask) -> Iterator[Cells]:
    """One row a certificate of a visible device, but those issued after what the viewer may know of."""
    for device in ask.inventory["devices"]:
        for moment in _moments(ask, device):
            for certificate in ask.inventory.where("certificates", "device_id", device["device_id"]):
                if moment.event(certificate["issued_on"]) is not None:
                    yield _rsmi_007(ask, device, certificate, moment)


def shared(ask: Ask, device: Row, moment: Moment) -> Cells:
    """The cells that several reports have, or filter by, with the same meaning in each."""
    inventory, day = ask.inventory, moment.day
    status = facts.status_row(inventory, device, day)
    cpl = facts.cpl_row(inventory, device, day)
    return {
        "device_id": device["device_id"],
        "device_type": device["device_type"],
        "manufacturer": device["manufacturer"],
        "device_model": device["model"],
        "esme_variant": device["esme_variant"],
        "smets_chts_version": device["smets_chts_version"],
        "meter_serial_number": device["serial_number"],
        "csp_region": device["csp_region"],
        "pre_notified_on": device["pre_notified_on"],
        "installation_date": moment.event(device["installed_on"]),
        "device_status": status["status"] if status else None,
        "status_effective_from": status["effective_from"] if status else None,
        "firmware_version": facts.firmware(inventory, device, day),
        "firmware_version_status": cpl["firmware_status"] if cpl else None,
        "cpl_status": cpl["cpl_status"] if cpl else None,
        "mpxn": facts.mpxn(inventory, device, day),
        "map_id": facts.map_id(inventory, device, day),
        "supplier_id": facts.supplier(inventory, device, day),
    }


def _map_001(ask: Ask, device: Row, moment: Moment) -> Cells:
    inventory, day = ask.inventory, moment.day
    assignment = facts.map_row(inventory, device, day)
    assert assignment is not None, "a row of MAP_001 has a MAP"
    registration = facts.supplier_row(inventory, device, day)
    removed = moment.event(device["removed_on"])
    return shared(ask, device, moment) | {
        "dcc_compliant": facts.dcc_compliant(inventory, device, day),
        "dcc_approved": facts.dcc_approved(inventory, device, day),
        "removal_date": removed,
        "removal_reason": device["removal_reason"] if removed else None,
        "property_post_code": device["postcode"],
        "uprn": device["uprn"],
        "map_effective_from": assignment["effective_from"],
        "map_effective_to": moment.ending(assignment["effective_to"]),
        "supplier_effective_from": registration
        and moment.party_start(ask.viewer, registration["effective_from"]),
        "supplier_effective_to": registration and moment.ending(registration["effective_to"]),
    }


def _rsmi_001(ask: Ask, device: Row, moment: Moment) -> Cells:
    cells = shared(ask, device, moment)
    status = facts.status_row(ask.inventory, device, moment.day)
    return cells | {
        "days_in_status": (moment.day - status["effective_from"]).days if status else None,
        "commissioned_date": moment.event(device["commissioned_on"]),
        "communications_hub_id": facts.hub(ask.inventory, device, moment.day),
    }


def _rsmi_002(ask: Ask, device: Row, moment: Moment) -> Cells:
    firmware = facts.firmware_row(ask.inventory, device, moment.day)
    return shared(ask, device, moment) | {
        "firmware_effective_from": firmware["effective_from"] if firmware else None
    }


def _rsmi_003(ask: Ask, device: Row, moment: Moment) -> Cells:
    return shared(ask, device, moment)


def certificate_status(certificate: Row, day: date) -> str:
    """The state of a certificate that day: revocation outranks expiry, and expiry a day not yet come."""
    if certificate["revoked_on"] and certificate["revoked_on"] <= day:
        return "Revoked"
    if certificate["expires_on"] <= day:
        return "Expired"
    return "Not yet valid" if certificate["issued_on"] > day else "Active"


def _rsmi_007(ask: Ask, device: Row, certificate: Row, moment: Moment) -> Cells:
    return shared(ask, device, moment) | {
        "key_usage": certificate["key_usage"],
        "certificate_serial": certificate["certificate_serial"],
        "certificate_status": certificate_status(certificate, moment.day),
        "issued_on": certificate["issued_on"],
        "expires_on": certificate["expires_on"],
        "revoked_on": moment.event(certificate["revoked_on"]),
        "days_to_expiry": (certificate["expires_on"] - moment.day).days,
    }
