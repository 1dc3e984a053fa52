"""A meter changes hands at random; whoever asks, for whichever day, gets what a day-by-day model says: by every road.

A stateful Hypothesis model: rules hand the meters over, and a look compares page, CSV, Excel, JSON and API with the
naive model. Then bugs are planted in the rules of time and in the policies themselves: each must be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from pytest_django import DjangoDbBlocker

from reports.engine import sources
from reports.engine.ask import Ask
from smi_portal.access import policies
from tests.oracle.home import nov
from tests.support.loads import forget
from tests.support.profiles import examples
from tests.temporal.world import LAST, QUESTIONS, World, runs

DAYS = st.integers(1, LAST)


class Handover(RuleBasedStateMachine):
    """Meters that change hands, and people who ask."""

    directory: Path

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.directory)

    @rule(
        meter=st.sampled_from([0, 1]),
        first=DAYS,
        last=DAYS,
        to=st.sampled_from(["MAPA", "MAPB", "MAPZ", None]),
    )
    def map_changes(self, meter: int, first: int, last: int, to: str | None) -> None:
        """From a day to a day, another MAP's; or nobody's."""
        self.world.maps[meter][first - 1 : last] = [to] * max(last - first + 1, 0)
        self.world.loaded = False

    @rule(
        meter=st.sampled_from([0, 1]),
        first=DAYS,
        last=DAYS,
        to=st.sampled_from(["SUPA", "SUPB", "SUPZ", None]),
    )
    def supplier_changes(self, meter: int, first: int, last: int, to: str | None) -> None:
        """Likewise."""
        self.world.suppliers[meter][first - 1 : last] = [to] * max(last - first + 1, 0)
        self.world.loaded = False

    @rule(meter=st.sampled_from([0, 1]), day=DAYS)
    def installed(self, meter: int, day: int) -> None:
        """An event that only those may know who had the meter by then."""
        self.world.installed[meter] = day
        self.world.loaded = False

    @rule(day=DAYS, data=st.data())
    def somebody_asks(self, day: int, data: st.DataObject) -> None:
        """By every road, with and without history."""
        organisation, report = data.draw(st.sampled_from(QUESTIONS))
        for history in (False, True):
            assert self.world.differences(organisation, report, day, history, every_road=True) == []

    @invariant()
    def lengths_hold(self) -> None:
        """The model itself is sound."""
        assert all(len(days) == LAST for days in (*self.world.maps, *self.world.suppliers))


@pytest.fixture(scope="module", autouse=True)
def _real(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield
        forget()


def test_every_road_on_every_day_tells_what_the_model_tells(tmp_path: Path, settings: Any) -> None:
    settings.SMI_API_REQUESTS_PER_MINUTE = 100_000
    machine = type("Here", (Handover,), {"directory": tmp_path})
    run_state_machine_as_test(machine, settings=profile())


def profile() -> settings:
    return settings(
        max_examples=examples(5, 200),
        stateful_step_count=7,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


# Planted bugs --------------------------------------------------------------------------------------------------


def told(world: World) -> list[str]:
    """All differences over the days around the handovers."""
    return [
        difference
        for organisation, report in QUESTIONS
        for day in (4, 5, 9, 10, LAST)
        for history in (False, True)
        for difference in world.differences(organisation, report, day, history, every_road=False)
    ]


@pytest.fixture(scope="module")
def handed_over(_real: None, tmp_path_factory: pytest.TempPathFactory) -> World:
    """One meter leaves M1 for M2 on the 10th and S1 for S2 on the 5th; the other comes back to M1."""
    world = World(tmp_path_factory.mktemp("planted"))
    world.maps = [
        ["MAPA"] * 9 + ["MAPZ"] * 11,
        ["MAPA"] * 4 + [None] * 5 + ["MAPA"] * 5 + [None] * 2 + ["MAPA"] * 4,
    ]
    world.suppliers = [["SUPA"] * 4 + ["SUPZ"] * 16, ["SUPA"] * 6 + ["SUPZ"] * 14]
    world.installed = [12, 12]
    world.load()
    return world


def replaced(name: str, before: str, after: str) -> Callable[[pytest.MonkeyPatch], None]:
    """A bug in the text of a source's SQL."""
    real = getattr(sources, name)

    def planted(*args: Any, **kwargs: Any) -> str:
        text: str = real(*args, **kwargs)
        assert before in text, "the bug cannot be planted any more: plant it elsewhere"
        return text.replace(before, after)

    return lambda monkeypatch: monkeypatch.setattr(sources, name, planted)


