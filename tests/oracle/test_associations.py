"""The model's rules of RSMI_006 and RSMI_007, each worked out by hand."""

from typing import Any

import pytest

from .associations import is_mpan, is_mprn
from .home import Home, column, ids, iso

IMPORT = "1000000000012"
EXPORT = "2012345678906"


@pytest.fixture
def home() -> Home:
    """Loaded on 20 November 2018."""
    return Home()


# --- RSMI_006 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mpan", ["1000000000012", "2012345678906", "1200000000030"])
def test_valid_mpans(mpan: str) -> None:
    assert is_mpan(mpan)
    assert not is_mpan(mpan[:-1] + str((int(mpan[-1]) + 1) % 10))
    assert not is_mpan(mpan[:-1])


@pytest.mark.parametrize("mprn", ["1234567810", "123409", "3938424403"])
def test_valid_mprns(mprn: str) -> None:
    assert is_mprn(mprn)
    assert not is_mprn(mprn[:-1] + str((int(mprn[-1]) + 1) % 10))
    assert not is_mprn("1" + "0" * 10)


def test_one_row_an_association_of_any_kind(home: Home) -> None:
    home.meter("E1", IMPORT, "SUPA", "MAPA")
    home.mpxn("E1", EXPORT, 1, 25, kind="EXPORT")
    rows = home.ask("DCC", "RSMI_006")
    assert column(rows, "kind") == ["EXPORT", "IMPORT"]
    assert column(rows, "mpxn_effective_to") == [iso(25), ""]
    assert column(rows, "supplier_id") == ["", "SUPA"]
    assert column(home.ask("M1", "RSMI_006"), "kind") == ["EXPORT", "IMPORT"]
    assert column(home.ask("S1", "RSMI_006"), "kind") == ["IMPORT"]
    assert home.ask("DCC", "RSMI_006", 0)[0]["kind"] == "IMPORT"


def test_a_supplier_sees_the_associations_of_its_own_mpxns_whatever_the_device(home: Home) -> None:
    home.meter("E1", IMPORT, "SUPZ", "MAPA")
    home.mpxn("E1", EXPORT, kind="EXPORT")
    home.supplier(EXPORT, "SUPA", 1, 22)
    home.device("P1", "PPMID")
    home.mpxn("P1", EXPORT, 1, 23)
    rows = home.ask("S1", "RSMI_006")
    assert [(row["device_id"], row["mpxn"], row["map_id"]) for row in rows] == [
        ("E1", EXPORT, "MAPA"),
        ("P1", EXPORT, ""),
    ]
    assert column(rows, "supplier_effective_from") == [iso(1), iso(1)]
    assert rows[1]["mpxn_effective_to"] == ""  # after the end of its own registration
    assert home.ask("DCC", "RSMI_006")[2]["mpxn_effective_to"] == iso(23)
    assert ids(home.ask("M1", "RSMI_006")) == ["E1", "E1"]


def test_a_map_is_not_told_of_a_suppliers_start_before_its_own(home: Home) -> None:
    home.meter("E1", IMPORT, "SUPA")
    home.map("E1", "MAPA", 5)
    row = home.one("M1", "RSMI_006", released="supplier")
    assert (row["supplier_id"], row["supplier_effective_from"]) == ("SUPA", "")
    assert not {"supplier_id", "supplier_effective_from"} & set(home.one("M1", "RSMI_006"))


def test_a_supplier_is_told_its_own_start_though_it_saw_the_association_later(home: Home) -> None:
    home.device("E1", pre=6)
    home.mpxn("E1", IMPORT, 5)
    home.supplier(IMPORT, "SUPA", 1)
    assert home.one("S1", "RSMI_006")["supplier_effective_from"] == iso(1)
    assert home.ask("S1", "RSMI_006", 5) == []  # the device does not exist yet


def test_history_of_an_association_is_split_by_firmware_but_not_by_another_mpxn(home: Home) -> None:
    home.meter("E1", IMPORT)
    home.mpxn("E1", EXPORT, 1, kind="EXPORT")
    home.mpxn("E1", "9", 3)
    home.firmware("E1", "1.0", 8)
    rows = home.ask("DCC", "RSMI_006", history=True, kind="EXPORT")
    assert column(rows, "valid_from") == [iso(8), iso(1)]


