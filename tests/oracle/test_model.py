"""The model's terms, sight and blanking, each rule on an inventory small enough to work out by hand."""

import pytest

from .home import Home, column, ids, iso
from .model import REPORTS, Refused

IMPORT = "1000000000012"
OTHER_IMPORT = "2012345678906"


@pytest.fixture
def home() -> Home:
    """Loaded on 20 November 2018."""
    return Home()


# --- terms ---------------------------------------------------------------------------------------------


def test_periods_are_half_open(home: Home) -> None:
    home.device("E1")
    home.status("E1", "Pending", 3, 8)
    home.status("E1", "Commissioned", 8)
    days = {day: home.one("DCC", "RSMI_001", day)["device_status"] for day in (2, 3, 7, 8)}
    assert days == {2: "", 3: "Pending", 7: "Pending", 8: "Commissioned"}


def test_each_value_has_its_own_first_day(home: Home) -> None:
    home.meter("E1", IMPORT)
    home.firmware("E1", "1.0", 5)
    home.map("E1", "MAPA", 7)
    home.supplier(IMPORT, "SUPA", 9)
    row = home.one("DCC", "RSMI_002")
    assert (row["firmware_effective_from"], row["status_effective_from"]) == (iso(5), iso(-90))
    row = home.one("DCC", "MAP_001")
    assert (row["map_effective_from"], row["supplier_effective_from"]) == (iso(7), iso(9))


def test_a_device_has_no_row_before_its_pre_notification(home: Home) -> None:
    home.device("E1", pre=5)
    assert ids(home.ask("DCC", "RSMI_001", 4)) == []
    assert ids(home.ask("DCC", "RSMI_001", 5)) == ["E1"]


def test_d_is_the_extract_day_by_default_and_never_later(home: Home) -> None:
    home.device("E1")
    home.status("E1", "Commissioned", 10)
    assert home.one("DCC", "RSMI_001")["days_in_status"] == "10"
    assert home.one("DCC", "RSMI_001", 19)["days_in_status"] == "9"
    with pytest.raises(Refused):
        home.ask("DCC", "RSMI_001", 21)


def test_of_several_import_mpxns_the_one_that_began_last_then_the_smallest(home: Home) -> None:
    home.device("E1")
    home.mpxn("E1", "9", 1, 8)
    home.mpxn("E1", "7", 3)
    home.mpxn("E1", "5", 3)
    home.mpxn("E1", "4", 6, kind="EXPORT")
    assert {day: home.one("DCC", "RSMI_001", day)["mpxn"] for day in (1, 3, 9)} == {1: "9", 3: "5", 9: "5"}


def test_the_map_and_mpxn_of_a_device_that_is_no_meter_are_empty(home: Home) -> None:
    home.device("P1", "PPMID")
    home.mpxn("P1", IMPORT)
    home.supplier(IMPORT, "SUPA")
    home.map("P1", "MAPA")
    row = home.one("DCC", "RSMI_002")
    assert (row["mpxn"], row["map_id"], row["supplier_id"]) == ("", "", "")
    assert ids(home.ask("M1", "RSMI_002")) == []
    assert home.ask("DCC", "RSMI_001") == []  # of meters


def test_a_supplier_unknown_to_mdd_is_shown_to_dcc_and_owned_by_nobody(home: Home) -> None:
    home.meter("E1", IMPORT, "ZZZZ")
    home.tables["devices"][0]["pre_notified_by"] = "S1"
    assert home.one("DCC", "RSMI_001")["supplier_id"] == "ZZZZ"
    assert home.ask("S1", "RSMI_001") == []


def test_fuel_plays_no_part_in_ownership_but_the_role_does(home: Home) -> None:
    home.mdd("GGG", "SUPPLIER", "M1", fuel="G")
    home.mdd("EEEE", "MAP", "M1", fuel="E")
    home.device("G1", "GSME")
    home.map("G1", "EEEE")
    home.device("G2", "GSME")
    home.map("G2", "GGG")
    assert ids(home.ask("M1", "RSMI_001")) == ["G1"]


def test_an_mpid_of_two_owners_is_seen_by_both(home: Home) -> None:
    home.mdd("MAPA", "MAP", "M2", fuel="G")
    home.meter("E1", IMPORT, map_id="MAPA")
    assert ids(home.ask("M1", "RSMI_001")) == ids(home.ask("M2", "RSMI_001")) == ["E1"]
    assert ids(home.ask("DCC", "RSMI_001")) == ["E1"]  # once


