"""The backfill in progress: requests and assignments agree, and each User plays its part."""

from collections import Counter, defaultdict

import pytest

from smi_portal.inventory.demo import cast
from smi_portal.inventory.demo.package import Options, write_demo_extract
from tests.inventory.demo.checker import read_package

D = "2019-01-31"
IMPLEMENTATION = "2018-11-01"


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    """Return the rows of a full package that is large enough for each User to have some hundred meters."""
    out = tmp_path_factory.mktemp("backfill")
    write_demo_extract(out, Options(premises=2500, seed=7, delta=False))
    return read_package(out / "0001-full")[1]


@pytest.fixture(scope="module")
def progress(facts):
    """Return {User: {month end: (in scope, populated)}}, computed straight from the definitions."""
    meters = [
        r for r in facts["devices"]
        if r["device_type"] in ("ESME", "GSME") and r["pre_notified_on"] < IMPLEMENTATION
    ]  # fmt: skip
    result = defaultdict(dict)
    for day in ("2018-11-30", "2018-12-31", D):
        gone = {
            r["device_id"]
            for r in facts["device_statuses"]
            if at(r, day) and r["status"] in ("Decommissioned", "Withdrawn")
        }
        populated = {r["device_id"] for r in facts["map_assignments"] if at(r, day)}
        for user in {row["pre_notified_by"] for row in meters}:
            scope = {r["device_id"] for r in meters if r["pre_notified_by"] == user} - gone
            result[user][day] = (len(scope), len(scope & populated))
    return result


def at(row, day):
    """Tell whether a row is in force on a day."""
    return row["effective_from"] <= day and (not row["effective_to"] or day < row["effective_to"])


def share(progress, user, day=D):
    """Return the share of a User's meters that have a MAP ID."""
    scope, populated = progress[user][day]
    return populated / scope


def test_every_assignment_begins_with_an_accepted_request(facts):
    accepted = {
        (r["service_reference_variant"], r["device_id"], r["map_id"], r["received_at"][:10])
        for r in facts["service_requests"]
        if r["response_code"] == "I0" and r["map_id"]
    }
    variant = {"PRE_NOTIFICATION": "12.2", "BACKFILL": "8.4", "UPDATE_INVENTORY": "8.4"}
    assigned = {
        (variant[r["source"]], r["device_id"], r["map_id"], r["effective_from"])
        for r in facts["map_assignments"]
    }
    assert assigned == accepted
    assert {row["source"] for row in facts["map_assignments"]} == set(variant)


def test_no_map_id_before_the_implementation_and_none_missing_since(facts):
    assert min(row["effective_from"] for row in facts["map_assignments"]) >= IMPLEMENTATION
    known = {r["device_id"] for r in facts["map_assignments"] if r["source"] == "PRE_NOTIFICATION"}
    since = {
        r["device_id"]
        for r in facts["devices"]
        if r["device_type"] in ("ESME", "GSME") and r["pre_notified_on"] >= IMPLEMENTATION
    }
    assert known == since
    assert len(since) > 100


def test_only_users_pre_notified_meters(progress):
    assert set(progress) == set(cast.BACKFILLERS)
    assert "SUP-EMBERLANE" not in progress


def test_requests_are_refused_for_several_reasons_also_for_unknown_devices(facts):
    codes = Counter(r["response_code"] for r in facts["service_requests"])
    assert codes.keys() >= {"I0", "E080406", "E080407", "E080410", "E080414"}
    devices = {row["device_id"] for row in facts["devices"]}
    assert [r for r in facts["service_requests"] if r["device_id"] not in devices]
    last = {}
    for row in sorted(facts["service_requests"], key=lambda r: r["received_at"]):
        if row["map_id"]:
            last[row["device_id"]] = row["response_code"]
    assert any(code != "I0" for code in last.values()), "refused and not sent again"


def test_the_big_ones_make_steady_progress(progress):
    for user in ("SUP-BRIGHTWATER", "SUP-LARKFIELD"):
        november, december, january = (share(progress, user, day) for day in progress[user])
        assert 0.03 < november < december - 0.05 < january - 0.1
        assert january < 0.75


def test_the_early_finisher_has_finished(progress):
    scope, populated = progress["SUP-FENMARSH"]["2018-12-31"]
    assert scope - populated <= 0.02 * scope


def test_the_late_declarer_began_in_mid_december(facts):
    sent = [
        r["received_at"][:10] for r in facts["service_requests"]
        if r["organisation"] == "SUP-THISTLEDOWN" and r["service_reference_variant"] == "8.4" and r["map_id"]
    ]  # fmt: skip
    assert len(sent) > 30
    assert min(sent) >= "2018-12-17"


def test_one_sends_far_over_its_pace_on_some_days(facts):
    days = Counter(
        r["received_at"][:10]
        for r in facts["service_requests"]
        if r["organisation"] == "SUP-HALCYONVALE" and r["service_reference_variant"] == "8.4" and r["map_id"]
    )
    usual = sorted(days.values())[len(days) // 2]
    assert {day for day, count in days.items() if count > 4 * usual} == {
        "2018-12-12",
        "2019-01-09",
        "2019-01-23",
    }


def test_one_lost_map_ids_again(facts, progress):
    lost = defaultdict(int)
    owners = {row["device_id"]: row["pre_notified_by"] for row in facts["devices"]}
    current = {r["device_id"] for r in facts["map_assignments"] if at(r, D)}
    for row in facts["map_assignments"]:
        if row["effective_to"] and row["device_id"] not in current:
            lost[owners[row["device_id"]]] += 1
    assert lost["SUP-COPPERGATE"] > 0.08 * progress["SUP-COPPERGATE"][D][0]
    assert lost["SUP-COPPERGATE"] == max(lost.values())


def test_one_has_stalled_since_december(facts, progress):
    sent = [
        r["received_at"][:10] for r in facts["service_requests"]
        if r["organisation"] == "SUP-OAKHOLLOW" and r["service_reference_variant"] == "8.4" and r["map_id"]
    ]  # fmt: skip
    assert len(sent) > 20
    assert max(sent) < "2018-12-24"
    assert 0.2 < share(progress, "SUP-OAKHOLLOW") < 0.7
