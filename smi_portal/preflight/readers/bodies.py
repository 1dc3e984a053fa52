"""The bodies of SRV 8.4 and 12.2 into requests. Children are found by local name; what nobody knows is refused."""

from __future__ import annotations

from lxml import etree

from smi_portal.preflight.readers.checked import Unreadable, device_type_of, mpxn_of, status_of
from smi_portal.preflight.requests import (
    PRE_NOTIFICATION,
    UPDATE,
    Change,
    MpxnKind,
    Place,
    Product,
    Request,
)

#: Elements of UpdateDeviceDetails and DevicePrenotification. The firmware's name differs between the two.
DETAILS = {
    "DeviceManufacturer": "manufacturer",
    "DeviceModel": "model",
    "SMETSCHTSVersion": "smets_chts_version",
    "FirmwareVersion": "firmware_version",
    "DeviceFirmwareVersion": "firmware_version",
    "ESMEVariant": "variant",
    "MAPID": "map_id",
}
PRE_NOTIFIED = {
    **DETAILS,
    "DeviceID": "device_id",
    "DeviceType": "device_type",
    "AssociatedGPFDeviceID": "gpf_device_id",
}
MPXNS = {
    "ImportMPxN": MpxnKind.IMPORT,
    "ImportMPAN": MpxnKind.IMPORT,
    "ImportMPRN": MpxnKind.IMPORT,
    "SecondaryImportMPAN": MpxnKind.SECONDARY_IMPORT,
    "SecondaryImportMPxN": MpxnKind.SECONDARY_IMPORT,
    "ExportMPAN": MpxnKind.EXPORT,
    "ExportMPxN": MpxnKind.EXPORT,
}


def read_update(body: etree._Element, place: Place, request_id: str, device_id: str) -> Request:
    """The request of an UpdateInventory. Raises Unreadable."""
    asked = [child for child in body if _name(child) != "DeviceID"]
    if not asked:
        return Request(place, request_id, UPDATE, device_id, Change.NOTHING)
    if len(asked) > 1:
        names = ", ".join(_name(child)[:60] for child in asked[:6])
        raise Unreadable(
            f"The request asks for several changes at once ({names}).", "Send one request for each change."
        )
    try:
        change = Change(_name(asked[0]))
    except ValueError:
        raise Unreadable(
            f"An UpdateInventory has no {_name(asked[0])[:60]!r}.",
            f"It holds one of: {', '.join(one.value for one in Change if one is not Change.NOTHING)}.",
        ) from None
    if change in {Change.STATUS, Change.HUB_STATUS}:
        return Request(place, request_id, UPDATE, device_id, change, status=status_of(_inner(asked[0])))
    if change is Change.MPXN:
        return _mpxn(asked[0], place, request_id, device_id)
    if change is Change.DETAILS:
        found = _children(asked[0], DETAILS)
        return Request(
            place, request_id, UPDATE, device_id, change,
            product=_product(found), smets_chts_version=found.get("smets_chts_version"), map_id=found.get("map_id"),
        )  # fmt: skip
    return Request(place, request_id, UPDATE, device_id, change)


def read_pre_notification(body: etree._Element, place: Place, request_id: str, device_id: str) -> Request:
    """The request of a DevicePrenotification. Raises Unreadable."""
    found = _children(body, PRE_NOTIFIED)
    found["device_type"] = device_type_of(found.get("device_type", ""))
    for name in ("DeviceManufacturer", "DeviceModel"):
        if DETAILS[name] not in found:
            raise Unreadable(
                f"The pre-notification has no {name}.", f"Add the element {name} with its value."
            )
    return Request(
        place, request_id, PRE_NOTIFICATION, device_id,
        product=_product(found), smets_chts_version=found.get("smets_chts_version"), map_id=found.get("map_id"),
    )  # fmt: skip


def _mpxn(element: etree._Element, place: Place, request_id: str, device_id: str) -> Request:
    given = [child for child in element if _inner(child)]
    if not given:
        return Request(place, request_id, UPDATE, device_id, Change.MPXN)
    if len(given) > 1 or _name(given[0]) not in MPXNS:
        raise Unreadable(
            "UpdateMPxN does not hold exactly one MPxN that is known.",
            "It holds exactly one of ImportMPxN, SecondaryImportMPAN, ExportMPAN.",
        )
    kind = MPXNS[_name(given[0])]
    return Request(
        place,
        request_id,
        UPDATE,
        device_id,
        Change.MPXN,
        mpxn_kind=kind,
        mpxn=mpxn_of(_inner(given[0]), kind),
    )


def _children(element: etree._Element, known: dict[str, str]) -> dict[str, str]:
    """The values of an element's children by our names; those without a value are left out."""
    found: dict[str, str] = {}
    for child in element:
        name = _name(child)
        if name not in known:
            raise Unreadable(
                f"{_name(element)} has an element {name[:60]!r} that is not known.",
                f"It may hold: {', '.join(known)}.",
            )
        if known[name] in found:
            raise Unreadable(f"{_name(element)} has {name} twice.", "Give each element once.")
        if text := _inner(child):
            found[known[name]] = text
    return found


def _product(found: dict[str, str]) -> Product:
    return Product(
        found.get("device_type"),
        found.get("variant"),
        found.get("manufacturer"),
        found.get("model"),
        found.get("firmware_version"),
    )


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _inner(element: etree._Element) -> str:
    """All text within, since a status may stand in an element of its own."""
    return "".join(element.itertext()).strip()[:1_000]
