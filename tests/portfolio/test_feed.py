"""The change feed's events in words: who is told what, and what nobody is told."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from pytest_django import DjangoDbBlocker

from smi_portal.access.scope import scope
from smi_portal.inventory.loading.clear import clear
from smi_portal.inventory.models import ExtractLoad
from smi_portal.portfolio import feed
from smi_portal.portfolio.asking import Refused
from tests.oracle.home import nov
from tests.portfolio.worlds import FIRST, device, first, mpan, second, viewer
from tests.support.loads import forget, load_tables, quiet


@pytest.fixture(scope="module", autouse=True)
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker, directory: Path) -> Iterator[None]:
    """Both extracts, loaded."""
    with django_db_blocker.unblock():
        forget()
        load_tables(directory, first().tables, first().as_at)
        load_tables(directory, second().tables, second().as_at)
        yield
        forget()


Told = tuple[Any, ...]


def told(organisation: str, *released: str) -> list[Told]:
    """Kind, meter's number, days of November, before and after (of suppliers where shown)."""
    return [
        (
            event["kind"],
            int(event["device_id"][-1]),
            (event["effective_from"] - nov(0)).days,
            (event["effective_to"] - nov(0)).days if event["effective_to"] else None,
            *(
                (event.get("supplier_before"), event.get("supplier_after"))
                if event["field"] == "supplier" and "supplier_after" in event
                else (event["before"], event["after"])
            ),
        )
        for event in feed.events_after(viewer(organisation, *released))
    ]


OF_THE_MAP: list[Told] = [
    ("lost", 2, 12, None, "yes", None),
    ("mpxn_changed", 3, 11, None, mpan(3), "2012345678906"),
    ("supplier_changed", 3, 11, None, "registered", None),
    ("status_changed", 4, 13, None, "Commissioned", "Decommissioned"),
    ("removed", 5, 14, None, None, nov(14).isoformat()),
    ("firmware_changed", 6, 15, None, "1.0", "1.1"),
    ("corrected_history", 7, 1, 5, "registered", "registered"),
    ("map_id_changed", 8, 16, None, "MAPA", "MAPB"),
]


def test_a_map_is_told_that_the_supplier_changed_and_when_but_not_who() -> None:
    assert told("M1") == [("supplier_changed", 1, 10, None, "registered", "registered"), *OF_THE_MAP]


def test_with_the_release_it_is_told_who() -> None:
    events = told("M1", "supplier")
    assert events[0] == ("supplier_changed", 1, 10, None, "SUPA", "SUPZ")
    assert ("corrected_history", 7, 1, 5, "SUPA", "SUPZ") in events
    assert len(events) == len(OF_THE_MAP) + 1


def test_each_supplier_is_told_its_own_side() -> None:
    gave, got = told("S1"), told("S2")
    assert got == [("gained", 1, 10, None, None, "yes"), ("corrected_history", 7, 1, 5, None, "yes")]
    assert gave[0] == ("lost", 1, 10, None, "yes", None)
    assert ("corrected_history", 7, 1, 5, "yes", None) in gave
    for event in feed.events_after(viewer("S1")):
        assert "SUPZ" not in event.values()
    for event in feed.events_after(viewer("S2")):
        assert "SUPA" not in event.values()
    assert ("map_id_lost", 2, 12, None, "MAPA", None) in gave


def test_dcc_is_told_everything_and_the_other_map_nothing() -> None:
    assert ("supplier_changed", 1, 10, None, "SUPA", "SUPZ") in told("DCC")
    assert ("map_id_lost", 2, 12, None, "MAPA", None) in told("DCC")
    assert told("M2") == []


def test_a_removal_has_its_reason() -> None:
    (event,) = [one for one in feed.events_after(viewer("M1")) if one["kind"] == "removed"]
    assert (event["device_id"], event["removal_reason"]) == (device(5), "Faulty")


