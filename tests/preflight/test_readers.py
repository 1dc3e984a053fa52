"""What comes in: DUIS XML, zips and CSV, well made, badly made and hostile. Nothing is raised; everything is a sentence."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smi_portal.preflight.readers import duis
from smi_portal.preflight.readers.files import read_stream
from smi_portal.preflight.readers.limits import PAGE, Limits
from smi_portal.preflight.requests import Change, MpxnKind, Outcome, Place, Product, Request, Verdict

from .conftest import NS, pre_notification, update, xml

ID = "00-DB-12-34-56-78-90-A0"
SMALL = Limits(file=50_000, document=20_000, unpacked=200_000, requests=5)


def read(content: bytes, limits: Limits = PAGE) -> list[Request | Verdict]:
    return list(read_stream("f", io.BytesIO(content), limits))


def one(content: bytes) -> Request:
    (found,) = read(content)
    assert isinstance(found, Request), found
    return found


def wrong(content: bytes, limits: Limits = PAGE) -> Verdict:
    (found,) = read(content, limits)
    assert isinstance(found, Verdict)
    assert found.outcome is Outcome.MALFORMED
    assert found.reason
    assert found.resolution
    assert found.code is None
    return found


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


TWO = "<sr:UpdateMPxN><sr:ImportMPxN>12</sr:ImportMPxN><sr:ExportMPAN>1</sr:ExportMPAN></sr:UpdateMPxN>"
DELETE = xml(update(ID, "<sr:DeleteDevice/>"))


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


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)


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


def test_many_in_a_zip() -> None:
    found = read(
        zipped({"b.xml": DELETE, "a.xml": DELETE, "c/d.csv": b"device_id,map_id\n00db1234567890a0,MAPA\n"})
    )
    assert [str(item.place) for item in found] == ["f/a.xml", "f/b.xml", "f/c/d.csv, line 2"]
    assert all(isinstance(item, Request) for item in found)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"bomb.xml": b"<a>" + b" " * 5_000_000}, "too large"),
        ({"inner.zip": zipped({"a.xml": DELETE})}, "within an archive"),
        ({}, "no file"),
        ({"xl/workbook.xml": b"<x/>"}, "workbook"),
        ({f"{n}.xml": DELETE for n in range(6)}, "at most 5"),
    ],
)
def test_archives_that_are_refused(files: dict[str, bytes], says: str) -> None:
    assert says in (wrong(zipped(files), SMALL).reason or "")


def test_a_bomb_of_many_small_files_stops_at_the_limit() -> None:
    found = read(zipped({f"{n}.csv": b"device_id\n" + b" \n" * 24_000 for n in range(5)}), SMALL)
    assert "unpacks to more than" in (found[-1].reason or "")  # type: ignore[union-attr]
    assert len(found) <= 5


def test_an_archive_that_lies_about_its_sizes() -> None:
    content = bytearray(zipped({"a.xml": b" " * 300_000}))
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    content[22:26] = struct.pack("<I", 10)
    assert wrong(bytes(content), SMALL).outcome is Outcome.MALFORMED


def test_a_password_and_damage() -> None:
    content = bytearray(zipped({"a.xml": DELETE}))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    content[6] |= 1
    assert "password" in (wrong(bytes(content)).reason or "")
    assert "damaged" in (wrong(zipped({"a.xml": DELETE})[:-30]).reason or "")


CSV = b"Device ID;MAP ID;Import MPxN;status;Request_ID\n"


def test_lines_of_a_csv() -> None:
    found = read(
        b"\xef\xbb\xbf" + CSV + b"00:db:12:34:56:78:90:a0;MAPA;;;r1\n\n00DB1234567890A0;;1000000000012;;\n"
        b"00DB1234567890A0;;;Pending;\n00DB1234567890A0;;;;\n"
    )
    assert [getattr(item, "change", None) for item in found] == [
        Change.DETAILS,
        Change.MPXN,
        Change.STATUS,
        Change.NOTHING,
    ]
    assert [item.place.line for item in found] == [2, 4, 5, 6]
    assert found[0].request_id == "r1"
    pasted = one(b"device_id\tservice_reference_variant\tdevice_type\tmanufacturer\tmodel\tmap_id\n"
                 b"00DB1234567890A0\t12.2\tGSME\tFen\tF1\t\n")  # fmt: skip
    assert (pasted.variant, pasted.product.device_type, pasted.map_id) == ("12.2", "GSME", None)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"1.2E+12;;;;", "not an EUI-64"),
        (b";MAPA;;;", "no Device ID"),
        (b"00DB1234567890A0;;1,2E+12;;", "spreadsheet"),
        (b"00DB1234567890A0;MAPA;1000000000012;;", "several changes"),
        (b"00DB1234567890A0;;;Exploded;", "not a device status"),
        (b"00DB1234567890A0;MAPA;;;;extra", "more cells"),
        (b"Device ID;MAP ID;Import MPxN;status;Request_ID", "not an EUI-64"),  # a second header row
    ],
)
def test_a_bad_line_does_not_spoil_the_others(line: bytes, says: str) -> None:
    first, second = read(CSV + line + b"\n00DB1234567890A0;MAPA;;;\n")
    assert isinstance(first, Verdict)
    assert says in (first.reason or "")
    assert isinstance(second, Request)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a,b\n1,2\n", "no column device_id"),
        (b"My changes,,\ndevice_id,map_id\n", "no column device_id"),
        (b"device_id,colour\n1,2\n", "'colour' is not known"),
        (b"device_id,map_id,MAP ID\n1,2,3\n", "twice"),
        (b"device_id\n", "no lines"),
        (b'device_id\n"' + b"x" * 100_000, "not CSV"),
        (b"device_id\n" + b"00DB1234567890A0\n" * 6, "more than 5"),
    ],
)
def test_a_csv_that_is_refused_as_a_whole(content: bytes, says: str) -> None:
    found = [item for item in read(content, Limits(requests=5)) if isinstance(item, Verdict)]
    assert says in (found[-1].reason or "")


def test_a_gigabyte_is_not_read(tmp_path: Path) -> None:
    """A sparse file: what is read of it is no more than the limit."""
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(1024**3)
    with path.open("rb") as stream:
        (found,) = read_stream("huge.csv", stream, PAGE)
        assert stream.tell() <= PAGE.file + 1
    assert "too large" in (found.reason or "")  # type: ignore[union-attr]


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
