"""The demo's programme: it records once, through the real rules, and its cast is what the pages tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from smi_portal.access.scope import scope
from smi_portal.backfill import programme
from smi_portal.backfill.allowances import peak
from smi_portal.backfill.demo import PARTS, seed
from smi_portal.backfill.models import Allowance, Declaration, Publication
from smi_portal.backfill.records import grants
from smi_portal.backfill.working_days import Calendar
from tests.support.loads import load_tables
from tests.support.people import make_people

from .conftest import forget_all, viewer, world
from .test_columns import rows

#: S1 and S2 play two of the cast.
CAST = {"S1": "SUP-HALCYONVALE", "S2": "SUP-WILLOWBROOK"}


@pytest.fixture
def staged(programme_world: Path, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[None]:
    """The world with the cast's names, loaded to 28 February; afterwards the package's world again."""
    home = world()
    for row in (row for table in home.tables.values() for row in table):
        for key in {"organisation", "pre_notified_by"} & row.keys():
            row[key] = CAST.get(str(row[key]), row[key])
    with django_db_blocker.unblock():
        forget_all()
        load_tables(tmp_path, home.tables, home.as_at.replace(month=2, day=28))
        yield
        forget_all()
        again = world()
        (tmp_path / "again").mkdir()
        load_tables(tmp_path / "again", again.tables, again.as_at)
        make_people()


def test_the_demo_is_seeded_once_and_tells_its_story(staged: None) -> None:
    assert seed() == ["backfill: 2 Users declared, months published: 2018-11, 2018-12, 2019-01"]
    assert seed() == []
    found = {row["organisation"]: row for row in rows("SECAS") if row["month"] == "2019-02"}
    assert found["SUP-HALCYONVALE"]["declared_late"] == "false"
    assert int(found["SUP-HALCYONVALE"]["daily_allowance"]) < 10  # it sent 10 on one day
    assert found["SUP-WILLOWBROOK"]["declared_late"] == "true"
    assert found["SUP-WILLOWBROOK"]["daily_allowance"] == ""
    november = next(
        r for r in rows("SECAS") if r["month"] == "2018-11" and r["organisation"] == "SUP-HALCYONVALE"
    )
    assert november["days_over_allowance"] == "2"  # 10 on one day and 2 on the next, of 1
    with scope(viewer("DCC")):
        capacity = programme.daily_capacity(date(2019, 2, 28))
        assert capacity is not None
        assert peak(grants(Allowance.objects.all()))[0] <= capacity
        assert Declaration.objects.count() == 2
    assert Publication.objects.using("owner").count() == 3


def test_who_is_late_in_the_cast() -> None:
    due = Calendar().deadline(date(2018, 11, 1), 5).due
    late = {user for user, part in PARTS.items() if part.declared > due}
    assert late == {"SUP-THISTLEDOWN", "SUP-WILLOWBROOK"}
    assert "SUP-LARKFIELD" not in PARTS
