"""A small programme: two suppliers and a MAP that pre-notified meters, loaded by the real loader on 31 January 2019.

S1 has 18 meters in scope: 9 with a MAP ID, 2 that lost theirs, 7 that never had one. S2 has 8 without. M1, a MAP
and a User, has one, done since 30 November. Nothing is declared: each test records what it needs and is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from smi_portal.access.scope import Viewer
from smi_portal.backfill import models
from tests.oracle.home import Home
from tests.support.asking import viewer_of
from tests.support.loads import forget, load_tables
from tests.support.people import make_people

#: Days are numbered from 1 November 2018; 92 is 31 January 2019.
LOADED = 92
D = date(2019, 1, 31)


def device(number: int) -> str:
    """The Device ID of a meter: S1's are 1 to 20, S2's 31 to 38, M1's 41."""
    return f"00-DB-00-00-00-00-00-{number:02X}"


def world() -> Home:
    """The tables."""
    home = Home(extract_day=LOADED)
    home.tables["organisations"] = [
        {
            **row,
            "name": {"S1": "Alderbrook Energy", "S2": "Birchfield Power"}.get(
                str(row["organisation"]), row["name"]
            ),
        }
        for row in home.tables["organisations"]
    ]
    for number in range(1, 21):
        home.device(device(number), pre=1 if number == 13 else -100, pre_notified_by="S1")
        home.status(device(number), "Commissioned", -90, 40 if number == 12 else None)
    home.status(device(12), "Decommissioned", 40)
    for number in range(1, 11):
        home.map(device(number), "MAPA", 20, 62 if number > 8 else None)
    home.map(device(11), "MAPA", -50)
    home.map(device(20), "MAPA", -50, -10)  # ended before implementation: outstanding, but not lost
    for number in range(31, 39):
        home.device(device(number), pre_notified_by="S2")
    home.device(device(41), pre_notified_by="M1")
    home.map(device(41), "MAPA", 30)
    answers = [(number, 20, "I0") for number in range(1, 11)]
    answers += [
        (14, 21, "E080410"),
        (15, 80, "E080414"),
        (16, 21, "E080410"),
        (16, 85, "I0"),
        (99, 85, "E080407"),
    ]
    for place, (number, day, code) in enumerate(answers):
        _request(home, f"R{place:03}", number, day, code)
    return home


def _request(home: Home, key: str, number: int, day: int, code: str) -> None:
    received = f"{date.fromordinal(date(2018, 10, 31).toordinal() + day)}T12:00:00Z"
    home.add(
        "service_requests",
        request_id=key,
        organisation="S1",
        service_reference_variant="8.4",
        device_id=device(number),
        map_id="MAPA",
        received_at=received,
        response_code=code,
    )


def forget_all() -> None:
    """The inventory, accounts, and all that was recorded about the backfill."""
    for model in (
        models.PublishedRow,
        models.Publication,
        models.Declaration,
        models.Allowance,
        models.PanelDate,
    ):
        model.objects.using("owner").all().delete()
    models.DailyCapacity.objects.using("owner").all().delete()
    models.ReminderSent.objects.using("owner").all().delete()
    forget()


@pytest.fixture(scope="package")
def programme_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Load the world once for this package."""
    directory = tmp_path_factory.mktemp("backfill")
    home = world()
    with django_db_blocker.unblock():
        forget_all()
        load_tables(directory, home.tables, home.as_at)
        make_people()
    yield directory
    with django_db_blocker.unblock():
        forget_all()


@pytest.fixture
def loaded(programme_world: Path, db: None) -> None:
    """The world, in a transaction that is rolled back."""


def viewer(organisation: str) -> Viewer:
    """The viewer of an organisation that sees something."""
    found = viewer_of(organisation)
    assert found is not None
    return found
