"""Read Inventory as an answer for machines: JSON, and XML in the element order of the SRV 8.2 response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.etree import ElementTree

from reports.engine.ask import Ask
from reports.engine.table import cell

NAMESPACE: Final = "http://www.dccinterface.co.uk/ServiceUserGateway"

#: Element → column. The order is the response's; `MAPID` is the name that this portal gives to what SECMP0011 adds.
ELEMENTS: Final = (
    ("DeviceID", "device_id"),
    ("DeviceType", "device_type"),
    ("DeviceStatus", "device_status"),
    ("DeviceManufacturer", "manufacturer"),
    ("DeviceModel", "device_model"),
    ("SMETSCHTSVersion", "smets_chts_version"),
    ("DeviceFirmwareVersion", "firmware_version"),
    ("DeviceFirmwareVersionStatus", "firmware_version_status"),
    ("CPLStatus", "cpl_status"),
    ("DateCommissioned", "commissioned_date"),
    ("ImportMPxN", "mpxn"),
    ("SecondaryImportMPAN", "secondary_import_mpan"),
    ("ExportMPAN", "export_mpan"),
    ("ESMEVariant", "esme_variant"),
    ("UPRN", "uprn"),
    ("PropertyFilter", ("property_post_code", "address_identifier")),
    ("CSPRegion", "csp_region"),
    ("MAPID", "map_id"),
)
#: Parts of PropertyFilter.
PROPERTY: Final = (("PostCode", "property_post_code"), ("AddressIdentifier", "address_identifier"))


def as_json(ask: Ask, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The devices with every column that exists for the viewer: ISO days, null for no value."""
    return {
        "service_reference_variant": "8.2",
        "as_at": ask.day.isoformat(),
        "extract": {"sequence": ask.load.sequence, "as_at": f"{ask.load.as_at:%Y-%m-%dT%H:%M:%SZ}"},
        "count": len(rows),
        "devices": [
            {key: None if value is None else cell(value) for key, value in row.items()} for row in rows
        ],
    }


def as_xml(ask: Ask, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The devices as an 8.2 response would list them; an element without a value, or not released, is left out.

    The envelope is our design: it has no signature and no DCC header, and says so by its element names.
    """
    ElementTree.register_namespace("sr", NAMESPACE)
    root = ElementTree.Element(_name("ReadInventoryResponse"))
    root.set("asAt", ask.day.isoformat())
    root.set("extract", str(ask.load.sequence))
    for row in rows:
        device = ElementTree.SubElement(root, _name("Device"))
        for element, column in ELEMENTS:
            if isinstance(column, tuple):
                _property(device, element, row)
            else:
                _leaf(device, element, row.get(column))
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _property(device: ElementTree.Element, name: str, row: Mapping[str, Any]) -> None:
    if any(row.get(column) is not None for _, column in PROPERTY):
        node = ElementTree.SubElement(device, _name(name))
        for element, column in PROPERTY:
            _leaf(node, element, row.get(column))


def _leaf(parent: ElementTree.Element, name: str, value: Any) -> None:
    if value is not None:
        ElementTree.SubElement(parent, _name(name)).text = _clean(cell(value))


def _clean(text: str) -> str:
    """XML 1.0 cannot hold control characters, not even escaped."""
    return "".join(
        character
        if character in "\t\n\r" or (character >= " " and character not in "\ufffe\uffff")
        else "\ufffd"
        for character in text
    )


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"
