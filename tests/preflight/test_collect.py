"""What a delta does to the pre-flight's three tables: it leaves them as a load of everything would, and writes no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.oracle.home import Home, iso
from tests.support.loads import forget, load_tables

from .conftest import EXPORT_MPAN, LEFT, LEFT_MPAN, OWN, PENDING_OWN, SPARE_MPAN, world

KEYS = {
    "preflight_addeddevice": "device_id, user_org_id, device_type, pending_from, pending_to",
    "preflight_sparepoint": "mpxn, supplier_org_id, from_day, to_day",
    "preflight_otherspoint": "device_id, kind, supplier_org_id",
}
Rows = dict[tuple[str, ...], str]


@pytest.fixture(autouse=True)
def empty(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Nothing is loaded."""
    with django_db_blocker.unblock():
        forget()
        yield
        forget()


def rows(table: str) -> Rows:
    """Row, with its organisation's code → the transaction that wrote it."""
    columns = ", ".join(
        "o.organisation" if name.endswith("_org_id") else f"t.{name}::text"
        for name in KEYS[table].split(", ")
    )
    owner = "user_org_id" if "user_org_id" in KEYS[table] else "supplier_org_id"
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"SELECT t.xmin::text, {columns} FROM {table} t JOIN inventory_organisation o ON o.id = t.{owner}"
        )
        return {tuple(values): by for by, *values in cursor.fetchall()}


def later() -> Home:
    """The same homes five days on: something has come and gone of each table."""
    home = world()
    home.as_at = Home(extract_day=25).as_at
    home.mpxn(OWN, SPARE_MPAN, 22, kind="EXPORT")  # a device has it now
    (left,) = (row for row in home.tables["device_mpxns"] if row["mpxn"] == LEFT_MPAN)
    left["effective_to"] = iso(23)  # no device has it any more
    (export,) = (row for row in home.tables["registrations"] if row["mpxn"] == EXPORT_MPAN)
    export["effective_to"] = iso(24)
    home.supplier(EXPORT_MPAN, "SUPA", 24)  # its own supplier's now
    (pending,) = (row for row in home.tables["device_statuses"] if row["device_id"] == PENDING_OWN)
    pending["effective_to"] = iso(21)
    home.status(PENDING_OWN, "Whitelisted", 21)
    return home


def test_a_delta_leaves_what_a_full_load_makes(tmp_path: Path) -> None:
    """Each table loses a row or gains one."""
    first, then = world(), later()
    load_tables(tmp_path / "first", first.tables, first.as_at)
    before = {table: set(rows(table)) for table in KEYS}
    load_tables(tmp_path / "first", then.tables, then.as_at, incremental=True)
    after = {table: set(rows(table)) for table in KEYS}
    forget()
    load_tables(tmp_path / "anew", then.tables, then.as_at)
    assert after == {table: set(rows(table)) for table in KEYS}
    for table in KEYS:
        assert after[table] != before[table], table
    spare = {row[0] for row in after["preflight_sparepoint"]}
    assert LEFT_MPAN in spare
    assert SPARE_MPAN not in spare


def test_days_alone_change_them(tmp_path: Path) -> None:
    """The same tables a month on, when nothing was touched: an association has ended meanwhile."""
    home = world()
    (left,) = (row for row in home.tables["device_mpxns"] if row["device_id"] == LEFT)
    left["effective_to"] = iso(30)
    load_tables(tmp_path / "first", home.tables, home.as_at)
    assert LEFT_MPAN not in {row[0] for row in rows("preflight_sparepoint")}
    load_tables(tmp_path / "first", home.tables, Home(extract_day=50).as_at, incremental=True)
    assert LEFT_MPAN in {row[0] for row in rows("preflight_sparepoint")}


def test_what_stays_is_not_written_again(tmp_path: Path) -> None:
    """A spare MPxN that is one still keeps its row."""
    first, then = world(), later()
    load_tables(tmp_path / "first", first.tables, first.as_at)
    before = rows("preflight_sparepoint")
    load_tables(tmp_path / "first", then.tables, then.as_at, incremental=True)
    after = rows("preflight_sparepoint")
    kept = set(before) & set(after)
    assert kept
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
