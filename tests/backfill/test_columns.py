"""BKF_002's columns of the programme against an independent computation, month by month."""

from __future__ import annotations

import random
from calendar import monthrange
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.oracle.backfill import requests
from tests.oracle.inventory import Inventory
from tests.support.asking import table

from .conftest import D, viewer, world
from .saying import allow, declare, panel

pytestmark = pytest.mark.usefixtures("loaded")
COLUMNS = [
    *("declared", "declared_on", "declared_late", "daily_allowance", "window_from", "window_to"),
    *("days_over_allowance", "panel_date", "on_track"),
]
#: Worked out by hand: five Working Days after 1 November 2018.
DEADLINE = date(2018, 11, 8)


def rows(who: str, **given: str) -> list[dict[str, str]]:
    head, *lines = table(viewer(who), "BKF_002", **given)
    return [dict(zip(head, line, strict=True)) for line in lines]


def test_without_a_programme_they_are_blank() -> None:
    for row in rows("DCC"):
        assert {row[name] for name in COLUMNS} == {""}


@pytest.mark.parametrize("seed", range(12))
def test_each_month_says_what_was_in_force_at_its_end(seed: int) -> None:
    pick = random.Random(seed)
    said = [(pick.choice(["S1", "S2"]), _day(pick), pick.randrange(30)) for _ in range(6)]
    given = [(pick.choice(["S1", "S2"]), _day(pick), pick.randrange(1, 5)) for _ in range(5)]
    dates = [(_day(pick), date(2019, 1, 1) + timedelta(days=pick.randrange(200))) for _ in range(3)]
    said, given, dates = sorted(said, key=_on), sorted(given, key=_on), sorted(dates)
    versions: Counter[tuple[str, str]] = Counter()
    for user, on, figure in said:
        versions["d", user] += 1
        declare(user, figure, on, versions["d", user])
    for user, on, each in given:
        versions["a", user] += 1
        allow(user, each, on, D, on, versions["a", user])
    for on, day in dates:
        panel(day, on)
    inventory = Inventory(world().tables, world().as_at)
    for row in rows("DCC"):
        first = date.fromisoformat(f"{row['month']}-01")
        last = min(first.replace(day=monthrange(first.year, first.month)[1]), D)
        expected = _expected(inventory, row, (said, given, dates), first, last)
        assert {name: row[name] for name in COLUMNS} == expected


def _on(one: tuple[str, date, int]) -> date:
    return one[1]


def _day(pick: random.Random) -> date:
    return date(2018, 11, 1) + timedelta(days=pick.randrange(92))


def _expected(inventory, row, recorded, first: date, last: date) -> dict[str, str]:
    said, given, dates = recorded
    user = row["organisation"]
    own = [(on, figure) for who, on, figure in said if who == user and on <= last]
    allowed = [(on, each) for who, on, each in given if who == user and on <= last]
    panels = [day for on, day in dates if on <= last]
    sent = Counter(one["received_at"].date() for one in requests(inventory, user, first, last))
    over = sum(number > allowed[-1][1] for number in sent.values()) if allowed else ""
    finish = row["projected_finish"]
    on_track = ""
    if panels:
        done = row["outstanding"] == "0" or (finish != "" and date.fromisoformat(finish) <= panels[-1])
        on_track = "true" if done else "false"
    return {
        "declared": str(own[-1][1]) if own else "",
        "declared_on": str(own[0][0]) if own else "",
        "declared_late": ("true" if own[0][0] > DEADLINE else "false") if own else "",
        "daily_allowance": str(allowed[-1][1]) if allowed else "",
        "window_from": str(allowed[-1][0]) if allowed else "",
        "window_to": str(D) if allowed else "",
        "days_over_allowance": str(over),
        "panel_date": str(panels[-1]) if panels else "",
        "on_track": on_track,
    }


def test_a_past_day_never_shows_a_later_fact() -> None:
    before = rows("SECAS", as_at="2018-12-15")
    declare("S1", 9, date(2018, 12, 16))
    allow("S1", 1, D, D, date(2018, 12, 16))
    panel(date(2019, 4, 30), date(2018, 12, 16))
    assert rows("SECAS", as_at="2018-12-15") == before
    assert rows("SECAS", as_at="2018-12-16") != before


def test_a_supplier_has_its_own_row_and_secas_all_with_the_same_figures() -> None:
    declare("S1", 9)
    panel()
    everyone = rows("SECAS")
    assert everyone == rows("DCC")
    assert {row["organisation"] for row in everyone} == {"M1", "S1", "S2"}
    assert rows("S1") == [row for row in everyone if row["organisation"] == "S1"]


def test_the_world_is_what_these_tests_take_it_for(programme_world: Path) -> None:
    (row,) = [row for row in rows("S1") if row["month"] == "2019-01"]
    names = (
        "in_scope",
        "populated",
        "outstanding",
        "lost",
        "sent",
        "accepted",
        "refused",
        "top_refusal_code",
    )
    assert [row[name] for name in names] == ["18", "9", "9", "2", "3", "1", "2", "E080407"]
