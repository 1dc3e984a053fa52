"""Every planned oddity shows in a small extract: what reports, data issues and the change feed look for."""

from collections import Counter, defaultdict

import pytest

from smi_portal.inventory.demo import cast, oddities
from tests.inventory.demo.conftest import DELTA_DAY, FULL_DAY


def current(demo, table, key, value, day=FULL_DAY):
    """Return {key: value} of the rows of a table in force on a day."""
    return {row[key]: row[value] for row in demo.at(table, day)}


def imports(demo, day=FULL_DAY):
    """Return {device: import MPxN} on a day."""
    return {r["device_id"]: r["mpxn"] for r in demo.at("device_mpxns", day) if r["kind"] == "IMPORT"}


def test_each_oddity_has_a_premise_of_its_own_in_every_cycle():
    assert len(oddities.ODDITIES) == len(oddities.NAMES) == len(set(oddities.NAMES))
    assert max(oddities.ODDITIES) < oddities.CYCLE


def test_statuses_of_every_kind(demo):
    found = set(current(demo, "device_statuses", "device_id", "status").values())
    assert found >= {
        *("Pending", "InstalledNotCommissioned", "Commissioned", "Decommissioned", "Withdrawn"),
        *("Suspended", "Recovered"),
    }
    ever = {row["status"] for row in demo.full["device_statuses"].values()}
    assert ever >= {"Whitelisted", "Recovery"}
    with_status = {row["device_id"] for row in demo.full["device_statuses"].values()}
    assert set(demo.meters()) - with_status, "a meter without any status"


def test_mpxn_oddities(demo):
    meters, status = demo.meters(), current(demo, "device_statuses", "device_id", "status")
    registered = {row["mpxn"] for row in demo.full["registrations"].values()}
    in_force = demo.at("device_mpxns")
    assert any(row["mpxn"] not in registered for row in in_force), "unregistered"
    live = [r for r in in_force if status.get(r["device_id"]) == "Commissioned" and r["kind"] == "IMPORT"]
    assert max(Counter(row["mpxn"] for row in live).values()) == 2, "duplicate"
    kinds = {
        (meters[r["device_id"]]["device_type"], meters[r["device_id"]]["esme_variant"][:1], r["kind"])
        for r in in_force
    }
    assert ("ESME", "A", "SECONDARY_IMPORT") in kinds, "unfit secondary import"
    assert ("ESME", "B", "SECONDARY_IMPORT") in kinds
    assert ("GSME", "", "EXPORT") in kinds, "unfit export"
    assert ("ESME", "A", "EXPORT") in kinds
    assert any(status.get(row["device_id"]) == "Pending" for row in in_force), "an MPxN on a Pending meter"


def test_a_crossed_meter_was_put_right(demo):
    history = defaultdict(set)
    for row in demo.full["device_mpxns"].values():
        if row["kind"] == "IMPORT":
            history[row["device_id"]].add(row["mpxn"])
    assert any(len(mpxns) == 2 for mpxns in history.values())


@pytest.mark.parametrize("oddity", sorted(cast.ODD_MAPS))
def test_map_ids_that_mdd_knows_badly_are_in_use(demo, oddity):
    electricity, gas = cast.ODD_MAPS[oddity]
    fuels = {r["device_id"]: r["device_type"] for r in demo.meters().values()}
    used = {(row["map_id"], fuels[row["device_id"]]) for row in demo.at("map_assignments")}
    assert {(electricity, "ESME"), (gas, "GSME")} <= used
    known = [r for r in demo.full["participants"].values() if r["mpid"] == gas and r["role"] == "MAP"]
    later = [r for r in demo.later["participants"].values() if r["mpid"] == gas and r["role"] == "MAP"]
    begins = min(r["effective_from"] for r in demo.full["map_assignments"].values() if r["map_id"] == gas)
    holds = {
        "unknown": not known and not later,
        "dead": all(row["effective_to"] < "2018" for row in known),
        "dummy": all(row["organisation"] == "" for row in known),
        "late": all(row["effective_from"] > begins for row in known),
        "new": not known and bool(later),
    }
    assert holds[oddity]


