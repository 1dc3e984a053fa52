"""What one party has, the other has not; what changed hands left with no trace of now, and came with none of before."""

from __future__ import annotations

import pytest

from tests.contract.cases import CASES, Case
from tests.support import world
from tests.support.files import get
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db

DAYS = ("", "2018-11-11", "2018-11-09", "2018-10-01")
MAP_REPORTS = [case.report.code for case in CASES if case.organisation == "M1"]


def case_of(code: str, organisation: str) -> Case:
    return next(case for case in CASES if case.report.code == code and case.organisation == organisation)


def keys(case: Case, **given: str) -> set[tuple[str, ...]]:
    """The rows by their keys; of a list, whose lines are anyone's, the devices that they name."""
    if case.report.code == "LIST_001":
        return {(device,) for device in devices(case.records(**given))}
    return {tuple(row[key] for key in case.report.key) for row in case.records(**given)}


def devices(rows: list[dict[str, str]]) -> set[str]:
    """Every device that rows name as theirs."""
    named = "device_id" if rows and "device_id" in rows[0] else "device_ids"
    return {device for row in rows for device in row[named].split(";") if device}


@pytest.mark.parametrize("code", MAP_REPORTS)
@pytest.mark.parametrize("day", DAYS, ids=["now", *DAYS[1:]])
def test_two_maps_share_no_row(code: str, day: str) -> None:
    one, two = case_of(code, "M1"), case_of(code, "M2")
    if not day or code not in {"RSMI_004", "RSMI_005"}:
        assert keys(one, as_at=day)
        assert keys(two, as_at=day)
    assert not keys(one, as_at=day) & keys(two, as_at=day)
    assert keys(one, as_at=day) | keys(two, as_at=day) <= keys(case_of(code, "DCC"), as_at=day)


@pytest.mark.parametrize(
    "code", [c.report.code for c in CASES if c.organisation == "S1" and c.report.code != "BKF_002"]
)
def test_two_suppliers_share_no_meter(code: str) -> None:
    """Nor another device of a home: here, each home has one supplier."""
    for day in DAYS:
        one, two = (case_of(code, organisation).records(as_at=day) for organisation in ("S1", "S2"))
        if (
            code == "RSMI_004"
        ):  # a hub's pre-notifier sees it beside its last meter's supplier, who alone is named
            one, two = ([row for row in rows if row["last_attached_device_id"]] for rows in (one, two))
        if code == "DQ_001":  # it has such hubs too, without saying whose meter was the last
            one, two = (
                [row for row in rows if row["device_type"] in {"ESME", "GSME"}] for rows in (one, two)
            )
        assert not devices(one) & devices(two)


MOVED = {
    "supplier": (("S1", "S2"), world.LEFT_S1, world.CHANGE_OF_SUPPLIER),
    "MAP": (("M1", "M2"), world.LEFT_M1, world.CHANGE_OF_MAP),
}
#: Reports of devices now with someone, and the home's device to look for. (Hubs and schedules have other viewers too.)
OF_METERS = ("RSMI_001", "RSMI_002", "RSMI_003", "RSMI_006", "RSMI_007")


@pytest.mark.parametrize("party", MOVED)
@pytest.mark.parametrize("code", OF_METERS)
def test_who_left_sees_nothing_of_now_and_who_came_nothing_of_before(party: str, code: str) -> None:
    (former, later), every, day = MOVED[party]
    meters = {
        world.device_id(home, 1)
        for home in range(every, world.HOMES + 1, every)
        if home % 8 != 7 and home % 6 != 5
    }
    left, came = case_of(code, former), case_of(code, later)
    before, now = f"2018-11-{day - 1:02d}", f"2018-11-{day:02d}"
    for meter in meters:
        assert meter in {row["device_id"] for row in left.records(as_at=before)}
        assert meter in {row["device_id"] for row in came.records(as_at=now)}
    for gone in (now, ""):
        assert not meters & {row["device_id"] for row in left.records(as_at=gone)}
    assert not meters & {row["device_id"] for row in came.records(as_at=before)}
    if left.report.has_history:
        _histories_meet(left, came, meters, now)


def _histories_meet(left: Case, came: Case, meters: set[str], day: str) -> None:
    """The one's rows end on the day on which the other's begin, and tell nothing beyond it.

    (A supplier that pre-notified a meter also saw it for its first days, before it was registered.)
    """
    old, new = (
        [
            row
            for row in case.records(history="true")
            if row["device_id"] in meters and row["valid_from"] >= "2018-08-03"
        ]
        for case in (left, came)
    )
    assert {row["device_id"] for row in old} == {row["device_id"] for row in new} == meters
    assert max(row["valid_to"] for row in old) == min(row["valid_from"] for row in new) == day
    told = {"installation_date", "commissioned_date"}
    assert all(value < day for row in old for key, value in row.items() if key in told)


def test_another_partys_device_is_one_that_does_not_exist() -> None:
    """By every road on which a device can be named, the answer is the same bytes."""
    theirs = case_of("MAP_001", "M2").records()[0]
    client = signed_in("M1")
    for column in ("map_id", "manufacturer", "device_status"):
        mine = {row[column] for row in case_of("MAP_001", "M1").records()}
        if theirs[column] not in mine:
            one = get(client, f"/reports/MAP_001/download.csv?{column}={theirs[column]}")
            assert one == get(client, f"/reports/MAP_001/download.csv?{column}=NOSUCH")
    assert theirs["map_id"] not in {row["map_id"] for row in case_of("MAP_001", "M1").records()}
    for organisation in ("M0", "S0", "OTHER"):
        assert signed_in(organisation).get("/reports/MAP_001/").status_code == 403
