"""Documents as suppliers' systems write them, and a small inventory to check them against."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from smi_portal.access.scope import Viewer
from tests.oracle.home import Home
from tests.support.asking import viewer_of
from tests.support.loads import forget, load_tables
from tests.support.people import make_people

NS = "http://www.dccinterface.co.uk/ServiceUserGateway"
SIGNATURE = (
    '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/>'
    "<ds:SignatureValue>AAAA</ds:SignatureValue></ds:Signature>"
)


def xml(
    body: str, srv: str = "8.4", request_id: str = "90-B3:90-B4:1", version: str = "5.2", signed: bool = True
) -> bytes:
    """A DUIS request around a body whose elements have the prefix sr."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<sr:Request xmlns:sr="{NS}" schemaVersion="{version}">'
        f"<sr:Header><sr:RequestID>{request_id}</sr:RequestID><sr:CommandVariant>8</sr:CommandVariant>"
        f"<sr:ServiceReference>{srv}</sr:ServiceReference>"
        f"<sr:ServiceReferenceVariant>{srv}</sr:ServiceReferenceVariant></sr:Header>"
        f"<sr:Body>{body}</sr:Body>{SIGNATURE if signed else ''}</sr:Request>"
    ).encode()


def update(device_id: str, change: str) -> str:
    """The body of an 8.4."""
    return f"<sr:UpdateInventory><sr:DeviceID>{device_id}</sr:DeviceID>{change}</sr:UpdateInventory>"


def pre_notification(device_id: str, **elements: str) -> str:
    """The body of a 12.2 of an ESME; `elements` are added or replace what is there, '' leaves one out."""
    inside = {
        "DeviceManufacturer": "Tarn",
        "DeviceModel": "T1",
        "DeviceType": "ESME",
        "SMETSCHTSVersion": "SMETS2",
        "FirmwareVersion": "01",
        "ESMEVariant": "A",
        "MAPID": "MAPA",
    } | elements
    rest = "".join(f"<sr:{name}>{value}</sr:{name}>" for name, value in inside.items() if value)
    return (
        f"<sr:DevicePrenotification><sr:DeviceID>{device_id}</sr:DeviceID>{rest}</sr:DevicePrenotification>"
    )


#: The world of `world()`: one device for each case.
OWN, FOREIGN, PENDING_OWN, PENDING_FOREIGN, LEFT, EXPORTING, OF_MAP, PPMID, HUB, FOREIGN_PPMID, UNLISTED = (
    f"00-DB-00-00-00-00-01-{number:02X}" for number in range(1, 12)
)
ABSENT = "00-DB-FF-FF-FF-FF-FF-FF"
#: MPxNs: of OWN, FOREIGN, LEFT, EXPORTING and its export; registered to S1, and to S2, without a device.
OWN_MPAN, FOREIGN_MPAN, LEFT_MPAN, EXPORTING_MPAN, EXPORT_MPAN, SPARE_MPAN, FOREIGN_SPARE = (
    f"10000000000{number:02d}" for number in range(11, 18)
)


def world() -> Home:
    """S1 and M1 are looked at; S2 and M2 are the others. All invented."""
    home = Home(extract_day=20)
    product = {"manufacturer": "Tarn", "model": "T1", "esme_variant": "A"}
    for device, mpan, supplier, owner, added in (
        (OWN, OWN_MPAN, "SUPA", "MAPA", "S1"),
        (FOREIGN, FOREIGN_MPAN, "SUPZ", "MAPZ", "S2"),
        (LEFT, LEFT_MPAN, "SUPZ", "MAPZ", "S1"),
        (EXPORTING, EXPORTING_MPAN, "SUPA", "MAPA", "S2"),
    ):
        home.device(device, pre_notified_by=added, **product)
        home.status(device, "Commissioned")
        home.mpxn(device, mpan)
        home.supplier(mpan, supplier)
        home.map(device, owner)
        home.firmware(device, "01")
    home.mpxn(EXPORTING, EXPORT_MPAN, kind="EXPORT")
    home.supplier(EXPORT_MPAN, "SUPZ")
    home.supplier(SPARE_MPAN, "SUPA")
    home.supplier(FOREIGN_SPARE, "SUPZ")
    for device, added in ((PENDING_OWN, "S1"), (PENDING_FOREIGN, "S2"), (OF_MAP, "M1")):
        home.device(device, pre=10, pre_notified_by=added, **product)
        home.status(device, "Pending", 10)
        home.firmware(device, "01", 10)
    home.map(OF_MAP, "MAPA", 10)
    home.device(HUB, "CHF")
    home.status(HUB, "Commissioned")
    home.link(OWN, HUB)
    for device, added in ((PPMID, "S1"), (FOREIGN_PPMID, "S2")):
        home.device(device, "PPMID", pre_notified_by=added)
        home.status(device, "Commissioned")
    home.link(PPMID, HUB)
    home.device(UNLISTED, pre=10, pre_notified_by="S1", manufacturer="Tarn", model="T1", esme_variant="A")
    home.status(UNLISTED, "Pending", 10)
    home.firmware(UNLISTED, "FF", 10)
    for firmware, state, end in (
        ("01", "Active", None),
        ("02", "Active", None),
        ("03", "Cancelled", None),
        ("04", "Active", 20),
    ):
        home.spanned(
            "cpl", -300, end, device_type="ESME", esme_variant_class="A", manufacturer="Tarn", model="T1",
            firmware_version=firmware, cpl_status=state, firmware_status=state,
        )  # fmt: skip
    home.mdd("DEAD", "MAP", "M1", -300, 20)
    home.mdd("LATE", "MAP", "M1", 21)
    home.mdd("GAS", "MAP", "M1", fuel="G")
    return home


@pytest.fixture(scope="package")
def preflight_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Load it once, as an operator would."""
    home = world()
    with django_db_blocker.unblock():
        forget()
        load_tables(tmp_path_factory.mktemp("preflight"), home.tables, home.as_at)
        make_people()
    yield
    with django_db_blocker.unblock():
        forget()


@pytest.fixture
def loaded(preflight_world: None, db: None) -> None:
    """The world, in a transaction that is rolled back."""


def viewer(organisation: str) -> Viewer:
    """The viewer of an organisation that sees something."""
    found = viewer_of(organisation)
    assert found is not None
    return found