def test_history_of_an_association_is_split_by_its_own_supplier(home: Home) -> None:
    home.meter("E1", IMPORT, "SUPA")
    home.map("E1", "MAPA", 1)
    home.mpxn("E1", EXPORT, 1, 15, kind="EXPORT")
    home.supplier(EXPORT, "SUPZ", 3, 9)
    periods = {
        viewer: [
            (row["kind"], row["valid_from"], row["valid_to"])
            for row in home.ask(viewer, "RSMI_006", history=True)
        ]
        for viewer in ("M1", "S2")
    }
    assert periods["M1"] == [("EXPORT", iso(1), iso(15)), ("IMPORT", iso(1), "")]
    assert periods["S2"] == [("EXPORT", iso(3), iso(9))]
    released = home.ask("M1", "RSMI_006", history=True, released="supplier", kind="EXPORT")
    assert column(released, "valid_from") == [iso(9), iso(3), iso(1)]


def _finding(home: Home, **inputs: Any) -> list[str]:
    return column(home.ask("DCC", "RSMI_006", **inputs), "finding")


@pytest.mark.parametrize(
    ("device_type", "variant", "kind", "mpxn", "expected"),
    [
        ("ESME", "A", "IMPORT", IMPORT, ""),
        ("ESME", "A", "IMPORT", "1234567810", "CHECK_DIGIT"),
        ("GSME", None, "IMPORT", "1234567810", ""),
        ("GSME", None, "IMPORT", IMPORT, "CHECK_DIGIT"),
        ("GSME", None, "EXPORT", "1234567810", "CHECK_DIGIT;E080413"),
        ("PPMID", None, "IMPORT", "1234567810", "E080413"),
        ("PPMID", None, "IMPORT", IMPORT, "E080413"),
        ("ESME", "BD", "SECONDARY_IMPORT", IMPORT, ""),
        ("ESME", "A", "SECONDARY_IMPORT", IMPORT, "E080413"),
        ("ESME", None, "SECONDARY_IMPORT", IMPORT, "E080413"),
        ("GSME", "B", "SECONDARY_IMPORT", IMPORT, "E080413"),
        ("ESME", None, "EXPORT", IMPORT, ""),
    ],
)
def test_check_digits_and_kinds(
    home: Home, device_type: str, variant: str | None, kind: str, mpxn: str, expected: str
) -> None:
    home.device("E1", device_type, esme_variant=variant)
    home.status("E1", "Whitelisted")
    home.mpxn("E1", mpxn, kind=kind)
    home.supplier(mpxn, "SUPA")
    assert _finding(home) == [expected]


def test_a_status_that_allows_no_update_and_no_registration(home: Home) -> None:
    home.device("E1")
    home.status("E1", "Pending", 5)
    home.mpxn("E1", IMPORT)
    assert _finding(home) == ["E080414;UNREGISTERED"]
    assert column(home.ask("DCC", "RSMI_006", 4), "finding") == ["E080414;UNREGISTERED"]
    assert _finding(home, finding="UNREGISTERED|FUEL") == ["E080414;UNREGISTERED"]
    assert _finding(home, finding="E0804") == []


def test_a_duplicate_is_on_another_meter_in_one_of_three_statuses(home: Home) -> None:
    home.meter("E1", IMPORT, "SUPA")
    home.meter("E2", IMPORT)
    assert _finding(home) == ["DUPLICATE", "DUPLICATE"]
    home.device("E3")
    home.status("E3", "Commissioned")
    home.mpxn("E3", IMPORT, kind="EXPORT")
    assert _finding(home) == ["DUPLICATE", "DUPLICATE", ""]  # of one kind
    for name in ("devices", "device_statuses", "device_mpxns"):
        home.tables[name].pop()
    home.tables["device_statuses"][1]["status"] = "Suspended"
    assert _finding(home) == ["", "E080414;DUPLICATE"]
    home.tables["device_mpxns"][0]["kind"] = "EXPORT"
    assert _finding(home) == ["", "E080414"]
    home.tables["devices"][1]["device_type"] = "PPMID"
    home.tables["device_mpxns"][0]["kind"] = "IMPORT"
    home.tables["device_statuses"][1]["status"] = "Commissioned"
    assert _finding(home) == ["", "E080413;DUPLICATE"]


