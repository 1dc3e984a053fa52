"""Feed and rental days against the naive model, over small random inventories and what later extracts make of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from smi_portal.access import scope
from smi_portal.portfolio import feed, rental
from smi_portal.portfolio.asking import Period
from tests.oracle.inventory import Inventory
from tests.oracle.sight import Viewer
from tests.oracle.strategies import Extract, extracts, random_delta, rngs
from tests.portfolio import naive
from tests.support.asking import viewer_of
from tests.support.loads import forget, load_tables
from tests.support.profiles import examples

LOOK = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    "print_blob": True,
    "phases": [phase for phase in Phase if phase is not Phase.shrink or examples(0, 1)],
}


@pytest.fixture(scope="module", autouse=True)
def _real_transactions(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            forget()


def viewers(inventory: Inventory) -> Iterator[tuple[scope.Viewer, Viewer]]:
    """Everyone with a portfolio, to the product and to the model; each MAP with the release and without."""
    for row in inventory["organisations"]:
        for released in ((), ("supplier",)) if row["kind"] == "MAP" else ((),):
            found = viewer_of(row["organisation"], released)
            if found is not None and found.role.value != "SECAS":
                yield found, Viewer(row["organisation"], row["kind"], frozenset(released))


def days_of(*inventories: Inventory) -> list[date]:
    """Every day on which anything may begin or end in any of them, and those around."""
    found = [day for inventory in inventories for day in inventory.days]
    return naive.days_between(min(found) - timedelta(days=1), max(found) + timedelta(days=2))


def check_feed(before: Inventory, now: Inventory) -> None:
    """Each reader's events lead from its portfolio in the first extract to its portfolio in the last."""
    days = days_of(before, now)
    for viewer, model in viewers(now):
        events = feed.events_after(viewer, 0, 100_000)
        cursors = [event["cursor"] for event in events]
        assert cursors == list(range(min(cursors, default=0), min(cursors, default=0) + len(cursors)))
        found = naive.replay(naive.timeline(before, model, days), events, days)
        assert found == naive.timeline(now, model, days), (model, events)


@settings(max_examples=examples(8, deep=1500), **LOOK)
@given(extract=extracts(), rng=rngs(), incremental=st.booleans())
def test_events_replayed_give_the_last_state(
    extract: Extract, rng: Random, incremental: bool, directory: Path
) -> None:
    """By deltas, and by one full extract of the same end: the same net effect."""
    forget()
    load_tables(directory, extract.tables, extract.as_at)
    first = inventory = extract.inventory()
    for _ in range(rng.randint(1, 3)):
        upserts, deletions = random_delta(inventory.text, rng, extract.calendar)
        inventory = inventory.changed(upserts, deletions, extract.as_at)
        load_tables(directory, upserts, extract.as_at, "delta", deletions, incremental=incremental)
    check_feed(first, inventory)
    forget()
    load_tables(directory, extract.tables, extract.as_at)
    load_tables(directory, inventory.text, extract.as_at, incremental=incremental)
    check_feed(first, inventory)


@settings(max_examples=examples(8, deep=1500), **LOOK)
@given(extract=extracts(), rng=rngs())
def test_rental_days_are_those_counted_one_by_one(extract: Extract, rng: Random, directory: Path) -> None:
    """First and last day and the count, for everyone; and each day has one claim."""
    forget()
    load_tables(directory, extract.tables, extract.as_at)
    inventory = extract.inventory()
    known = inventory.extract_day + timedelta(days=1)
    start = known - timedelta(days=rng.randint(1, 20))
    period = Period(start, start + timedelta(days=rng.randint(1, (known - start).days)))
    days = naive.days_between(period.start, period.last)
    for viewer, model in viewers(inventory):
        want = naive.rental(inventory, model, days)
        got = {
            (row["device_id"], row["mpxn"], row["map_id"], row.get("supplier_id")): row
            for row in rental.rows(viewer, period)
        }
        assert {key: (row["first_day"], row["last_day"], row["days"]) for key, row in got.items()} == {
            key: (min(found), max(found), len(found)) for key, found in want.items()
        }, model
        claims = Counter((key[0], day) for key, found in want.items() for day in found)
        assert set(claims.values()) <= {1}, "one MAP and one supplier a day"
        assert sum(row["days"] for row in got.values()) == len(claims), (
            "suppliers' and unregistered days are all days"
        )