def in_literal(before: str, after: str) -> Callable[[pytest.MonkeyPatch], None]:
    """A bug in what dates a column is cut at."""
    real = Ask.literal

    def planted(self: Ask, text: str) -> str:
        return real(self, text.replace(before, after))

    return lambda monkeypatch: monkeypatch.setattr(Ask, "literal", planted)


BUGS = {
    "≥ for >: the day on which it left still counts": replaced(
        "_plain", "a.to_day > {day}", "a.to_day >= {day}"
    ),
    "> for ≥: the first day does not count": replaced("_plain", "a.from_day <= {day}", "a.from_day < {day}"),
    "the period is ignored": replaced(
        "_plain", "WHERE a.from_day <= {day} AND a.to_day > {day}", "WHERE true"
    ),
    "a range that only touches counts as overlapping": replaced(
        "_plain", "a.from_day <= {day}", "a.from_day <= {day} + 1"
    ),
    "no clip at the end of one's own time": in_literal("p.run_to", "'infinity'::date"),
    "no clip at D: later facts are told": in_literal("{known}", "'infinity'::date"),
    "no clip at the party's beginning": in_literal("{party_from}", "'-infinity'::date"),
    "history that begins after D": replaced("_history", "i.nth = 1 AND i.from_day <= {day}", "i.nth = 1"),
    "periods with a gap between are one": replaced("_history", "lag(a.to_day) OVER w", "a.from_day"),
}
POLICIES = {
    "a MAP sees every MAP's": "ALTER POLICY smi_map ON inventory_assetperiod USING (map_org_id IS NOT NULL)",
    "≥ for = in the MAPs' policies": "; ".join(
        f"ALTER POLICY {reader} ON inventory_assetperiod USING (map_org_id >= (SELECT smi_context_org('{reader}')))"
        for reader in ("smi_map", "smi_map_supplier_premises")
    ),
    "≤ for = in a supplier's policy": "ALTER POLICY smi_supplier ON inventory_assetperiod USING "
    "(supplier_org_id <= (SELECT smi_context_org('smi_supplier')))",
    "a supplier sees by MAP": "ALTER POLICY smi_supplier ON inventory_assetperiod USING "
    "(map_org_id = (SELECT smi_context_org('smi_supplier')))",
    "row-level security is off": "ALTER TABLE inventory_assetperiod DISABLE ROW LEVEL SECURITY",
}


def test_nothing_planted_nothing_found(handed_over: World) -> None:
    assert told(handed_over) == []


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_in_the_rules_of_time_is_found(
    bug: str, handed_over: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    BUGS[bug](monkeypatch)
    assert told(handed_over) != []


@pytest.mark.parametrize("bug", POLICIES)
def test_a_bug_in_a_policy_is_found(bug: str, handed_over: World) -> None:
    with planted_policy(POLICIES[bug]):
        assert told(handed_over) != []


@contextmanager
def planted_policy(statement: str) -> Iterator[None]:
    """Committed as the owner; mended as `manage.py migrate` would."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)
        try:
            yield
        finally:
            policies.apply()


def test_the_days_are_as_the_model_counts_them() -> None:
    assert list(runs(["A"] * 4 + [None] + ["B"] * 15)) == [("A", -60, 5), ("B", 6, None)]
    assert nov(1) == date(2018, 11, 1)
