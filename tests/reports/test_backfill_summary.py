"""The summary above BKF_001's list, worked out by hand: what each User has to do, and nothing of others' meters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from reports.engine.filters import filter_rows
from reports.engine.summaries import summaries
from smi_portal.access.scope import scope
from tests.oracle.home import Home, iso
from tests.support.asking import ask_of, viewer_of
from tests.support.loads import forget, load_tables

MPANS = {1: "1000000000012", 2: "2012345678906"}


def device(number: int) -> str:
    return f"00-DB-00-00-00-00-00-{number:02X}"


def described() -> Home:
    """Loaded on 20 November 2018; the implementation date is the 1st."""
    home = Home()
    for number, kind, user, status in (
        (1, "ESME", "S1", "Commissioned"),
        (2, "ESME", "S1", "Pending"),  # moves to S2's on the 5th, and has a MAP ID from then
        (3, "ESME", "S1", None),
        (4, "ESME", "S1", "Whitelisted"),  # withdrawn on the 3rd
        (5, "GSME", "S2", "Whitelisted"),
        (6, "ESME", "S0", "Whitelisted"),  # no User
    ):
        home.device(device(number), kind, pre_notified_by=user)
        if status:
            home.status(device(number), status, -90, 3 if number == 4 else None)
    home.status(device(4), "Withdrawn", 3)
    home.device(device(7), pre=1, pre_notified_by="S1")  # on the implementation date
    for number, mpan in MPANS.items():
        home.mpxn(device(number), mpan)
    home.supplier(MPANS[1], "SUPA")
    home.supplier(MPANS[2], "SUPA", -90, 5)
    home.supplier(MPANS[2], "SUPZ", 5)
    home.map(device(2), "MAPA", 5)
    return home


@pytest.fixture(scope="module", autouse=True)
def _loaded(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    with django_db_blocker.unblock():
        forget()
        home = described()
        load_tables(tmp_path_factory.mktemp("backfill"), home.tables, home.as_at)
        try:
            yield
        finally:
            forget()


Counts = dict[str, tuple[int, int, int]]


def told(organisation: str, day: int = 20) -> list[Counts]:
    """Of both tables: label → populated, outstanding, together."""
    viewer = viewer_of(organisation)
    assert viewer is not None
    found = filter_rows(ask_of(viewer, "BKF_001", as_at=iso(day))).rows
    with scope(viewer):
        made = summaries(found)
    tables = []
    for one in made:
        rows = [dict(zip(one.headings[1:], row[1:], strict=True)) | {"": row[0]} for row in one.rows]
        tables.append({r[""]: (r["Populated"], r["Outstanding"], r["Total"]) for r in rows})
    return tables


def test_each_user_by_type_and_status() -> None:
    users, kinds = told("DCC")
    assert users == {"S1": (1, 2, 3), "S2": (0, 1, 1)}
    assert kinds == {
        "S1 · ESME · (none)": (0, 1, 1),
        "S1 · ESME · Commissioned": (0, 1, 1),
        "S1 · ESME · Pending": (1, 0, 1),
        "S2 · GSME · Whitelisted": (0, 1, 1),
    }


def test_of_a_meter_that_moved_on_the_status_is_not_told() -> None:
    users, kinds = told("S1")
    assert users == {"S1": (1, 2, 3)}
    assert kinds == {
        "S1 · ESME · (none)": (0, 1, 1),
        "S1 · ESME · Commissioned": (0, 1, 1),
        "S1 · ESME · with another supplier": (1, 0, 1),
    }
    assert told("S2")[0] == {"S2": (0, 1, 1)}


def test_on_a_past_day_it_is_as_it_was() -> None:
    users, kinds = told("S1", 4)
    assert users == {"S1": (0, 3, 3)}
    assert kinds["S1 · ESME · Pending"] == (0, 1, 1)
    assert told("S1", 3)[0] == {"S1": (0, 3, 3)}
    assert told("S1", 5)[0] == {"S1": (1, 2, 3)}
    users, kinds = told("S1", 2)
    assert users == {"S1": (0, 4, 4)}
    assert kinds["S1 · ESME · Whitelisted"] == (0, 1, 1)
