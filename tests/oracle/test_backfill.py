"""The model's rules of the backfill, BKF_001 and BKF_002, each worked out by hand."""

from datetime import date

import pytest

from .backfill import percent
from .home import Home, column, ids, iso

IMPORT = "1000000000012"


@pytest.fixture
def home() -> Home:
    """Loaded on 20 November 2018; the implementation date is the 1st."""
    return Home()


def _request(home: Home, day: int, code: str = "I0", device: str = "E1", **cells: str | None) -> None:
    rows = home.tables.setdefault("service_requests", [])
    base: dict[str, str | None] = {
        "request_id": f"{len(rows):03}",
        "organisation": "S1",
        "service_reference_variant": "8.4",
        "device_id": device,
        "map_id": "MAPA",
        "received_at": f"{iso(day)}T23:59:59Z",
        "response_code": code,
    }
    home.add("service_requests", **(base | cells))


def _meters(home: Home, count: int, user: str = "S1", start: int = 1) -> None:
    for number in range(start, start + count):
        home.device(f"E{number}", pre_notified_by=user)


# --- BKF_001 -------------------------------------------------------------------------------------------


def test_outstanding_meters_are_in_scope_and_without_a_map(home: Home) -> None:
    _meters(home, 5)
    home.device("P1", "PPMID", pre_notified_by="S1")
    home.device("E6", pre=1, pre_notified_by="S1")  # on the implementation date: not before it
    home.device("E7", pre=0, pre_notified_by="S1")
    home.device("E8", pre_notified_by="S0")  # no User
    home.status("E2", "Decommissioned", 5)
    home.status("E3", "Withdrawn")
    home.status("E4", "Pending")
    home.map("E5", "ZZZZ")  # a MAP, whoever it is
    assert ids(home.ask("S1", "BKF_001")) == ["E1", "E4", "E7"]
    assert ids(home.ask("S1", "BKF_001", 4)) == ["E1", "E2", "E4", "E7"]
    assert ids(home.ask("S1", "BKF_001", -1)) == ["E1", "E2", "E4"]
    assert home.ask("S2", "BKF_001") == []
    assert column(home.ask("DCC", "BKF_001"), "organisation") == ["S1"] * 3
    assert ids(home.ask("S1", "BKF_001", implementation=date(2018, 11, 2))) == ["E1", "E4", "E6", "E7"]


def test_a_supplier_is_not_told_of_meters_that_have_moved_on(home: Home) -> None:
    home.meter("E1", IMPORT)
    home.supplier(IMPORT, "SUPA", -90, 5)
    home.supplier(IMPORT, "SUPZ", 5)
    home.tables["devices"][0]["pre_notified_by"] = "S1"
    names = ("device_status", "mpxn", "registered_supplier")
    assert [home.one("S1", "BKF_001", 4)[name] for name in names] == ["Commissioned", IMPORT, "SUPA"]
    assert [home.one("S1", "BKF_001")[name] for name in names] == ["", "", ""]
    assert [home.one("DCC", "BKF_001")[name] for name in names] == ["Commissioned", IMPORT, "SUPZ"]


def test_the_users_last_requests(home: Home) -> None:
    _meters(home, 1)
    _request(home, 3, "E1", device="e1")
    _request(home, 4, "E3", request_id="b")
    _request(home, 4, "E2", request_id="a")
    _request(home, 5)
    _request(home, 8, "E9", service_reference_variant="12.2")
    _request(home, 8, "E9", map_id=None)
    _request(home, 8, "E9", organisation="S2")
    _request(home, 8, "E9", device="E2")
    expected = {2: ("", ""), 3: ("E1", iso(3)), 4: ("E3", iso(4)), 20: ("E3", iso(5))}
    for day, cells in expected.items():
        row = home.one("DCC", "BKF_001", day)
        assert (row["last_refusal_code"], row["last_sent_on"]) == cells


# --- BKF_002 -------------------------------------------------------------------------------------------

COUNTS = ("in_scope", "populated", "outstanding", "lost", "percent_complete")


def _counts(row: dict[str, str], *names: str) -> list[str]:
    return [row[name] for name in names]


def test_one_row_a_user_a_month_each_as_at_its_end_or_d() -> None:
    home = Home(extract_day=75)  # 14 January 2019
    _meters(home, 3)
    home.status("E1", "Withdrawn", 31)  # 1 December
    home.map("E2", "MAPA", 30)  # 30 November
    home.map("E3", "MAPA", 75)
    rows = home.ask("SECAS", "BKF_002")
    assert column(rows, "month") == ["2018-11", "2018-12", "2019-01"]
    assert [_counts(row, *COUNTS) for row in rows] == [
        ["3", "1", "2", "0", "33.3"],
        ["2", "1", "1", "0", "50.0"],
        ["2", "2", "0", "0", "100.0"],
    ]
    past = home.ask("SECAS", "BKF_002", 29)
    assert [_counts(row, *COUNTS) for row in past] == [["3", "0", "3", "0", "0.0"]]
    assert home.ask("SECAS", "BKF_002", 0) == []


