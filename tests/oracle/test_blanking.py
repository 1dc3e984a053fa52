"""What a row of the model may tell of later days and of other parties, and its history."""

from typing import Any

import pytest

from .home import Home, iso

IMPORT = "1000000000012"
EVENTS = ("installation_date", "removal_date", "removal_reason")


@pytest.fixture
def home() -> Home:
    """Loaded on 20 November 2018, with one good meter, of nobody's."""
    home = Home()
    home.meter("E1", IMPORT)
    return home


def _events(home: Home, installed: int, removed: int) -> None:
    home.tables["devices"][0] |= {
        "installed_on": iso(installed),
        "commissioned_on": iso(installed),
        "removed_on": iso(removed),
        "removal_reason": "Faulty",
    }


def _cells(row: dict[str, str], *names: str) -> tuple[str, ...]:
    return tuple(row[name] for name in names)


# --- a past day tells of nothing later ------------------------------------------------------------------


def test_on_a_past_day_events_are_shown_up_to_that_day(home: Home) -> None:
    home.map("E1", "MAPA")
    _events(home, 5, 7)
    assert _cells(home.one("DCC", "MAP_001", 4), *EVENTS) == ("", "", "")
    assert _cells(home.one("DCC", "MAP_001", 5), *EVENTS) == (iso(5), "", "")
    assert _cells(home.one("M1", "MAP_001", 7), *EVENTS) == (iso(5), iso(7), "Faulty")
    assert home.one("DCC", "RSMI_001", 4)["commissioned_date"] == ""
    assert home.one("DCC", "RSMI_001", 5)["commissioned_date"] == iso(5)
    assert home.one("DCC", "RSMI_003", 4)["installation_date"] == ""


def test_on_the_extract_day_later_events_and_ends_are_shown(home: Home) -> None:
    home.map("E1", "MAPA", 1, 26)
    home.supplier(IMPORT, "SUPA", 1, 25)
    _events(home, 22, 23)
    names = (*EVENTS, "map_effective_to", "supplier_effective_to")
    shown = (iso(22), iso(23), "Faulty", iso(26), iso(25))
    assert _cells(home.one("DCC", "MAP_001"), *names) == shown
    assert _cells(home.one("M1", "MAP_001", released="supplier"), *names) == shown
    assert _cells(home.one("DCC", "MAP_001", 19), *names) == ("", "", "", "", "")


def test_an_end_on_d_itself_is_shown(home: Home) -> None:
    """A period that ends on D is not in force at D, so only history has a row with one."""
    home.map("E1", "MAPA", 1, 10)
    home.map("E1", "MAPB", 10)
    rows = home.ask("M1", "MAP_001", 10, history=True)
    names = ("map_id", "map_effective_to", "valid_from", "valid_to")
    assert [_cells(row, *names) for row in rows] == [
        ("MAPB", "", iso(10), ""),
        ("MAPA", iso(10), iso(1), iso(10)),
    ]


# --- nor of what lies outside the viewer's own period ---------------------------------------------------


def test_events_on_or_after_the_end_of_the_visible_period_are_not_shown(home: Home) -> None:
    home.map("E1", "MAPA", 1, 23)
    for installed, shown in ((22, iso(22)), (23, "")):
        _events(home, installed, 30)
        assert _cells(home.one("M1", "MAP_001"), *EVENTS) == (shown, "", "")
        assert home.one("M1", "RSMI_001")["commissioned_date"] == shown
        assert home.one("DCC", "MAP_001")["removal_date"] == iso(30)


def test_the_end_of_a_period_is_shown_up_to_the_end_of_the_visible_one(home: Home) -> None:
    home.map("E1", "MAPA", 1, 24)
    for end, shown in ((23, iso(23)), (24, iso(24)), (25, "")):
        home.tables["registrations"] = []
        home.supplier(IMPORT, "SUPA", 1, end)
        row = home.one("M1", "MAP_001", released="supplier")
        assert _cells(row, "map_effective_to", "supplier_effective_to") == (iso(24), shown)


def test_adjoining_mpids_of_one_owner_are_one_visible_period(home: Home) -> None:
    home.map("E1", "MAPA", 1, 22)
    home.map("E1", "MAPB", 22, 25)
    home.map("E1", "MAPZ", 25)
    _events(home, 24, 25)
    assert _cells(home.one("M1", "MAP_001"), *EVENTS) == (iso(24), "", "")


def test_there_and_back_are_two_visible_periods(home: Home) -> None:
    home.map("E1", "MAPA", 1, 22)
    home.map("E1", "MAPZ", 22, 23)
    home.map("E1", "MAPA", 23)
    _events(home, 24, 25)
    assert _cells(home.one("M1", "MAP_001"), *EVENTS) == ("", "", "")


def test_a_period_ends_when_mdd_gives_the_mpid_to_another(home: Home) -> None:
    home.mdd("MAPX", "MAP", "M1", 1, 22)
    home.mdd("MAPX", "MAP", "M2", 22)
    home.map("E1", "MAPX", 1, 30)
    row = home.one("M1", "MAP_001")
    assert _cells(row, "map_effective_from", "map_effective_to") == (iso(1), "")


