"""A `Request` as the XML that would be sent: the 8.4 of a line that its raiser can mend. Unsigned, to be signed there."""

from __future__ import annotations

from lxml import etree

from smi_portal.preflight.readers.duis import NAMESPACE
from smi_portal.preflight.requests import Change, MpxnKind, Request

#: RequestID is originator:target:counter, which only the sender's own system knows.
TO_FILL_IN = "00-00-00-00-00-00-00-00:00-00-00-00-00-00-00-00:0"
_MPXN = {
    MpxnKind.IMPORT: "ImportMPxN",
    MpxnKind.SECONDARY_IMPORT: "SecondaryImportMPAN",
    MpxnKind.EXPORT: "ExportMPAN",
}


def update_inventory(request: Request) -> bytes:
    """The SRV 8.4 of an intended change, schema version 5.2, with a RequestID to be filled in."""
    root = etree.Element(_named("Request"), {"schemaVersion": "5.2"}, nsmap={"sr": NAMESPACE})
    root.append(
        etree.Comment(" Put your own RequestID (originator:target:counter) in, then sign and send it. ")
    )
    header = etree.SubElement(root, _named("Header"))
    _put(header, "RequestID", TO_FILL_IN)
    _put(header, "CommandVariant", "8")
    _put(header, "ServiceReference", "8.4")
    _put(header, "ServiceReferenceVariant", "8.4")
    update = etree.SubElement(etree.SubElement(root, _named("Body")), _named("UpdateInventory"))
    _put(update, "DeviceID", request.device_id)
    _change(update, request)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _change(update: etree._Element, request: Request) -> None:
    if request.change in {Change.STATUS, Change.HUB_STATUS}:
        _put(update, request.change.value, request.status or "")
    elif request.change is Change.MPXN and request.mpxn_kind:
        _put(
            etree.SubElement(update, _named(Change.MPXN.value)), _MPXN[request.mpxn_kind], request.mpxn or ""
        )
    elif request.change is Change.DETAILS:
        details = etree.SubElement(update, _named(Change.DETAILS.value))
        for name, value in (
            ("DeviceManufacturer", request.product.manufacturer),
            ("DeviceModel", request.product.model),
            ("SMETSCHTSVersion", request.smets_chts_version),
            ("DeviceFirmwareVersion", request.product.firmware_version),
            ("ESMEVariant", request.product.variant),
            ("MAPID", request.map_id),
        ):
            if value:
                _put(details, name, value)
    elif request.change is Change.DELETE:
        etree.SubElement(update, _named(Change.DELETE.value))


def _put(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, _named(name)).text = text


def _named(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