def test_users_are_those_that_pre_notified_a_meter_in_time(home: Home) -> None:
    home.device("E1", pre_notified_by="S1")
    home.device("E2", pre=1, pre_notified_by="S2")
    home.device("E3", pre_notified_by="S0")
    home.device("E4", pre_notified_by="M1")
    home.device("P1", "PPMID", pre_notified_by="M2")
    assert column(home.ask("DCC", "BKF_002"), "organisation") == ["M1", "S1"]
    assert column(home.ask("S1", "BKF_002"), "organisation") == ["S1"]
    assert home.ask("S2", "BKF_002") == []


def test_a_user_with_nothing_left_in_scope_is_complete(home: Home) -> None:
    _meters(home, 1)
    home.status("E1", "Decommissioned", 2)
    row = home.one("DCC", "BKF_002")
    assert _counts(row, *COUNTS, "projected_finish") == ["0", "0", "0", "0", "100.0", iso(20)]


@pytest.mark.parametrize(("end", "lost"), [(1, "0"), (2, "1"), (20, "1"), (21, "0")])
def test_lost_are_those_whose_map_ended_after_the_implementation_date(
    home: Home, end: int, lost: str
) -> None:
    _meters(home, 1)
    home.map("E1", "MAPA", -50, end)
    assert home.one("DCC", "BKF_002")["lost"] == lost
    home.tables["map_assignments"][0]["effective_to"] = None
    assert home.one("DCC", "BKF_002")["lost"] == "0"


def test_requests_are_counted_by_utc_day_within_the_month_and_up_to_d() -> None:
    home = Home(extract_day=40)
    _meters(home, 1)
    for day, code in (
        (0, "I0"),
        (1, "E2"),
        (1, "E1"),
        (5, "I0"),
        (5, "E3"),
        (5, "I0"),
        (31, "I0"),
        (40, "E1"),
    ):
        _request(home, day, code)
    _request(home, 5, received_at="2018-11-30T23:59:59Z", device="UNKNOWN")
    _request(home, 5, service_reference_variant="12.2")
    _request(home, 5, map_id=None)
    names = ("sent", "accepted", "refused", "top_refusal_code", "busiest_day_sent")
    november, december = home.ask("S1", "BKF_002")
    assert _counts(november, *names) == ["6", "3", "3", "E1", "3"]
    assert _counts(december, *names) == ["2", "1", "1", "E1", "1"]
    (early,) = home.ask("S1", "BKF_002", 4)
    assert _counts(early, *names) == ["2", "0", "2", "E1", "2"]
    _request(home, 6, "E2")
    assert home.ask("S1", "BKF_002")[0]["top_refusal_code"] == "E2"
    assert _counts(home.ask("S1", "BKF_002", implementation=date(2018, 10, 9))[0], *names) == [
        "1",
        "1",
        "0",
        "",
        "1",
    ]


def test_the_projected_finish_is_by_the_last_28_days(home: Home) -> None:
    _meters(home, 5)
    assert home.one("S1", "BKF_002")["projected_finish"] == ""
    _request(home, -8, device="E9")  # 24 October, the 29th day back
    assert home.one("S1", "BKF_002")["projected_finish"] == ""
    _request(home, -7, device="E9")
    assert home.one("S1", "BKF_002")["projected_finish"] == iso(20 + 140)
    _request(home, 20, device="E9")
    _request(home, 20, device="E9")
    assert home.one("S1", "BKF_002")["projected_finish"] == iso(20 + 47)  # 46.67 days
    for meter in range(1, 6):
        home.map(f"E{meter}", "MAPA")
    assert home.one("S1", "BKF_002")["projected_finish"] == iso(20)


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (5, 6, "83.3"),
        (1, 3, "33.3"),
        (2, 3, "66.7"),
        (1, 16, "6.3"),
        (1, 80, "1.3"),
        (0, 0, "100.0"),
        (1, 2000, "0.1"),
    ],
)
def test_percentages_round_half_up(part: int, whole: int, shown: str) -> None:
    assert percent(part, whole) == shown


def test_the_percentage_that_is_shown_is_rounded_half_up(home: Home) -> None:
    _meters(home, 16)
    home.map("E1", "MAPA")
    assert home.one("SECAS", "BKF_002")["percent_complete"] == "6.3"


def test_figures_of_the_declarations_are_empty(home: Home) -> None:
    _meters(home, 1)
    row = home.one("S1", "BKF_002")
    empty = [name for name, cell in row.items() if cell == ""]
    declared = ["declared", "declared_on", "declared_late", "daily_allowance", "window_from", "window_to"]
    assert empty == [
        *declared,
        "top_refusal_code",
        "days_over_allowance",
        "projected_finish",
        "panel_date",
        "on_track",
    ]