def test_a_map_id_never_known_for_the_devices_fuel(home: Home) -> None:
    home.meter("E1", IMPORT, "SUPA", "GAS")
    assert _finding(home) == [""]  # MDD does not know it at all
    home.mdd("GAS", "SUPPLIER", "S1", fuel="G")
    assert _finding(home) == [""]  # nor as a MAP
    home.mdd("GAS", "MAP", "M1", 100, 101, fuel="G")
    assert _finding(home) == ["FUEL"]
    home.mdd("GAS", "MAP", "M2", -200, -199, fuel="E")
    assert _finding(home) == [""]  # on any date


# --- RSMI_007 ------------------------------------------------------------------------------------------


def _certificate(home: Home, issued: int, expires: int, revoked: int | None = None) -> None:
    serial = str(len(home.tables.setdefault("certificates", [])))
    home.add(
        "certificates",
        device_id="E1",
        certificate_serial=serial,
        key_usage="KEY_AGREEMENT",
        issued_on=iso(issued),
        expires_on=iso(expires),
        revoked_on=iso(revoked) if revoked is not None else None,
    )


def test_the_status_of_a_certificate_on_the_day(home: Home) -> None:
    home.device("E1")
    for issued, expires, revoked in (
        (1, 21, None),
        (1, 20, None),
        (1, 18, 20),
        (1, 30, 21),
        (22, 30, None),
        (20, 30, None),
    ):
        _certificate(home, issued, expires, revoked)
    rows = home.ask("DCC", "RSMI_007")
    assert column(rows, "certificate_status") == [
        "Active",
        "Expired",
        "Revoked",
        "Active",
        "Not yet valid",
        "Active",
    ]
    assert column(rows, "days_to_expiry") == ["1", "0", "-2", "10", "10", "10"]
    assert column(rows, "revoked_on") == ["", "", iso(20), iso(21), "", ""]
    assert column(home.ask("DCC", "RSMI_007", expires_on_to=iso(20)), "certificate_serial") == ["1", "2"]


def test_on_a_past_day_later_certificates_and_revocations_are_left_out(home: Home) -> None:
    home.device("E1")
    _certificate(home, 1, 30, 8)
    _certificate(home, 8, 30)
    rows = home.ask("DCC", "RSMI_007", 7)
    assert [(row["certificate_status"], row["revoked_on"], row["expires_on"]) for row in rows] == [
        ("Active", "", iso(30))
    ]
    assert len(home.ask("DCC", "RSMI_007", 8)) == 2


def test_certificates_issued_after_the_viewers_period_are_left_out(home: Home) -> None:
    home.device("E1")
    home.map("E1", "MAPA", 1, 25)
    _certificate(home, 1, 30, 25)
    _certificate(home, 24, 30)
    _certificate(home, 25, 30)
    rows = home.ask("M1", "RSMI_007")
    assert column(rows, "certificate_serial") == ["0", "1"]
    assert column(rows, "revoked_on") == ["", ""]


def test_nor_are_they_shown_by_a_later_period_of_the_same_viewer(home: Home) -> None:
    """It may read them then: now, its own period still ends before they are issued."""
    home.device("E1")
    for map_id, start, end in (("MAPA", 1, 25), ("MAPZ", 25, 30), ("MAPA", 30, None)):
        home.map("E1", map_id, start, end)
    for issued in (24, 25, 31):
        _certificate(home, issued, 40)
    assert column(home.ask("M1", "RSMI_007"), "issued_on") == [iso(24)]
    assert len(home.ask("DCC", "RSMI_007")) == 3


def test_each_viewers_own_end_counts_and_what_was_issued_before_it_came_is_shown(home: Home) -> None:
    home.device("E1")
    home.map("E1", "MAPA", 1, 10)
    home.map("E1", "MAPZ", 10, 25)
    for issued in (9, 10, 24, 25):
        _certificate(home, issued, 40)
    assert column(home.ask("M2", "RSMI_007"), "issued_on") == [iso(9), iso(10), iso(24)]
    assert column(home.ask("M1", "RSMI_007", 9), "issued_on") == [iso(9)]
