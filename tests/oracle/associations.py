"""The rows of RSMI_006: associations of devices and MPxNs, with the DP213 conditions that they break."""

from collections.abc import Hashable, Iterator
from datetime import date

from . import facts
from .inventory import Inventory, Row
from .sight import Ask, Moment, moments, sees

Cells = dict[str, object]
Key = tuple[str, str]

UPDATABLE = {"Whitelisted", "InstalledNotCommissioned", "Commissioned"}
MPAN_PRIMES = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
FUELS = {"ESME": "E", "GSME": "G"}


def rsmi_006(ask: Ask) -> Iterator[Cells]:
    """One row an association in force at D; with history, a row a period of a device, kind and MPxN."""
    for device in ask.inventory["devices"]:
        rows = ask.inventory.where("device_mpxns", "device_id", device["device_id"])
        for kind, mpxn in sorted({(row["kind"], row["mpxn"]) for row in rows}):
            yield from _rows(ask, device, (kind, mpxn))


def association(inventory: Inventory, device: Row, key: Key, day: date) -> Row | None:
    """The row of that kind and MPxN in force that day."""
    for row in inventory.where("device_mpxns", "device_id", device["device_id"]):
        if (row["kind"], row["mpxn"]) == key and facts.in_force(row, day):
            return row
    return None


def _rows(ask: Ask, device: Row, key: Key) -> Iterator[Cells]:
    inventory, viewer = ask.inventory, ask.viewer

    def there(day: date) -> bool:
        return association(inventory, device, key, day) is not None

    def sight(day: date) -> bool:
        """A supplier's sight is of this association, by its MPxN's registration; a MAP's is of its meter."""
        if viewer.kind != "SUPPLIER":
            return sees(inventory, viewer, device, day)
        registration = facts.registration(inventory, key[1], day)
        mpid = registration["supplier_mpid"] if registration else None
        owned = facts.owns(inventory, viewer.organisation, mpid, "SUPPLIER", day)
        return owned and there(day) and facts.exists(device, day)

    def values(day: date) -> Hashable:
        registration = facts.registration(inventory, key[1], day)
        return (
            facts.status(inventory, device, day),
            facts.firmware(inventory, device, day),
            facts.map_id(inventory, device, day),
            registration["supplier_mpid"] if registration and viewer.is_shown("supplier") else None,
        )

    for moment in moments(ask, sight, there, values):
        yield _row(ask, device, key, moment)


def _row(ask: Ask, device: Row, key: Key, moment: Moment) -> Cells:
    inventory, day = ask.inventory, moment.day
    row = association(inventory, device, key, day)
    assert row is not None, "a row of RSMI_006 has its association in force"
    registration = facts.registration(inventory, key[1], day)
    cells: Cells = {
        "device_id": device["device_id"],
        "device_type": device["device_type"],
        "esme_variant": device["esme_variant"],
        "device_status": facts.status(inventory, device, day),
        "kind": key[0],
        "mpxn": key[1],
        "mpxn_effective_from": row["effective_from"],
        "mpxn_effective_to": moment.ending(row["effective_to"]),
        "supplier_id": registration and registration["supplier_mpid"],
        "supplier_effective_from": registration
        and moment.party_start(ask.viewer, registration["effective_from"]),
        "map_id": facts.map_id(inventory, device, day),
        "finding": ";".join(findings(inventory, device, key, day)),
    }
    if ask.history:
        cells |= {"valid_from": moment.valid.start, "valid_to": moment.ending(moment.valid.end)}
    return cells


def findings(inventory: Inventory, device: Row, key: Key, day: date) -> list[str]:
    """The DP213 conditions that the association breaks that day, in the report's order."""
    kind, mpxn = key
    broken = {
        "CHECK_DIGIT": not _check_digit_passes(device, kind, mpxn),
        "E080413": not _kind_fits(device, kind),
        "E080414": facts.status(inventory, device, day) not in UPDATABLE,
        "DUPLICATE": _is_duplicate(inventory, device, key, day),
        "UNREGISTERED": facts.registration(inventory, mpxn, day) is None,
        "FUEL": fuel_is_wrong(inventory, device, day),
    }
    return [finding for finding, breaks in broken.items() if breaks]


def is_mpan(text: str) -> bool:
    """13 digits; the last = the first twelve by twelve primes, summed, mod 11 mod 10."""
    if len(text) != 13 or not _all_digits(text):
        return False
    total = sum(int(digit) * prime for digit, prime in zip(text[:12], MPAN_PRIMES, strict=True))
    return total % 11 % 10 == int(text[12])


def is_mprn(text: str) -> bool:
    """A body of up to 8 digits and two that check it: weights n to 1, summed, mod 11."""
    if not 3 <= len(text) <= 10 or not _all_digits(text):
        return False
    body, check = text[:-2], text[-2:]
    total = sum(int(digit) * (len(body) - place) for place, digit in enumerate(body))
    return total % 11 == int(check)


def _all_digits(text: str) -> bool:
    return set(text) <= set("0123456789")


def _check_digit_passes(device: Row, kind: str, mpxn: str) -> bool:
    if kind != "IMPORT" or device["device_type"] == "ESME":
        return is_mpan(mpxn)
    return is_mprn(mpxn) or (device["device_type"] != "GSME" and is_mpan(mpxn))


def _kind_fits(device: Row, kind: str) -> bool:
    """Import: a meter. Secondary import: a twin-element ESME (variants B…). Export: an ESME."""
    if kind == "IMPORT":
        return facts.is_meter(device)
    if kind == "SECONDARY_IMPORT":
        return device["device_type"] == "ESME" and str(device["esme_variant"] or "").startswith("B")
    return bool(device["device_type"] == "ESME")


def _is_duplicate(inventory: Inventory, device: Row, key: Key, day: date) -> bool:
    """The same MPxN, of the same kind, on another meter that is in one of the three statuses."""
    for row in inventory.where("device_mpxns", "mpxn", key[1]):
        other = inventory.device(row["device_id"])
        if (
            row["kind"] == key[0]
            and facts.in_force(row, day)
            and other["device_id"] != device["device_id"]
            and facts.is_meter(other)
            and facts.status(inventory, other, day) in UPDATABLE
        ):
            return True
    return False


def fuel_is_wrong(inventory: Inventory, device: Row, day: date) -> bool:
    """MDD knows the MAP ID as a MAP's, on any date, but never for the device's fuel."""
    known = [
        row["fuel"]
        for row in inventory.where("participants", "mpid", facts.map_id(inventory, device, day))
        if row["role"] == "MAP"
    ]
    return bool(known) and FUELS[device["device_type"]] not in known
