"""While a large first load goes its steps, and after it was killed: nothing is served before the end."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections
from django.test import Client

from smi_portal.access.checks import LIVE_CHECKS
from smi_portal.access.tables import Scoped, access_of
from smi_portal.access.unserved import UNSERVED
from smi_portal.accounts.models import Person
from smi_portal.inventory.hands import SCHEMA
from smi_portal.inventory.loading import steps
from smi_portal.inventory.loading.clear import clear
from smi_portal.inventory.models import AssetPeriod, ExtractLoad, Organisation

from . import whole
from .conftest import quiet
from .in_steps import (
    SIZE,
    Rows,
    expected,
    in_steps,
    load_in_steps,
    load_whole,
    package,
    seen_by_readers,
)
from .processes import started, wait_for

__all__ = ["expected", "in_steps", "package"]


@pytest.mark.usefixtures("in_steps")
def test_while_it_runs_nobody_is_shown_a_row(package: Path) -> None:
    """Rows are committed, as the owner sees; in no organisation's scope is there one, and the start-up checks hold."""
    looked: list[int] = []

    def look(line: str) -> None:
        if not line.startswith(("periods 9/", "periods 11/", "after the load")):
            return
        written = AssetPeriod.objects.using("owner").count()
        seen = seen_by_readers()
        assert len(seen) > 10
        assert not any(seen.values()), seen
        with connections["default"].cursor() as cursor:
            assert [problem for find in LIVE_CHECKS for problem in find(cursor)] == []
            with pytest.raises(DatabaseError, match="permission denied for schema"):
                cursor.execute(f"SELECT count(*) FROM {SCHEMA}.hub_piece")
        assert ExtractLoad.current() is None
        looked.append(written)

    load_in_steps(package, look)
    assert looked
    assert all(written > 500 for written in looked)


#: Pages and files that ask the inventory; {device} is one that the owner has written already.
ADDRESSES = (
    *("/", "/reports/", "/reports/RSMI_001/", "/reports/RSMI_001/download.csv", "/reports/MAP_001/"),
    *(
        "/reports/DQ_001/",
        "/find/?q={device}",
        "/devices/{device}/",
        "/quality/",
        "/changes/",
        "/rental-days/",
    ),
    *("/reconcile/", "/data-issues/", "/preflight/", "/backfill/", "/statistics/", "/schedules/", "/files/"),
)


@pytest.mark.usefixtures("in_steps")
def test_while_it_runs_no_page_tells_of_it(package: Path) -> None:
    """People of a cleared site, one of each kind of organisation: every answer is that of a site without an extract."""
    asked: list[int] = []

    def ask(line: str) -> None:
        if not line.startswith("periods 11/"):
            return
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT device_id, serial_number FROM inventory_assetperiod WHERE device_type = 'ESME'"
                " AND serial_number IS NOT NULL ORDER BY supplier_org_id, map_org_id LIMIT 300"
            )
            secrets = cursor.fetchall()
        for client in people():
            for address in ADDRESSES:
                response = client.get(address.format(device=secrets[0][0]))
                told = b"".join(response) if response.streaming else response.content
                assert response.status_code < 500 or response.status_code == 503, address
                text = told.decode()
                assert not [serial for _, serial in secrets if f">{serial}<" in text], address
                assert not [name for name, _ in secrets[1:] if name in text], address
                asked.append(response.status_code)

    try:
        load_in_steps(package, ask)
    finally:
        Person.objects.using("owner").all().delete()
    assert asked.count(200) > 30


def people() -> Iterator[Client]:
    """A signed-in person of a MAP, a supplier and DCC."""
    for kind in ("MAP", "SUPPLIER", "DCC"):
        organisation = Organisation.objects.using("owner").filter(kind=kind, is_user=True).earliest("id")
        address = f"person@{kind.lower()}.example"
        person = Person.objects.db_manager("owner").create_person(address, "A Person", organisation, None)
        client = Client()
        client.force_login(Person.objects.get(pk=person.pk))
        yield client


#: Lines after which a load may be killed; at random moments after them.
MOMENTS = (
    *("looking for soft", "periods 2/", "meters: part 2", "periods 10/", "periods 11/"),
    "after the load",
)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.usefixtures("in_steps")
def test_killed_at_any_moment_it_shows_nothing_and_the_next_load_is_right(
    moment: str, package: Path, expected: tuple[Rows, set[tuple[Any, ...]]]
) -> None:
    rests_at = moment if moment in MOMENTS[-2:] else ""  # there is little after those
    with started("child_in_steps", package, SIZE, rests_at) as process:
        wait_for(process, moment)
        threading.Event().wait(random.random() * 0.2)
        process.send_signal(signal.SIGKILL)
    if ExtractLoad.objects.using("owner").exists():
        pytest.skip("it was quicker")
    assert not any(seen_by_readers().values())
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_policies WHERE policyname = %s", [UNSERVED])
        assert cursor.fetchone()[0] > 8
    with pytest.raises(CommandError, match="did not end"):
        call_command("rebuild_periods")
    said = load_in_steps(package)
    assert "clearing what an unfinished first load left" in said
    assert whole.rows() == expected[0]
    assert whole.shape() == expected[1]


@pytest.mark.usefixtures("in_steps")
def test_what_a_killed_load_left_is_cleared_by_clear_inventory_and_by_a_small_load(
    package: Path, expected: tuple[Rows, set[tuple[Any, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for clean in (lambda: clear(quiet), lambda: load_whole(package)):
        with started("child_in_steps", package, SIZE) as process:
            wait_for(process, "periods 10/")
            process.send_signal(signal.SIGKILL)
        monkeypatch.setattr(steps, "FROM_PARTS", 10**6)
        clean()
        assert whole.shape() == expected[1]
    assert whole.rows() == expected[0]


@pytest.mark.usefixtures("in_steps")
def test_a_second_load_waits_for_all_steps(package: Path) -> None:
    waiting: list[Any] = []

    def second(line: str) -> None:
        if line.startswith("periods 8/") and not waiting:
            process = started("child_in_steps", package, SIZE)
            waiting.append((process, process.__enter__()))
            wait_for(waiting[0][1], "Waiting for another load")

    load_in_steps(package, second)
    context, process = waiting[0]
    wait_for(process, "already loaded")
    context.__exit__(None, None, None)
    assert ExtractLoad.objects.using("owner").count() == 1


def test_every_table_that_is_closed_is_reopened() -> None:
    """The tables are derived, not listed: a new one of the inventory is closed as well."""
    from smi_portal.access.unserved import _tables

    assert "inventory_assetperiod" in _tables("inventory")
    assert isinstance(access_of(AssetPeriod), Scoped)
