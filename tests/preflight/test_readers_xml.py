"""DUIS XML that comes in: well made, badly made and hostile. Nothing is raised; everything is a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smi_portal.preflight.readers import duis
from smi_portal.preflight.requests import Change, MpxnKind, Outcome, Place, Product, Request, Verdict

from .conftest import NS, pre_notification, update, xml
from .documents import DELETE, ID, LAUGHS, SMALL, one, read, wrong

TWO = "<sr:UpdateMPxN><sr:ImportMPxN>12</sr:ImportMPxN><sr:ExportMPAN>1</sr:ExportMPAN></sr:UpdateMPxN>"


@pytest.mark.parametrize("version", ["1.0", "1.1", "2.0", "3.1", "4.0", "5.2", "5.4"])
@pytest.mark.parametrize("signed", [True, False])
def test_every_schema_version_signed_or_not(version: str, signed: bool) -> None:
    found = one(xml(update(ID.lower(), "<sr:DeleteDevice/>"), version=version, signed=signed))
    assert (found.device_id, found.variant, found.change, found.request_id) == (
        ID,
        "8.4",
        Change.DELETE,
        "90-B3:90-B4:1",
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            "<sr:UpdateDeviceStatusExceptCH>Pending</sr:UpdateDeviceStatusExceptCH>",
            (Change.STATUS, "Pending", None, None),
        ),
        (
            "<sr:UpdateDeviceStatusCH><sr:DeviceStatus>Withdrawn</sr:DeviceStatus></sr:UpdateDeviceStatusCH>",
            (Change.HUB_STATUS, "Withdrawn", None, None),
        ),
        (
            "<sr:UpdateMPxN><sr:ImportMPxN>1000000000012</sr:ImportMPxN></sr:UpdateMPxN>",
            (Change.MPXN, None, MpxnKind.IMPORT, "1000000000012"),
        ),
        (
            "<sr:UpdateMPxN><sr:SecondaryImportMPAN>1000000000012</sr:SecondaryImportMPAN></sr:UpdateMPxN>",
            (Change.MPXN, None, MpxnKind.SECONDARY_IMPORT, "1000000000012"),
        ),
        (
            "<sr:UpdateMPxN><sr:ExportMPAN>1000000000012</sr:ExportMPAN></sr:UpdateMPxN>",
            (Change.MPXN, None, MpxnKind.EXPORT, "1000000000012"),
        ),
        ("", (Change.NOTHING, None, None, None)),
        ("<sr:UpdateDeviceDetails/>", (Change.DETAILS, None, None, None)),
    ],
)
def test_each_change_of_an_8_4(change: str, expected: tuple[object, ...]) -> None:
    found = one(xml(update(ID, change)))
    assert (found.change, found.status, found.mpxn_kind, found.mpxn) == expected


def test_details_and_the_map_id() -> None:
    found = one(
        xml(
            update(
                ID,
                "<sr:UpdateDeviceDetails><sr:DeviceModel> T1 </sr:DeviceModel><sr:ESMEVariant>AD</sr:ESMEVariant>"
                "<sr:DeviceFirmwareVersion/><sr:MAPID>MAPA</sr:MAPID></sr:UpdateDeviceDetails>",
            )
        )
    )
    assert (found.product, found.map_id, found.map_id_alone) == (
        Product(None, "AD", None, "T1", None),
        "MAPA",
        False,
    )
    alone = one(xml(update(ID, "<sr:UpdateDeviceDetails><sr:MAPID>MAPA</sr:MAPID></sr:UpdateDeviceDetails>")))
    assert alone.map_id_alone


def test_a_pre_notification() -> None:
    found = one(xml(pre_notification(ID), "12.2"))
    assert found.product == Product("ESME", "A", "Tarn", "T1", "01")
    assert (found.map_id, found.variant) == ("MAPA", "12.2")
    assert one(xml(pre_notification(ID, MAPID=""), "12.2")).map_id is None


def test_another_service_request_is_not_checked() -> None:
    (found,) = read(
        xml("<sr:ReadInventory><sr:DeviceID>00DB1234567890A0</sr:DeviceID></sr:ReadInventory>", "8.2")
    )
    assert isinstance(found, Verdict)
    assert (found.outcome, found.variant, found.device_id) == (Outcome.NOT_CHECKED, "8.2", ID)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<a", "well-formed"),
        (b"<a/>", "not a DUIS Request"),
        (f'<Request xmlns="{NS}x"/>'.encode(), "another namespace"),
        (f'<r:Request xmlns:r="{NS}" schemaVersion="6.0"/>'.encode(), "schema version"),
        (f'<r:Request xmlns:r="{NS}" schemaVersion="²"/>'.encode(), "schema version"),
        (f'<r:Request xmlns:r="{NS}"/>'.encode(), "no Header"),
        (xml(update(ID, "<sr:DeleteDevice/>"), request_id="x"), "RequestID"),
        (xml(update(ID, "<sr:DeleteDevice/>"), request_id=""), "RequestID"),
        (xml(update(ID, "<sr:DeleteDevice/>"), "eight"), "ServiceReferenceVariant"),
        (xml(update(ID, "<sr:DeleteDevice/>"), "12.2"), "exactly one DevicePrenotification"),
        (xml(""), "exactly one UpdateInventory"),
        (xml(update("00-DB", "<sr:DeleteDevice/>")), "not an EUI-64"),
        (xml("<sr:UpdateInventory><sr:DeleteDevice/></sr:UpdateInventory>"), "no DeviceID"),
        (xml(update(ID, "<sr:DeleteDevice/><sr:UpdateDeviceDetails/>")), "several changes"),
        (xml(update(ID, "<sr:Explode/>")), "no 'Explode'"),
        (xml(update(ID, "<sr:UpdateDeviceStatusCH>Exploded</sr:UpdateDeviceStatusCH>")), "not a device status"),
        (xml(update(ID, "<sr:UpdateDeviceDetails><sr:Colour>red</sr:Colour></sr:UpdateDeviceDetails>")), "'Colour'"),
        (xml(update(ID, TWO)), "exactly one MPxN"),
        (xml(update(ID, "<sr:UpdateMPxN><sr:ImportMPxN>1.2E+12</sr:ImportMPxN></sr:UpdateMPxN>")), "spreadsheet"),
        (xml(update(ID, "<sr:UpdateMPxN><sr:ExportMPAN>123409</sr:ExportMPAN></sr:UpdateMPxN>")), "no export MPAN"),
        (xml(pre_notification(ID, DeviceType="TOASTER"), "12.2"), "not a device type"),
        (xml(pre_notification(ID, DeviceModel=""), "12.2"), "no DeviceModel"),
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"\x00\x01\x02", "neither XML"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_named(content: bytes, says: str) -> None:
    assert says in (wrong(content).reason or "")


@pytest.mark.parametrize(
    "declaration",
    [
        LAUGHS + b"]><l>&j;</l>",
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><r/>',
        b'<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p;]><r/>',
        (b" " * 150_000) + b"<!DOCTYPE r><r/>",
        ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE r [<!ENTITY x "y">]><r>&x;</r>').encode("utf-16"),
    ],
)
def test_no_dtd_no_entities_no_network(declaration: bytes) -> None:
    found = wrong(declaration)
    assert "DOCTYPE" in (found.reason or "")
    assert "root:" not in str(found)


def test_a_deep_document_and_a_long_one_end_in_a_sentence() -> None:
    wrong(b"<a>" * 100_000)
    wrong(xml(update(ID, "x" * 2_000_000)))


def test_dccs_own_schema_where_there_is_one(tmp_path: Path) -> None:
    schema = tmp_path / "duis.xsd"
    schema.write_text(
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{NS}">'
        '<xs:element name="Request"><xs:complexType><xs:sequence>'
        '<xs:any maxOccurs="2" processContents="skip"/></xs:sequence>'
        '<xs:attribute name="schemaVersion"/></xs:complexType></xs:element></xs:schema>'
    )
    place = Place("f")
    assert isinstance(
        duis.read(xml(update(ID, "<sr:DeleteDevice/>"), signed=False), place, str(schema)), Request
    )
    found = duis.read(DELETE, place, str(schema))
    assert isinstance(found, Verdict)
    assert "DCC's schema refuses it" in (found.reason or "")
    assert found.device_id == ID


@given(st.one_of(st.binary(max_size=400), st.binary(max_size=200).map(lambda tail: DELETE[:300] + tail)))
def test_any_bytes_end_in_requests_or_sentences(content: bytes) -> None:
    for item in read(content, SMALL):
        assert isinstance(item, Request) or (item.outcome is not Outcome.ACCEPTED and item.reason)
