"""The model's rules of single reports, RSMI_004 and RSMI_005, each worked out by hand."""

from datetime import date

import pytest

from .home import Home, ids, iso, nov

IMPORT = "1000000000012"


@pytest.fixture
def home() -> Home:
    """Loaded on 20 November 2018."""
    return Home()


# --- RSMI_004 ------------------------------------------------------------------------------------------

LAST = ("last_attached_device_id", "last_attached_on", "map_id", "supplier_id")


def _empty_hub(home: Home, **cells: str) -> None:
    """A hub of S2's that E1 left on the 10th, then supplied by S1 with a MAP ID of M1's."""
    home.device("H1", "CHF", pre=-30, pre_notified_by="S2", **cells)
    home.status("H1", "Commissioned")
    home.meter("E1", IMPORT)
    home.supplier(IMPORT, "SUPA", 1, 10)
    home.supplier(IMPORT, "ZZZZ", 10)
    home.map("E1", "MAPA", 1, 10)
    home.link("E1", "H1", 1, 10)


def test_a_hub_is_empty_from_the_day_its_last_link_ends(home: Home) -> None:
    _empty_hub(home)
    home.device("F1", "GPF")
    home.link("F1", "H1")  # part of the hub: never an attached device
    assert home.ask("DCC", "RSMI_004", 9) == []
    first = home.one("DCC", "RSMI_004", 10)
    assert (first["days_without_devices"], first["last_attached_device_id"]) == ("0", "E1")
    row = home.one("DCC", "RSMI_004")
    assert row["days_without_devices"] == "10"
    assert [row[name] for name in LAST] == ["E1", iso(9), "MAPA", "SUPA"]


@pytest.mark.parametrize(
    ("status", "rows"), [("Decommissioned", 0), ("Withdrawn", 0), ("Pending", 1), (None, 0)]
)
def test_hubs_that_are_gone_or_have_no_status_are_left_out(home: Home, status: str | None, rows: int) -> None:
    home.device("H1", "CHF")
    if status:
        home.status("H1", status)
    assert len(home.ask("DCC", "RSMI_004")) == rows


def test_any_other_device_keeps_a_hub_busy_and_starts_the_days_again(home: Home) -> None:
    _empty_hub(home)
    home.device("P1", "PPMID")
    home.link("P1", "H1", 5, 15)
    assert home.ask("DCC", "RSMI_004", 14) == []
    row = home.one("DCC", "RSMI_004")
    assert (row["days_without_devices"], row["last_attached_device_id"]) == ("5", "E1")


def test_a_hub_never_linked_counts_from_installation_then_pre_notification(home: Home) -> None:
    home.device("H1", "CHF", pre=-30, installed_on=iso(5))
    home.status("H1", "Commissioned")
    home.device("P1", "PPMID")
    home.link("P1", "H1", 30)  # not yet
    row = home.one("DCC", "RSMI_004", 7)
    assert (row["days_without_devices"], *(row[name] for name in LAST)) == ("2", "", "", "", "")
    early = home.one("DCC", "RSMI_004", 4)
    assert (early["days_without_devices"], early["installation_date"]) == ("34", iso(5))  # not blanked


def test_the_last_meter_is_the_smallest_of_those_that_left_last(home: Home) -> None:
    _empty_hub(home)
    for meter, left in (("E0", 9), ("E3", 10), ("E2", 21)):
        home.device(meter)
        home.link(meter, "H1", 1, left)
    assert home.ask("DCC", "RSMI_004") == []  # E2 is there to the end of the 20th
    home.tables["hub_links"].pop()
    assert home.one("DCC", "RSMI_004")["last_attached_device_id"] == "E1"


def test_who_sees_an_empty_hub(home: Home) -> None:
    _empty_hub(home)
    seen = {"S1": home.one("S1", "RSMI_004"), "S2": home.one("S2", "RSMI_004")}
    assert [seen["S1"][name] for name in LAST] == ["E1", iso(9), "MAPA", "SUPA"]
    assert [seen["S2"][name] for name in LAST] == ["", "", "", ""]  # it pre-notified the hub, no more
    assert "supplier_id" not in home.one("M1", "RSMI_004")
    assert home.one("M1", "RSMI_004", released="supplier")["supplier_id"] == "SUPA"
    assert home.ask("M2", "RSMI_004") == []
    assert home.ask("S2", "RSMI_004", map_id="MAPA") == []  # a blanked value never matches


def test_those_of_the_last_linked_day_see_it_not_those_of_the_day_after(home: Home) -> None:
    _empty_hub(home)
    home.tables["registrations"][-1]["supplier_mpid"] = "SUPZ"
    home.map("E1", "MAPZ", 10)
    home.tables["devices"][0]["pre_notified_by"] = None
    assert home.ask("S2", "RSMI_004") == home.ask("M2", "RSMI_004") == []


