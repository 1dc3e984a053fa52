"""A large first load in committed steps, by two hands: the same rows, nothing served before the end, nothing left behind."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections
from django.test import Client
from pytest_django import DjangoDbBlocker

from smi_portal.access.checks import LIVE_CHECKS
from smi_portal.access.tables import Scoped, access_of
from smi_portal.access.unserved import UNSERVED
from smi_portal.accounts.models import Person
from smi_portal.inventory.demo.package import Options, write_demo_extract
from smi_portal.inventory.hands import SCHEMA
from smi_portal.inventory.loading import after, apply, findings, relations, steps
from smi_portal.inventory.loading.clear import clear
from smi_portal.inventory.loading.errors import LoadRefused
from smi_portal.inventory.loading.loader import LoadOptions, load
from smi_portal.inventory.loading.report import LoadReport
from smi_portal.inventory.models import AssetPeriod, ExtractLoad, Organisation
from smi_portal.inventory.periods import backfill, hubs, indexes, lanes, parts, viewers

from . import whole
from .conftest import forget, quiet
from .test_order import PROJECT, wait_for

SIZE = 60  # devices of a part: some parts of meters and of others, in an extract this small
Rows = dict[str, list[str]]


class Told(io.StringIO):
    """Progress that somebody reads: `told` hears each line."""

    def __init__(self, told: Callable[[str], None] = quiet) -> None:
        super().__init__()
        self.told = told

    def write(self, text: str) -> int:
        self.told(text)
        return super().write(text)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A full extract of about 400 devices, every planned oddity among them."""
    out = tmp_path_factory.mktemp("steps")
    write_demo_extract(out, Options(premises=90, seed=11))
    return out / "0001-full"


def load_whole(package: Path) -> LoadReport:
    """Load in one transaction."""
    whole.number_anew()
    return load(package, LoadOptions(vacuum=False), io.StringIO())


def load_in_steps(package: Path, told: Callable[[str], None] = quiet) -> str:
    """Load in steps; what it said. Whoever calls has made the package large."""
    whole.number_anew()
    out = Told(told)
    load(package, LoadOptions(vacuum=False), out)
    assert "in 2 hands" in out.getvalue()
    return out.getvalue()


@pytest.fixture(scope="module")
def expected(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, package: Path
) -> Iterator[tuple[Rows, set[tuple[Any, ...]]]]:
    """What one transaction makes of the package; the organisations then stay, as after `clear_inventory`."""
    with django_db_blocker.unblock():
        forget()
        shape = whole.shape()
        load_whole(package)
        rows = whole.rows()
        clear(quiet)
    assert all(rows[name] for name in ("inventory_assetperiod", "inventory_emptyhubperiod"))
    yield rows, shape
    with django_db_blocker.unblock():
        forget()


