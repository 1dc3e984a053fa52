"""A large first load in committed steps, by two hands: the same rows, and nothing left behind by what fails."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connections

from smi_portal.inventory.loading import after, apply, findings, relations, steps
from smi_portal.inventory.loading.clear import clear
from smi_portal.inventory.loading.errors import LoadRefused
from smi_portal.inventory.loading.loader import LoadOptions, load
from smi_portal.inventory.models import ExtractLoad
from smi_portal.inventory.periods import backfill, hubs, indexes, lanes, parts, viewers

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

__all__ = ["expected", "in_steps", "package"]


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
    assert whole.is_let_go()
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
    assert whole.is_let_go()


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
    assert whole.is_let_go()