def test_the_least_number_of_days_is_inclusive(home: Home) -> None:
    _empty_hub(home)
    assert ids(home.ask("DCC", "RSMI_004", days_without_devices_min="10")) == ["H1"]
    assert ids(home.ask("DCC", "RSMI_004", days_without_devices_min="11")) == []


# --- RSMI_005 ------------------------------------------------------------------------------------------


def _schedule(home: Home, start: int, end: int | None = None, **cells: str) -> None:
    row = {"schedule_id": "S", "device_id": "E1", "organisation": "S1"} | cells
    row |= {"service_reference_variant": "4.10", "frequency": "Weekly", "start_date": iso(start)}
    home.add("schedules", **row, end_date=iso(end) if end is not None else None)


def test_a_schedule_is_in_force_to_the_end_of_its_last_day(home: Home) -> None:
    home.meter("E1", IMPORT, "SUPA", "MAPA")
    _schedule(home, 3, 10)
    assert [len(home.ask("S1", "RSMI_005", day)) for day in (2, 3, 10, 11)] == [0, 1, 1, 0]
    assert home.one("S1", "RSMI_005", 9)["end_date"] == iso(10)


def test_schedules_are_seen_by_owner_map_and_dcc_but_not_by_the_supplier_as_such(home: Home) -> None:
    home.meter("E1", IMPORT, "SUPZ", "MAPA")
    _schedule(home, 3)
    row = home.one("S1", "RSMI_005")
    assert (row["mpxn"], row["device_status"], row["map_id"], row["device_type"]) == ("", "", "", "ESME")
    assert home.ask("S2", "RSMI_005") == home.ask("M2", "RSMI_005") == []
    shown = home.one("M1", "RSMI_005")
    assert (shown["mpxn"], shown["device_status"], shown["map_id"]) == (IMPORT, "Commissioned", "MAPA")
    assert shown["service_request_name"] == "Read Network Data"
    assert "owner" not in shown
    assert home.one("M1", "RSMI_005", released="supplier")["owner"] == "S1"
    assert home.ask("S1", "RSMI_005", supplier_id="SUPZ") == []
    assert len(home.ask("DCC", "RSMI_005", supplier_id="SUPZ")) == 1


def test_an_owner_that_sees_the_device_is_shown_all_of_it(home: Home) -> None:
    home.meter("E1", IMPORT, "SUPA", "MAPA")
    _schedule(home, 3)
    row = home.one("S1", "RSMI_005")
    assert (row["mpxn"], row["device_status"], row["map_id"]) == (IMPORT, "Commissioned", "MAPA")


def test_a_map_keeps_its_own_schedule_on_anothers_meter(home: Home) -> None:
    home.meter("E1", IMPORT, "SUPZ", "MAPZ")
    _schedule(home, 3, organisation="M1")
    row = home.one("M1", "RSMI_005", released="supplier")
    assert (row["owner"], row["mpxn"], row["device_status"], row["map_id"]) == ("M1", "", "", "")
    assert home.one("M2", "RSMI_005")["mpxn"] == IMPORT


def test_a_schedule_of_a_device_that_does_not_exist_yet_has_no_row(home: Home) -> None:
    home.device("E1", pre=6)
    _schedule(home, 3)
    assert [len(home.ask("S1", "RSMI_005", day)) for day in (5, 6)] == [0, 1]


#: (first day, frequency, D, last day) → the next run.
RUNS = [
    ("2018-01-31", "Monthly", "2018-01-31", None, "2018-02-28"),
    ("2018-01-31", "Monthly", "2018-02-28", None, "2018-03-31"),
    ("2018-01-31", "Monthly", "2018-02-27", None, "2018-02-28"),
    ("2018-08-31", "Quarterly", "2018-11-01", None, "2018-11-30"),
    ("2018-08-31", "Half-Yearly", "2018-11-01", None, "2019-02-28"),
    ("2016-02-29", "Yearly", "2018-11-01", None, "2019-02-28"),
    ("2018-11-01", "Weekly", "2018-11-07", None, "2018-11-08"),
    ("2018-11-01", "Weekly", "2018-11-08", None, "2018-11-15"),
    ("2018-11-01", "Daily", "2018-11-01", "2018-11-02", "2018-11-02"),
    ("2018-11-01", "Daily", "2018-11-02", "2018-11-02", ""),
    ("2018-11-01", "Fortnightly", "2018-11-02", None, ""),
]


def test_the_next_run(home: Home) -> None:
    home.device("E1", pre=-1000)
    for number, (start, frequency, _, end, _) in enumerate(RUNS):
        _schedule(home, 1, schedule_id=f"{number:02}")
        home.tables["schedules"][-1] |= {"start_date": start, "frequency": frequency, "end_date": end}
    for number, (*_, day, _, expected) in enumerate(RUNS):
        november = (date.fromisoformat(day) - nov(0)).days
        found = {row["schedule_id"]: row for row in home.ask("DCC", "RSMI_005", november)}
        assert found[f"{number:02}"]["next_run_on"] == expected, RUNS[number]