def test_pages_by_cursor_neither_skip_nor_repeat() -> None:
    whole = feed.events_after(viewer("M1"))
    pieces, cursor = [], 0
    while page := feed.events_after(viewer("M1"), cursor, limit=2):
        pieces += page
        cursor = page[-1]["cursor"]
    assert pieces == whole
    assert [event["cursor"] for event in whole] == list(range(1, len(whole) + 1))


def test_a_cursor_that_was_never_given_is_refused() -> None:
    last = feed.last_cursor(viewer("M1"))
    assert feed.events_after(viewer("M1"), last) == []
    with pytest.raises(Refused, match=f"There is no cursor {last + 1}: the newest event is {last}"):
        feed.events_after(viewer("M1"), last + 1)


def run(*statements: str) -> str:
    """What statements injected into M2's scope give, rows and errors alike."""
    found: list[str] = []
    with scope(viewer("M2")):
        for statement in statements:
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)
                    found += [repr(row) for row in cursor.fetchall()]
            except (DatabaseError, psycopg.Error) as error:
                found.append(str(error))
    return "\n".join(found)


HOSTILE = (
    "SELECT device_id, position FROM inventory_changeevent",
    "SELECT count(*) FROM inventory_changeevent HAVING count(*) > 0",
    "SELECT device_id FROM inventory_changeevent WHERE audience = 'DCC' OR true",
    "SELECT max(position) FROM inventory_changeevent HAVING max(position) > 0",
    "SELECT device_id FROM inventory_changeevent WHERE 1/(CASE WHEN device_id LIKE '00-DB%' THEN 0 ELSE 1 END) > 0",
)


def test_hostile_sql_finds_no_foreign_event() -> None:
    assert run(*HOSTILE) == ""
    for statement in (
        "SELECT supplier_after FROM inventory_changeevent",
        "SELECT device_id FROM inventory_changeevent WHERE supplier_before = 'SUPA'",
        "SELECT * FROM inventory_changeevent",
        "SELECT last_position FROM inventory_changestream",
    ):
        assert "permission denied" in run(statement), statement
    with scope(viewer("M1")), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT org_id) FROM inventory_changeevent")
        assert cursor.fetchone() == (len(OF_THE_MAP) + 1, 1)


def command(*arguments: str, **options: Any) -> list[dict[str, str]]:
    """The rows of the command's CSV."""
    target = Path(options["directory"]) / "feed.csv"
    call_command("change_feed", *arguments, "--output", str(target), stderr=io.StringIO())
    return list(csv.DictReader(io.StringIO(target.read_text("utf-8"))))


def test_the_command_writes_the_same_rows(tmp_path: Path) -> None:
    rows = command("--organisation", "M1", directory=tmp_path)
    assert [row["kind"] for row in rows] == [event["kind"] for event in feed.events_after(viewer("M1"))]
    assert "supplier_after" not in rows[0]
    rest = command("--organisation", "M1", "--after", rows[2]["cursor"], directory=tmp_path)
    assert rest == rows[3:]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--organisation", "NOBODY"), "no organisation NOBODY"),
        (("--organisation", "SECAS"), r"Refused \(403\).*sees no devices"),
        (("--organisation", "M0"), "User Entry"),
        (("--organisation", "M1", "--after", "x"), "whole number"),
        (("--organisation", "M1", "--after", "99"), "There is no cursor 99"),
        (("--organisation", "M1", "--kind", "nonsense"), "There is no kind nonsense"),
    ],
)
def test_what_is_wrong_is_said_and_no_file_is_left(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=sentence):
        command(*arguments, directory=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_first_extract_tells_nothing_and_no_cursor_is_given_twice(directory: Path) -> None:
    """Last in this module: it loads anew."""
    before = feed.last_cursor(viewer("M1"))
    clear(quiet)
    assert ExtractLoad.current() is None
    load_tables(directory, first().tables, first().as_at)
    assert told("M1") == []
    assert ExtractLoad.current().day == nov(FIRST)  # type: ignore[union-attr]
    load_tables(directory, second().tables, second().as_at)
    assert feed.events_after(viewer("M1"))[0]["cursor"] == before + 1