def test_a_gas_meter_carries_its_maps_electricity_id(demo):
    gas = {r["device_id"] for r in demo.meters().values() if r["device_type"] == "GSME"}
    assert any(len(r["map_id"]) == 4 for r in demo.at("map_assignments") if r["device_id"] in gas)


def test_one_map_deals_in_gas_only(demo):
    fuels = {r["fuel"] for r in demo.full["participants"].values() if r["organisation"] == "MAP-ASHLOCK"}
    assert fuels == {"G"}
    assert any(row["map_id"] == "AK1" for row in demo.at("map_assignments"))


@pytest.mark.parametrize(
    ("role", "table", "column"),
    [("MAP", "map_assignments", "map_id"), ("SUPPLIER", "registrations", "supplier_mpid")],
)
def test_an_mpid_in_use_moved_from_one_organisation_to_another(demo, role, table, column):
    rows = [r for r in demo.full["participants"].values() if r["role"] == role]
    owners = defaultdict(set)
    for row in rows:
        owners[row["mpid"]].add(row["organisation"])
    moved = {mpid for mpid, found in owners.items() if len(found) > 1}
    assert moved == {cast.MAP_MOVED if role == "MAP" else cast.SUPPLIER_MOVED}
    assert moved & {row[column] for row in demo.at(table)}


@pytest.mark.parametrize("oddity", sorted(cast.ODD_SUPPLIERS))
def test_supplier_mpids_that_mdd_knows_badly_are_registered(demo, oddity):
    in_force = {row["supplier_mpid"] for row in demo.at("registrations")}
    assert set(cast.ODD_SUPPLIERS[oddity]) <= in_force
    owners = {r["mpid"]: r["organisation"] for r in demo.at("participants") if r["role"] == "SUPPLIER"}
    assert not any(owners.get(mpid) for mpid in cast.ODD_SUPPLIERS[oddity])


def test_firmware_beside_the_cpl_and_old_firmware(demo):
    listed = {(r["model"], r["firmware_version"]): r["firmware_status"] for r in demo.full["cpl"].values()}
    models = {r["device_id"]: r["model"] for r in demo.full["devices"].values()}
    running = {
        listed.get((models[r["device_id"]], r["firmware_version"])) for r in demo.at("device_firmwares")
    }
    assert running >= {None, "Active", "Withdrawn"}
    assert set(listed.values()) == {"Active", "Expired", "Withdrawn", "Cancelled"}
    assert {row["cpl_status"] for row in demo.full["cpl"].values()} >= {"Active", "Expired", "Cancelled"}
    assert demo.delta["cpl"]


def test_hubs_without_devices_in_every_region(demo):
    devices = {r["device_id"]: r for r in demo.full["devices"].values()}
    real = [r for r in demo.at("hub_links") if devices[r["device_id"]]["device_type"] != "GPF"]
    attached = {row["chf_device_id"] for row in real}
    ever = {
        r["chf_device_id"]
        for r in demo.full["hub_links"].values()
        if devices[r["device_id"]]["device_type"] in ("ESME", "GSME")
    }
    status = current(demo, "device_statuses", "device_id", "status")
    hubs = [
        r for r in devices.values() if r["device_type"] == "CHF" and status[r["device_id"]] == "Commissioned"
    ]
    empty = [row for row in hubs if row["device_id"] not in attached]
    assert {r["csp_region"] for r in empty if r["device_id"] in ever} >= {"North", "Central", "South"}
    assert [row for row in empty if row["device_id"] not in ever], "a hub that never had a device"


def test_schedules_forgotten_foreign_ended_and_planned_to_end(demo):
    mpxns = imports(demo)
    registered = current(demo, "registrations", "mpxn", "supplier_mpid")
    owner = {r["mpid"]: r["organisation"] for r in demo.at("participants") if r["role"] == "SUPPLIER"}
    rows = list(demo.full["schedules"].values())
    live = [
        r for r in rows if r["start_date"] <= FULL_DAY and (not r["end_date"] or r["end_date"] >= FULL_DAY)
    ]
    assert any(r["organisation"] != owner.get(registered.get(mpxns.get(r["device_id"]))) for r in live)
    kinds = {demo.full["organisations"][(row["organisation"],)]["kind"] for row in live}
    assert kinds == {"SUPPLIER", "OTHER"}
    assert any(r["end_date"] and r["end_date"] < FULL_DAY for r in rows)
    assert any(r["end_date"] > FULL_DAY for r in rows)
    assert len({row["frequency"] for row in rows}) == 6
    assert 0.15 < len(live) / len(demo.meters()) < 0.45