def test_ownership_is_read_on_the_day(home: Home) -> None:
    home.mdd("MAPX", "MAP", "M1", 1, 10)
    home.mdd("MAPX", "MAP", "M2", 10)
    home.meter("E1", IMPORT, map_id="MAPX")
    assert ids(home.ask("M1", "RSMI_001", 9)) == ids(home.ask("M2", "RSMI_001", 10)) == ["E1"]
    assert home.ask("M2", "RSMI_001", 9) == home.ask("M1", "RSMI_001", 10) == []


def _product(home: Home, letter: str | None, status: str, start: int, end: int | None) -> None:
    home.spanned(
        "cpl",
        start,
        end,
        device_type="ESME",
        esme_variant_class=letter,
        manufacturer="Tarn",
        model="T1",
        firmware_version="1.0",
        cpl_status=status,
        firmware_status="Expired",
    )


@pytest.mark.parametrize(
    ("letter", "status", "start", "end", "expected"),
    [
        ("B", "Active", 20, 21, ("Expired", "true", "true")),
        ("B", "Cancelled", 1, None, ("Expired", "false", "false")),
        ("B", "Active", 1, 20, ("Expired", "false", "false")),  # no longer in force, still the CPL row
        ("B", "Active", 21, None, ("Expired", "false", "false")),  # nor yet
        ("A", "Active", 1, None, ("", "false", "false")),
        (None, "Active", 1, None, ("", "false", "false")),
    ],
)
def test_the_cpl_row_is_that_of_type_class_make_and_firmware(
    home: Home, letter: str | None, status: str, start: int, end: int | None, expected: tuple[str, str, str]
) -> None:
    home.device("E1", manufacturer="Tarn", model="T1", esme_variant="BD")
    home.map("E1", "MAPA")
    home.status("E1", "Commissioned")
    home.firmware("E1", "1.0", 5)
    _product(home, letter, status, start, end)
    row = home.one("DCC", "MAP_001")
    assert (row["firmware_version_status"], row["dcc_approved"], row["dcc_compliant"]) == expected
    assert home.one("DCC", "MAP_001", 4)["firmware_version_status"] == ""  # no firmware by then


def test_an_esme_without_variant_matches_an_entry_without_class(home: Home) -> None:
    home.device("E1", manufacturer="Tarn", model="T1")
    home.firmware("E1", "1.0")
    _product(home, None, "Withdrawn", 1, None)
    assert home.one("DCC", "RSMI_003")["cpl_status"] == "Withdrawn"


def test_only_an_esme_has_a_variant_class(home: Home) -> None:
    home.device("G1", "GSME", manufacturer="Tarn", model="T1", esme_variant="B")
    home.firmware("G1", "1.0")
    _product(home, None, "Active", 1, None)
    home.tables["cpl"][0]["device_type"] = "GSME"
    assert home.one("DCC", "RSMI_003")["cpl_status"] == "Active"


def test_approved_but_not_commissioned_is_not_compliant(home: Home) -> None:
    home.device("E1", manufacturer="Tarn", model="T1", esme_variant="B")
    home.map("E1", "MAPA")
    home.status("E1", "InstalledNotCommissioned")
    home.firmware("E1", "1.0")
    _product(home, "B", "Active", 1, None)
    row = home.one("DCC", "MAP_001")
    assert (row["dcc_approved"], row["dcc_compliant"]) == ("true", "false")


# --- who may run what ----------------------------------------------------------------------------------


@pytest.mark.parametrize("report", sorted(REPORTS))
@pytest.mark.parametrize("organisation", ["M0", "S0", "OTHER", "nobody"])
def test_those_who_see_nothing_are_refused(home: Home, report: str, organisation: str) -> None:
    with pytest.raises(Refused):
        home.ask(organisation, report)


@pytest.mark.parametrize(
    ("organisation", "reports"),
    [
        ("M1", "DQ_001 MAP_001 RSMI_001 RSMI_002 RSMI_003 RSMI_004 RSMI_005 RSMI_006 RSMI_007 SRV_8_2"),
        (
            "S1",
            "BKF_001 BKF_002 DQ_001 RSMI_001 RSMI_002 RSMI_003 RSMI_004 RSMI_005 RSMI_006 RSMI_007 SRV_8_2",
        ),
        ("SECAS", "BKF_002"),
        ("DCC", " ".join(sorted(REPORTS))),
    ],
)
def test_each_role_runs_its_own_reports(home: Home, organisation: str, reports: str) -> None:
    allowed = []
    for report in sorted(REPORTS):
        try:
            home.ask(organisation, report)
        except Refused:
            continue
        allowed.append(report)
    assert allowed == sorted(reports.split())


