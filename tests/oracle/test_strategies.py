"""The generated extracts are valid, full of coincidences, and survive being written, loaded and changed."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .home import Home
from .inventory import PRIMARY_KEYS, Inventory, Tables
from .minimise import minimise
from .model import REPORTS, Refused
from .questions import Question, random_question
from .strategies import Extract, extracts, random_delta, random_extract, write_extract

REFERENCES = [
    ("participants", "organisation", "organisations", "organisation"),
    ("devices", "gpf_device_id", "devices", "device_id"),
    ("devices", "pre_notified_by", "organisations", "organisation"),
    ("hub_links", "chf_device_id", "devices", "device_id"),
    ("schedules", "organisation", "organisations", "organisation"),
    ("service_requests", "organisation", "organisations", "organisation"),
    *(
        (table, "device_id", "devices", "device_id")
        for table in (
            *("device_statuses", "device_firmwares", "device_mpxns", "hub_links"),
            *("map_assignments", "certificates", "schedules"),
        )
    ),
]
SEEDS = range(150)


def _faults(tables: Tables) -> Iterator[str]:
    """What a load of a full extract would refuse."""
    text = Inventory(tables, datetime(2018, 11, 5, tzinfo=UTC)).text
    for name, key in PRIMARY_KEYS.items():
        periods: dict[tuple[str | None, ...], list[tuple[str, str]]] = defaultdict(list)
        for row in text[name]:
            owner = tuple(row[column] for column in key if column != "effective_from")
            start = str(row.get("effective_from") or "")
            end = str(row.get("effective_to") or "9999")
            if "effective_from" in row and start >= end:
                yield f"{name}: empty period {row}"
            periods[owner].append((start, end))
        for owner, spans in periods.items():
            ordered = sorted(spans)
            if any(one[1] > two[0] for one, two in pairwise(ordered)):
                yield f"{name}: overlap of {owner}"
    for name, column, target, target_column in REFERENCES:
        known = {row[target_column] for row in text[target]} | {None}
        yield from (f"{name}.{column} dangles: {row}" for row in text[name] if row[column] not in known)


def test_the_check_of_validity_finds_faults() -> None:
    home = Home()
    home.device("E1", gpf_device_id="E9")
    home.status("E1", "Pending", 1, 5)
    home.status("E1", "Pending", 4)
    home.firmware("E1", "1.0", 3, 3)
    assert len(list(_faults(home.tables))) == 3


@given(extracts())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_drawn_extracts_are_valid_and_every_viewer_may_ask(extract: Extract) -> None:
    assert list(_faults(extract.tables)) == []
    inventory = extract.inventory()
    for report in REPORTS:
        random_question(Random(0), extract, report).answer(inventory)


@pytest.mark.parametrize("seed", SEEDS[:40])
def test_deltas_lead_from_one_valid_state_to_another(seed: int) -> None:
    rng = Random(seed)
    extract = random_extract(rng)
    tables, inventory = extract.tables, extract.inventory()
    for _ in range(3):
        upserts, deletions = random_delta(tables, rng, extract.calendar)
        inventory = inventory.changed(upserts, deletions, extract.as_at)
        tables = inventory.text
        assert list(_faults(tables)) == []


def test_deltas_change_something() -> None:
    for seed in SEEDS[:20]:
        rng = Random(seed)
        extract = random_extract(rng)
        upserts, deletions = random_delta(extract.tables, rng, extract.calendar)
        assert deletions or any(upserts.values())


@pytest.mark.parametrize("seed", SEEDS[:10])
def test_packages_are_read_back_as_they_were_written(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    extract = random_extract(rng)
    upserts, deletions = random_delta(extract.tables, rng, extract.calendar)
    full = write_extract(extract.tables, tmp_path / "full", as_at=extract.as_at)
    delta = write_extract(
        upserts, tmp_path / "delta", "delta", 2, extract.as_at, "oracle-2", deletions=deletions
    )
    loaded = Inventory.load([full, delta])
    expected = extract.inventory().changed(upserts, deletions, extract.as_at)
    assert loaded.as_at == extract.as_at
    for name, rows in expected.text.items():
        assert sorted(map(str, loaded.text[name])) == sorted(map(str, rows))


def test_a_delta_deletes_first_and_replaces_by_key_in_either_case() -> None:
    home = Home()
    home.device("e1", serial_number="1")
    home.device("E2", serial_number="1")
    before = Inventory(home.tables, home.as_at)
    changed = {"devices": [dict(home.tables["devices"][0], device_id="E1", serial_number="2")]}
    after = before.changed(
        changed, [("devices", {"device_id": "E1"}), ("devices", {"device_id": "e2"})], home.as_at
    )
    assert [(row["device_id"], row["serial_number"]) for row in after["devices"]] == [("E1", "2")]


@pytest.mark.parametrize("report", sorted(REPORTS))
def test_questions_are_answered_with_rows_often_enough(report: str) -> None:
    answered = refused = 0
    for seed in SEEDS:
        rng = Random(seed)
        extract = random_extract(rng)
        try:
            answered += bool(random_question(rng, extract, report).answer(extract.inventory()))
        except Refused:
            refused += 1
    assert answered >= len(SEEDS) // 25, "a comparison of nothing with nothing proves nothing"
    assert 0 < refused < len(SEEDS) // 3


@given(st.integers(0, 50))
def test_one_seed_makes_one_extract(seed: int) -> None:
    assert random_extract(Random(seed)) == random_extract(Random(seed))


def test_a_failing_extract_is_made_small() -> None:
    def fails(extract: Extract) -> bool:
        return any(row["supplier_id"] for row in Question("SUP-ONE", "RSMI_001").answer(extract.inventory()))

    extract = next(extract for seed in SEEDS if fails(extract := random_extract(Random(seed))))
    small = minimise(extract, fails, tries=2000)
    assert fails(small)
    assert list(_faults(small.tables)) == []
    sizes = {name: len(rows) for name, rows in small.tables.items() if rows and name != "organisations"}
    assert sizes == {"devices": 1, "device_mpxns": 1, "registrations": 1, "participants": 1}