def test_certificates_of_every_standing(demo):
    rows = demo.full["certificates"].values()
    devices = {r["device_id"]: r["device_type"] for r in demo.full["devices"].values()}
    assert any(row["revoked_on"] and row["revoked_on"] <= FULL_DAY for row in rows)
    assert any(not row["revoked_on"] and row["expires_on"] <= FULL_DAY for row in rows)
    assert any(row["issued_on"] > FULL_DAY for row in rows)
    assert {devices[row["device_id"]] for row in rows} == {"ESME", "GSME", "GPF", "CHF"}
    assert set(Counter(row["device_id"] for row in rows).values()) == {2, 4}


def test_changes_of_supplier_of_every_kind(demo):
    chains = defaultdict(list)
    for row in sorted(demo.full["registrations"].values(), key=lambda r: r["effective_from"]):
        chains[row["mpxn"]].append((row["supplier_mpid"], row["effective_from"]))
    changes = {(mpxn, day) for mpxn, chain in chains.items() for _, day in chain[1:]}
    assert any("2018-12-01" <= day <= FULL_DAY for _, day in changes), "recent"
    assert any(c[-1][0] == c[-3][0] and c[-2][1] > "2018-11" for c in chains.values() if len(c) > 2), (
        "there and back"
    )
    days = defaultdict(set)
    for row in demo.full["device_statuses"].values():
        days[row["device_id"]].add(row["effective_from"])
    held = [(r["mpxn"], day) for r in demo.full["device_mpxns"].values() for day in days[r["device_id"]]]
    assert changes & set(held), "change of supplier and of status on one day"
    first = min(row["effective_from"] for row in demo.full["registrations"].values())
    assert first < min(row["installed_on"] for row in demo.meters().values() if row["installed_on"])


def test_meters_were_removed_and_replaced(demo):
    gone = [row for row in demo.meters().values() if row["removed_on"]]
    assert len({row["removal_reason"] for row in gone}) > 2
    ended = {(r["mpxn"], r["effective_to"]) for r in demo.full["device_mpxns"].values() if r["effective_to"]}
    begun = {(r["mpxn"], r["effective_from"]) for r in demo.full["device_mpxns"].values()}
    assert ended & begun, "a new meter on the day the old one went"


def test_the_delta_brings_a_change_of_every_kind(demo):
    before = current(demo, "map_assignments", "device_id", "map_id")
    after = current(demo, "map_assignments", "device_id", "map_id", DELTA_DAY)
    assert set(before) - set(after), "MAP ID lost"
    assert set(after) - set(before), "MAP ID set"
    assert any(after[device] != before[device] for device in set(before) & set(after)), "MAP ID changed"
    assert {d: m for d, m in imports(demo).items() if imports(demo, DELTA_DAY).get(d, m) != m}, "MPxN changed"
    suppliers = current(demo, "registrations", "mpxn", "supplier_mpid")
    assert suppliers.items() - current(demo, "registrations", "mpxn", "supplier_mpid", DELTA_DAY).items()
    statuses = current(demo, "device_statuses", "device_id", "status", DELTA_DAY)
    changed = {
        s for d, s in current(demo, "device_statuses", "device_id", "status").items() if statuses.get(d) != s
    }
    assert "Commissioned" in changed
    removed = {r["device_id"] for r in demo.later["devices"].values() if r["removed_on"] > FULL_DAY}
    assert removed
    assert any(r["postcode"] == "ZZ99 9ZZ" for r in demo.later["devices"].values()), "address corrected"


def test_the_delta_rewrites_the_past_and_deletes_a_pending_meter(demo):
    gone = demo.full["registrations"].keys() - demo.later["registrations"].keys()
    assert gone
    deleted = {device for (device,) in demo.full["devices"].keys() - demo.later["devices"].keys()}
    assert deleted
    for table in ("device_statuses", "device_firmwares", "map_assignments"):
        assert not [row for row in demo.later[table].values() if row["device_id"] in deleted]