@pytest.fixture
def in_steps(
    expected: object, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A cleared inventory, and a package of this size is large. Commits are real."""
    monkeypatch.setattr(steps, "FROM_PARTS", 1)
    monkeypatch.setattr(parts, "SIZE", SIZE)
    monkeypatch.setattr(apply, "LARGE", 100)
    with django_db_blocker.unblock():
        yield
        clear(quiet)


def seen_by_readers() -> dict[str, int]:
    """Rows that any reader sees, in the scope of any organisation, of all tables that a load fills."""
    from smi_portal.access.scope import Viewer, scope
    from smi_portal.inventory.models import AssociationPeriod, BackfillPeriod, Certificate, EmptyHubPeriod
    from tests.support.asking import viewer_of

    seen: dict[str, int] = {}
    for code in Organisation.objects.using("owner").values_list("organisation", flat=True):
        viewer: Viewer | None = viewer_of(code)
        if viewer is None:
            continue
        with scope(viewer), connections["default"].cursor() as cursor:
            for model in (AssetPeriod, AssociationPeriod, EmptyHubPeriod, BackfillPeriod, Certificate):
                table = model._meta.db_table
                cursor.execute(
                    "SELECT has_any_column_privilege(current_user, %s::regclass, 'SELECT')", [table]
                )
                if cursor.fetchone()[0]:
                    cursor.execute(f"SELECT count(device_id) FROM {table}")
                    seen[f"{code} {table}"] = cursor.fetchone()[0]
    return seen


@pytest.mark.usefixtures("in_steps")
def test_two_hands_write_what_one_transaction_writes(
    package: Path, expected: tuple[Rows, set[tuple[Any, ...]]]
) -> None:
    said = load_in_steps(package)
    assert "meters: part 3 of" in said
    assert "other devices: part 3 of" in said
    rows, shape = expected
    assert {name: len(found) for name, found in whole.rows().items()} == {n: len(f) for n, f in rows.items()}
    assert whole.rows() == rows
    assert whole.shape() == shape
    assert whole.locks() == 0
    assert sum(seen_by_readers().values()) > 500  # and now it is served


@pytest.mark.usefixtures("in_steps")
def test_the_periods_of_a_part_stand_together(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However slowly each hand writes, they take turns: a count at a day can skip what had ended (decision 0022)."""
    # Evaluated row by row, after the sort.
    slow = "SELECT l.device_id, (l.lane + length(pg_sleep(0.001)::text))::smallint,"
    monkeypatch.setattr(lanes, "SELECT", lanes.SELECT.replace("SELECT l.device_id, l.lane,", slow))
    assert slow in lanes.SELECT
    load_in_steps(package)
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"""
            WITH part AS (
                SELECT device_id, device_type IN ('ESME', 'GSME') AS is_meter, (row_number() OVER
                    (PARTITION BY device_type IN ('ESME', 'GSME') ORDER BY device_id) - 1) / {SIZE} AS part
                FROM inventory_device
            ), page AS (
                SELECT (a.ctid::text::point)[0] AS page, is_meter, part, count(*) AS n
                FROM inventory_assetperiod a JOIN part USING (device_id) GROUP BY 1, 2, 3
            ), main AS (
                SELECT DISTINCT ON (page) page, is_meter, part FROM page ORDER BY page, n DESC
            ), step AS (
                SELECT is_meter, part, (lag(is_meter) OVER w, lag(part) OVER w) AS before
                FROM main WINDOW w AS (ORDER BY page)
            )
            SELECT count(*), count(DISTINCT (is_meter, part)),
                   count(*) FILTER (WHERE before IS DISTINCT FROM (is_meter, part))
            FROM step
            """
        )
        pages, parts_there, runs = cursor.fetchone()
    assert pages > 5 * parts_there > 25
    # By what most of a page is: a row that is small enough goes where the other hand left a gap.
    assert runs <= parts_there + 2


@pytest.mark.usefixtures("in_steps")
def test_its_record_is_that_of_one_transaction(package: Path) -> None:
    load_in_steps(package)
    mine = ExtractLoad.objects.using("owner").get()
    clear(quiet)
    steps.FROM_PARTS = 10**6  # the fixture puts it back
    load_whole(package)
    other = ExtractLoad.objects.using("owner").get()
    assert mine.content_hash == other.content_hash
    assert {key: value for key, value in mine.report.items() if key != "seconds"} == {
        key: value for key, value in other.report.items() if key != "seconds"
    }
    assert mine.report["findings"]


@pytest.mark.usefixtures("in_steps")
def test_it_is_tidied_before_it_is_served(package: Path) -> None:
    load(package, LoadOptions(vacuum=True), io.StringIO())
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relallvisible < relpages AND relname IN "
            "('inventory_assetperiod', 'inventory_associationperiod', 'inventory_certificate')"
        )
        assert cursor.fetchall() == []


@pytest.mark.usefixtures("in_steps")
def test_rows_may_be_left_out_of_it_too(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in package.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "hub_links.csv").open("a") as file:
        file.write("00-DB-00-00-00-00-00-E1,00-DB-00-00-00-00-00-C1,2017-02-01,\n")  # no such devices
    options = LoadOptions(1, vacuum=False, rejects_file=tmp_path / "r.csv")
    found = []
    for _ in range(2):
        whole.number_anew()
        report = load(tmp_path, options, io.StringIO())
        found.append((whole.rows(), report.rejected, report.rejects_by_rule))
        clear(quiet)
        monkeypatch.setattr(steps, "FROM_PARTS", 10**6)
    assert found[0] == found[1]
    assert found[0][1]["hub_links"] == 1


@pytest.mark.usefixtures("in_steps")
def test_a_delta_goes_on_from_it_in_one_transaction(package: Path) -> None:
    load_in_steps(package)
    out = io.StringIO()
    load(package.parent / "0002-delta", LoadOptions(vacuum=False), out)
    assert "hands" not in out.getvalue()
    assert ExtractLoad.objects.using("owner").count() == 2


