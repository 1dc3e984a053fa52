"""Read Inventory for machines: JSON, and XML whose elements stand in the order of the response."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree

from reports.catalogue.srv_8_2 import ANSWERED
from reports.engine.ask import Ask
from smi_portal.lookup.answers import ELEMENTS, NAMESPACE, as_json, as_xml

#: SRV 8.2's elements in their order, with the MAP ID of SECMP0011 last.
ORDER = (
    *("DeviceID", "DeviceType", "DeviceStatus", "DeviceManufacturer", "DeviceModel", "SMETSCHTSVersion"),
    *("DeviceFirmwareVersion", "DeviceFirmwareVersionStatus", "CPLStatus", "DateCommissioned", "ImportMPxN"),
    *("SecondaryImportMPAN", "ExportMPAN", "ESMEVariant", "UPRN", "PropertyFilter", "CSPRegion", "MAPID"),
)

ASK = cast(
    Ask,
    SimpleNamespace(
        day=date(2018, 11, 20),
        load=SimpleNamespace(sequence=7, as_at=datetime(2018, 11, 20, 6, tzinfo=UTC)),
    ),
)
ROW: dict[str, Any] = {column.key: f"a {column.key}" for column in ANSWERED} | {
    "commissioned_date": date(2018, 1, 2),
    "device_model": "bell\x07 & <b>",
}


def test_the_elements_are_those_of_the_response_in_its_order() -> None:
    assert [name for name, _ in ELEMENTS] == list(ORDER)
    root = ElementTree.fromstring(as_xml(ASK, [ROW]))
    (device,) = root
    assert [child.tag for child in device] == [f"{{{NAMESPACE}}}{name}" for name in ORDER]
    assert device.findtext(f"{{{NAMESPACE}}}DateCommissioned") == "2018-01-02"
    assert device.findtext(f"{{{NAMESPACE}}}DeviceModel") == "bell\ufffd & <b>"
    assert [
        child.tag.rpartition("}")[2] for child in device.find(f"{{{NAMESPACE}}}PropertyFilter") or ()
    ] == [
        "PostCode",
        "AddressIdentifier",
    ]


def test_what_has_no_value_or_is_not_released_is_left_out() -> None:
    row = {key: None if key == "export_mpan" else value for key, value in ROW.items()}
    for key in ("uprn", "property_post_code", "address_identifier"):
        del row[key]
    (device,) = ElementTree.fromstring(as_xml(ASK, [row]))
    names = [child.tag.rpartition("}")[2] for child in device]
    assert names == [name for name in ORDER if name not in {"ExportMPAN", "UPRN", "PropertyFilter"}]


def test_json_says_the_same_with_nulls() -> None:
    answer = as_json(ASK, [ROW | {"export_mpan": None}])
    assert (answer["count"], answer["as_at"], answer["extract"]["sequence"]) == (1, "2018-11-20", 7)
    assert answer["devices"][0]["export_mpan"] is None
    assert answer["devices"][0]["commissioned_date"] == "2018-01-02"
