"""The demo extract keeps every hard rule of the extract format, and looks like a market."""

import json
from collections import Counter
from pathlib import Path

from smi_portal.inventory.demo import cast, cut, package
from smi_portal.inventory.identifiers import is_valid_mpan, is_valid_mprn
from tests.inventory.demo.checker import state_problems


def test_every_cell_and_key_keeps_the_published_schema(demo):
    assert demo.problems == []


def test_the_full_package_has_no_dangling_reference_and_no_overlapping_period(demo):
    assert state_problems(demo.descriptors[0], demo.full) == []


def test_neither_has_the_state_after_the_delta(demo):
    assert state_problems(demo.descriptors[0], demo.later) == []


def test_descriptors_say_which_extract_they_describe(demo):
    full, delta = demo.descriptors
    assert (full["kind"], full["sequence"], full["as_at"]) == ("full", 1, "2019-01-31T23:00:00Z")
    assert (delta["kind"], delta["sequence"], delta["as_at"]) == ("delta", 2, "2019-02-28T23:00:00Z")
    assert full["extract_id"] != delta["extract_id"]
    published = json.loads(package.SCHEMA_PATH.read_text(encoding="utf-8"))
    assert full["resources"] == published["resources"]
    assert [r for r in delta["resources"] if r["name"] != "deletions"] == published["resources"]


def test_columns_of_the_cuts_are_those_of_the_schema(demo):
    for resource in demo.descriptors[0]["resources"]:
        name, columns = resource["name"], package.columns()[resource["name"]]
        if name in cut.CUTS:
            assert [columns[at] for at in cut.CUTS[name].key] == resource["schema"]["primaryKey"], name


def test_the_delta_holds_no_row_that_did_not_change(demo):
    for resource in demo.descriptors[0]["resources"]:
        key = resource["schema"]["primaryKey"]
        before = demo.full[resource["name"]]
        assert not [r for r in demo.delta[resource["name"]] if before.get(tuple(r[k] for k in key)) == r]
    assert demo.delta["deletions"]
    assert sum(len(rows) for rows in demo.delta.values()) > 100


def test_no_package_tells_of_days_after_its_own_save_what_is_planned(demo):
    for state, day in ((demo.full, "2019-01-31"), (demo.later, "2019-02-28")):
        assert max(r["received_at"] for r in state["service_requests"].values()) <= f"{day}T23:00:00Z"
        for column in ("pre_notified_on", "installed_on", "commissioned_on", "removed_on"):
            assert max(r[column] for r in state["devices"].values()) <= day
        for table in ("device_statuses", "device_mpxns", "map_assignments", "hub_links", "device_firmwares"):
            assert max(r["effective_to"] for r in state[table].values()) <= day
        assert any(not r["removal_reason"] for r in state["devices"].values())
        assert all(bool(r["removed_on"]) == bool(r["removal_reason"]) for r in state["devices"].values())


def test_nearly_all_check_digits_are_right_and_some_are_wrong(demo):
    mpxns = {(r["mpxn"], len(r["mpxn"])) for r in demo.full["device_mpxns"].values()}
    wrong = [m for m, size in mpxns if not (is_valid_mpan(m) if size == 13 else is_valid_mprn(m))]
    assert 0 < len(wrong) < 0.02 * len(mpxns)


def test_homes_are_mostly_dual_fuel_with_hub_proxy_and_display(demo):
    kinds = Counter(r["device_type"] for r in demo.full["devices"].values())
    assert set(kinds) == {"ESME", "GSME", "GPF", "CHF", "PPMID", "IHD", "CAD", "HCALCS"}
    assert 480 < kinds["ESME"] + kinds["GSME"] < 660
    assert kinds["GSME"] > 0.75 * kinds["ESME"]
    hubs = {r["pre_notified_by"] for r in demo.full["devices"].values() if r["device_type"] == "CHF"}
    assert cast.DCC in hubs


def test_each_gas_meter_names_a_gas_proxy_known_before_it_and_linked_to_a_hub(demo):
    devices = {r["device_id"]: r for r in demo.later["devices"].values()}
    linked = {r["device_id"] for r in demo.later["hub_links"].values()}
    gas = [r for r in devices.values() if r["device_type"] == "GSME" and r["installed_on"]]
    assert gas
    for meter in gas:
        proxy = devices[meter["gpf_device_id"]]
        assert proxy["device_type"] == "GPF"
        assert proxy["device_id"] in linked


def test_type_2_devices_have_no_status(demo):
    with_status = {r["device_id"] for r in demo.full["device_statuses"].values()}
    type_2 = [r["device_id"] for r in demo.full["devices"].values() if r["device_type"] in ("IHD", "CAD")]
    assert type_2
    assert not with_status & set(type_2)


def test_a_meter_lives_through_the_statuses_in_their_order(demo):
    order = ["Pending", "Whitelisted", "InstalledNotCommissioned", "Commissioned", "Decommissioned"]
    lives = Counter()
    for device in demo.meters():
        rows = [r for r in demo.full["device_statuses"].values() if r["device_id"] == device]
        life = [r["status"] for r in sorted(rows, key=lambda r: r["effective_from"])]
        usual = [status for status in life if status in order]
        if "Suspended" not in life:
            assert usual == sorted(usual, key=order.index)
        lives[tuple(life)] += 1
    assert lives[tuple(order[:4])] > 50


def test_shares_are_skewed_and_the_logins_own_enough(demo):
    owners = {r["mpid"]: r["organisation"] for r in demo.at("participants") if r["role"] == "MAP"}
    assets = Counter(owners.get(r["map_id"]) for r in demo.at("map_assignments"))
    assert assets["MAP-NORTHMOOR"] > assets["MAP-SEVERN"] > 20
    assert assets["MAP-NORTHMOOR"] > 3 * assets["MAP-PENFOLD"]
    organisations = demo.full["organisations"]
    for code in ("MAP-NORTHMOOR", "MAP-SEVERN", "SUP-BRIGHTWATER", "SUP-LARKFIELD", "SECAS", "DCC"):
        assert organisations[(code,)]["is_user"] == "true"
    no_users = Counter(r["kind"] for r in organisations.values() if r["is_user"] == "false")
    assert no_users == {"MAP": 1, "SUPPLIER": 1}
    assert len(cast.SUPPLIERS) == 12
    assert len(cast.MAPS) == 8


def test_addresses_and_postcodes_are_invented(demo):
    for row in demo.full["devices"].values():
        assert row["postcode"].startswith("ZZ")
        assert row["uprn"] == "" or (len(row["uprn"]) == 12 and row["uprn"][0] == "9")
        assert 0 < len(row["address_identifier"]) <= 30
        assert int(row["device_id"][:2], 16) & 2, "no maker's own EUI-64: the locally-administered bit is set"


def test_no_module_of_the_generator_touches_the_database():
    for module in Path(package.__file__).parent.glob("*.py"):
        assert "django" not in module.read_text(encoding="utf-8").lower(), module


def test_the_days_of_a_device_come_in_their_order(demo):
    for row in demo.later["devices"].values():
        days = [row[name] for name in ("pre_notified_on", "installed_on", "commissioned_on", "removed_on")]
        given = [day for day in days if day]
        assert given == sorted(given), row


def test_nothing_is_known_of_a_device_before_its_pre_notification(demo):
    known = {row["device_id"]: row["pre_notified_on"] for row in demo.later["devices"].values()}
    for table in cut.CUTS.keys() - {"devices", "registrations", "schedules", "service_requests"}:
        first = "issued_on" if table == "certificates" else "effective_from"
        assert all(row[first] >= known[row["device_id"]] for row in demo.later[table].values()), table