@pytest.mark.usefixtures("in_steps")
def test_a_small_first_load_stays_one_transaction(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "SIZE", 60_000)
    out = io.StringIO()
    load(package, LoadOptions(vacuum=False), out)
    assert "hands" not in out.getvalue()


@pytest.mark.usefixtures("in_steps")
def test_a_package_that_is_refused_takes_no_step(
    package: Path, tmp_path: Path, expected: tuple[Rows, set[tuple[Any, ...]]]
) -> None:
    before = whole.rows()
    for file in package.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "hub_links.csv").open("a") as file:
        file.write("00-DB-00-00-00-00-00-E1,00-DB-00-00-00-00-00-C1,2017-02-01,\n")
    with pytest.raises(LoadRefused):
        load(tmp_path, LoadOptions(vacuum=False, rejects_file=tmp_path / "r.csv"), io.StringIO())
    assert whole.rows() == before
    assert whole.shape() == expected[1]


def _fails_on(number: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which raises when it is called for the `number`th time."""
    lock, calls = threading.Lock(), [0]

    def failing(*args: Any, **named: Any) -> Any:
        with lock:
            calls[0] += 1
            mine = calls[0]
        if mine == number:
            raise RuntimeError("broken on purpose")
        return function(*args, **named)

    return failing


#: Where it fails: module, function, at which call. Some in a hand, some between them, one in the last transaction.
FAILURES = {
    "keys and references": (relations, "_missing", 3),
    "rows": (apply, "_fill", 4),
    "soft findings": (findings, "_find_in", 3),
    "indexes set aside": (indexes, "set_aside", 2),
    "a part of the meters": (lanes, "insert", 2),
    "hub timelines": (hubs, "build", 1),
    "a part of the others": (lanes, "insert", 6),
    "an index": (indexes, "_make", 3),
    "keys": (indexes, "put_keys_back", 1),
    "the backfill": (backfill, "count", 1),
    "certificates": (viewers, "finish", 1),
    "the last step": (after, "run", 1),
}


@pytest.mark.parametrize("where", FAILURES)
@pytest.mark.usefixtures("in_steps")
def test_a_step_that_fails_leaves_nothing(
    where: str,
    package: Path,
    expected: tuple[Rows, set[tuple[Any, ...]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = whole.rows()
    module, name, number = FAILURES[where]
    with monkeypatch.context() as patch:
        patch.setattr(module, name, _fails_on(number, getattr(module, name)))
        with pytest.raises(RuntimeError, match="broken on purpose"):
            load_in_steps(package)
    assert whole.rows() == before  # organisations as not in the extract, and no other row
    assert whole.shape() == expected[1]
    assert whole.locks() == 0


@pytest.mark.usefixtures("in_steps")
def test_after_a_failure_the_next_load_is_right(
    package: Path, expected: tuple[Rows, set[tuple[Any, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(lanes, "insert", _fails_on(5, lanes.insert))
        with pytest.raises(RuntimeError):
            load_in_steps(package)
    load_in_steps(package)
    assert whole.rows() == expected[0]


@pytest.mark.usefixtures("in_steps")
def test_a_statement_that_fails_in_one_hand_breaks_the_other_off(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other hand would sleep for an hour; and what is told is the first failure, not the breaking off."""
    lock, calls = threading.Lock(), [0]

    def insert(cursor: Any, *_: object) -> None:
        with lock:
            calls[0] += 1
            mine = calls[0]
        cursor.execute("SELECT pg_sleep(3600)" if mine == 1 else "SELECT 1 / 0")

    monkeypatch.setattr(lanes, "insert", insert)
    with pytest.raises(DatabaseError, match="division by zero"):
        load_in_steps(package)
    assert whole.locks() == 0


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


@contextmanager
def child(package: Path, rests_at: str = "") -> Iterator[subprocess.Popen[str]]:
    """A load in steps in another process; it stops at its end only."""
    command = [sys.executable, "-m", "tests.inventory.loading.child_in_steps"]
    process = subprocess.Popen(
        [*command, connections.settings["owner"]["NAME"], str(package), str(SIZE), rests_at],
        cwd=PROJECT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "smi_portal.settings.test"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


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
    with child(package, moment if moment in MOMENTS[-2:] else "") as process:  # there is little after those
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
        with child(package) as process:
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
            process = child(package)
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