def test_facts_of_the_device_from_before_are_shown_but_not_those_of_the_supplier(home: Home) -> None:
    home.supplier(IMPORT, "SUPA", 2)
    home.map("E1", "MAPZ", 1, 10)
    home.map("E1", "MAPA", 10)
    _events(home, 3, 5)
    names = ("installation_date", "removal_date", "supplier_id", "supplier_effective_from")
    row = home.one("M1", "MAP_001", released="supplier")
    assert _cells(row, *names) == (iso(3), iso(5), "SUPA", "")
    assert home.one("DCC", "MAP_001")["supplier_effective_from"] == iso(2)
    home.tables["registrations"][0]["effective_from"] = iso(10)
    assert home.one("M1", "MAP_001", released="supplier")["supplier_effective_from"] == iso(10)


def test_a_suppliers_period_ends_with_its_registration(home: Home) -> None:
    home.supplier(IMPORT, "SUPA", 1, 22)
    home.supplier(IMPORT, "SUPB", 22, 24)
    home.supplier(IMPORT, "SUPZ", 24)
    for commissioned, shown in ((23, iso(23)), (24, "")):
        home.tables["devices"][0]["commissioned_on"] = iso(commissioned)
        assert home.one("S1", "RSMI_001")["commissioned_date"] == shown


# --- history -------------------------------------------------------------------------------------------


def _history(home: Home, viewer: str, day: int = 20, **more: Any) -> list[tuple[str, ...]]:
    rows = home.ask(viewer, "RSMI_001", day, history=True, **more)
    return [_cells(row, "device_status", "valid_from", "valid_to") for row in rows]


def test_history_has_a_row_for_each_period_of_constant_values_newest_first(home: Home) -> None:
    home.tables["device_statuses"] = []
    home.status("E1", "Pending", -100, 3)
    home.status("E1", "Commissioned", 3, 6)
    home.status("E1", "Commissioned", 6)  # the same value: no new row
    home.supplier(IMPORT, "SUPA", 3, 9)  # on the day of the status
    home.firmware("E1", "1.0", 12)
    home.map("E1", "MAPA", 15)
    assert _history(home, "DCC") == [
        ("Commissioned", iso(15), ""),
        ("Commissioned", iso(12), iso(15)),
        ("Commissioned", iso(9), iso(12)),
        ("Commissioned", iso(3), iso(9)),
        ("Pending", iso(-90), iso(3)),
        ("Pending", iso(-100), iso(-90)),  # before its MPxN
    ]


def test_history_before_a_past_day_does_not_tell_when_its_newest_row_ends(home: Home) -> None:
    home.tables["device_statuses"] = []
    home.status("E1", "Commissioned", -100, 12)
    home.status("E1", "Withdrawn", 12)
    assert _history(home, "DCC", 11)[0] == ("Commissioned", iso(-90), "")
    assert _history(home, "DCC", 12)[:2] == [
        ("Withdrawn", iso(12), ""),
        ("Commissioned", iso(-90), iso(12)),
    ]


def test_a_future_end_of_the_newest_row_is_shown_on_the_extract_day(home: Home) -> None:
    home.tables["device_statuses"] = []
    home.status("E1", "Commissioned", -100, 24)
    assert _history(home, "DCC")[0] == ("Commissioned", iso(-90), iso(24))


def test_other_values_are_read_on_the_rows_last_day_or_d(home: Home) -> None:
    home.map("E1", "MAPA", 1, 10)
    home.map("E1", "MAPB", 10)
    home.device("H1", "CHF")
    home.device("H2", "CHF")
    home.link("E1", "H1", 1, 9)
    home.link("E1", "H2", 9, 15)
    rows = home.ask("M1", "RSMI_001", 12, history=True)
    names = ("map_id", "communications_hub_id", "days_in_status")
    assert [_cells(row, *names) for row in rows] == [("MAPB", "H2", "102"), ("MAPA", "H2", "99")]
    plain = home.one("M1", "RSMI_001", 12)
    assert plain == {name: cell for name, cell in rows[0].items() if not name.startswith("valid")}


def test_history_is_clipped_to_all_the_viewers_own_periods(home: Home) -> None:
    home.supplier(IMPORT, "SUPA", 1, 5)
    home.supplier(IMPORT, "SUPZ", 5, 8)
    home.supplier(IMPORT, "SUPA", 8, 12)
    home.supplier(IMPORT, "SUPZ", 12)
    row = "Commissioned"
    assert _history(home, "S1") == [(row, iso(8), iso(12)), (row, iso(1), iso(5))]
    assert _history(home, "S2") == [(row, iso(12), ""), (row, iso(5), iso(8))]
    assert _history(home, "S1", 7) == [(row, iso(1), iso(5))]


def test_history_of_a_map_report_has_no_row_without_a_map(home: Home) -> None:
    home.map("E1", "MAPA", 5, 9)
    rows = home.ask("DCC", "MAP_001", history=True)
    assert [_cells(row, "valid_from", "valid_to") for row in rows] == [(iso(5), iso(9))]


def test_history_does_not_date_a_change_of_supplier_for_a_map_without_the_release(home: Home) -> None:
    home.map("E1", "MAPA", 1)
    home.supplier(IMPORT, "SUPA", 1, 9)
    home.supplier(IMPORT, "SUPZ", 9)
    row = "Commissioned"
    assert _history(home, "M1") == [(row, iso(1), "")]
    assert _history(home, "M1", released="supplier") == [(row, iso(9), ""), (row, iso(1), iso(9))]


def test_inputs_filter_each_row_of_history(home: Home) -> None:
    home.map("E1", "MAPA", 1, 9)
    home.map("E1", "MAPB", 9)
    assert _history(home, "M1", map_id="MAPA") == [("Commissioned", iso(1), iso(9))]