def test_history_is_for_four_reports(home: Home) -> None:
    refused = []
    for report in sorted(REPORTS):
        try:
            home.ask("DCC", report, history=True)
        except Refused:
            refused.append(report)
    assert sorted(set(REPORTS) - set(refused)) == ["MAP_001", "RSMI_001", "RSMI_006", "SRV_8_2"]


# --- what suppliers see --------------------------------------------------------------------------------


def test_a_supplier_sees_meters_registered_to_it_that_day_and_no_other(home: Home) -> None:
    home.meter("E1", IMPORT)
    home.supplier(IMPORT, "SUPA", 1, 10)
    home.supplier(IMPORT, "SUPZ", 10)
    assert ids(home.ask("S1", "RSMI_001", 9)) == ids(home.ask("S2", "RSMI_001", 10)) == ["E1"]
    assert home.ask("S1", "RSMI_001", 10) == home.ask("S2", "RSMI_001", 9) == []


def test_a_supplier_sees_meters_it_pre_notified_while_they_have_no_registration(home: Home) -> None:
    home.device("E1", pre_notified_by="S1")
    home.mpxn("E1", IMPORT, 5)
    home.supplier(IMPORT, "SUPZ", 8)
    seen = {day: ids(home.ask("S1", "RSMI_001", day)) for day in (4, 7, 8)}
    assert seen == {4: ["E1"], 7: ["E1"], 8: []}


def _full_home(home: Home) -> None:
    home.device("H1", "CHF")
    home.device("F1", "GPF")
    home.device("P1", "PPMID")
    home.device("I9", "IHD")  # linked to nothing
    home.meter("E1", IMPORT, "SUPA")
    for device in ("F1", "P1", "E1"):
        home.link(device, "H1")


def test_a_supplier_sees_the_hub_of_its_meter_and_what_is_linked_to_it(home: Home) -> None:
    _full_home(home)
    home.meter("E2", OTHER_IMPORT, "SUPZ")
    home.link("E2", "H1")
    assert ids(home.ask("S1", "RSMI_002")) == ["E1", "F1", "H1", "P1"]
    assert ids(home.ask("S2", "RSMI_002")) == ["E2", "F1", "H1", "P1"]


def test_it_sees_them_while_the_meter_is_linked(home: Home) -> None:
    _full_home(home)
    home.tables["hub_links"][-1]["effective_to"] = iso(10)
    assert ids(home.ask("S1", "RSMI_002", 9)) == ["E1", "F1", "H1", "P1"]
    assert ids(home.ask("S1", "RSMI_002", 10)) == ["E1"]


def test_a_meter_it_pre_notified_without_registration_brings_its_home(home: Home) -> None:
    home.device("H1", "CHF")
    home.device("E1", pre=5, pre_notified_by="S1")
    home.link("E1", "H1", 1)
    assert ids(home.ask("S1", "RSMI_002", 5)) == ["E1", "H1"]
    assert ids(home.ask("S1", "RSMI_002", 4)) == []  # the meter does not exist yet


def test_a_supplier_sees_what_it_pre_notified_until_a_registered_meter_joins(home: Home) -> None:
    home.device("H1", "CHF", pre_notified_by="S1")
    home.device("P1", "PPMID", pre_notified_by="S1")
    home.device("I1", "IHD", pre_notified_by="S1")  # linked to no hub at all
    home.link("P1", "H1")
    home.meter("E1", IMPORT)
    home.link("E1", "H1", 5)
    home.supplier(IMPORT, "ZZZZ", 8)
    assert ids(home.ask("S1", "RSMI_002", 7)) == ["H1", "I1", "P1"]
    assert ids(home.ask("S1", "RSMI_002", 8)) == ["I1"]
    assert ids(home.ask("S2", "RSMI_002", 7)) == []


def test_a_map_sees_its_own_meters_only(home: Home) -> None:
    _full_home(home)
    home.map("E1", "MAPA", 5, 10)
    assert [ids(home.ask("M1", "RSMI_002", day)) for day in (4, 5, 10)] == [[], ["E1"], []]
    assert column(home.ask("DCC", "RSMI_002"), "device_id") == ["E1", "F1", "H1", "I9", "P1"]
