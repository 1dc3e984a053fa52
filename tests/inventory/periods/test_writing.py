"""What a load that changes little writes again: the periods that differ, and no others (docs/decisions/0028)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from smi_portal.inventory.periods import associations, empty_hubs, lanes
from tests.support import world
from tests.support.loads import forget, load_tables

Written = dict[tuple[str, ...], str]
TARGETS = (lanes.PERIODS, associations.PERIODS, empty_hubs.PERIODS)
DEVICE = world.device_id(1, 1)


@pytest.fixture(autouse=True)
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[None]:
    """The world, once."""
    with django_db_blocker.unblock():
        forget()
        load_tables(tmp_path / "first", world.build(), world.AS_AT)
        yield
        forget()


def written(table: str, key: tuple[str, ...]) -> Written:
    """Key → the transaction that wrote the row."""
    names = ", ".join(f"{name}::text" for name in key)
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT xmin::text, {names} FROM {table}")
        return {tuple(values): by for by, *values in cursor.fetchall()}


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    """One device has another manufacturer. Its home is looked at whole, and stays as it is."""
    before = {to.table: written(to.table, to.key) for to in TARGETS}
    assert all(before.values())
    tables = world.build()
    (device,) = (row for row in tables["devices"] if row["device_id"] == DEVICE)
    device["manufacturer"] = "Another"
    load_tables(tmp_path / "second", tables, world.AS_AT + timedelta(days=1), incremental=True)
    for to in TARGETS:
        after = written(to.table, to.key)
        assert set(after) == set(before[to.table])
        again = {key for key, by in after.items() if by != before[to.table][key]}
        theirs = {key for key in after if key[0] == DEVICE}
        assert again == (theirs if to is lanes.PERIODS else set()), to.table
        assert theirs or to is empty_hubs.PERIODS


def test_what_is_gone_goes(tmp_path: Path) -> None:
    tables = world.build()
    for name, rows in tables.items():
        tables[name] = [row for row in rows if row.get("device_id") != DEVICE]
    load_tables(tmp_path / "second", tables, world.AS_AT + timedelta(days=1), incremental=True)
    for to in TARGETS:
        assert not [key for key in written(to.table, to.key) if key[0] == DEVICE], to.table
