"""Rental days by hand: each rule once, and what a viewer may not infer."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoDbBlocker

from smi_portal.portfolio import rental
from smi_portal.portfolio.asking import Period
from tests.oracle.home import nov
from tests.portfolio.worlds import SECOND, device, first, mpan, second, viewer
from tests.support.loads import forget, load_tables

NOVEMBER = Period(nov(1), nov(SECOND) + timedelta(days=1))


@pytest.fixture(scope="module", autouse=True)
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker, directory: Path) -> Iterator[None]:
    """Both extracts, loaded."""
    with django_db_blocker.unblock():
        forget()
        load_tables(directory, first().tables, first().as_at)
        load_tables(directory, second().tables, second().as_at)
        yield
        forget()


def days(organisation: str, *released: str, period: Period = NOVEMBER) -> list[tuple[Any, ...]]:
    """Meter's number, MPxN's, MAP ID, supplier; first and last day of November, days."""
    return [
        (
            int(row["device_id"][-1]),
            row["mpxn"] if row["mpxn"] != mpan(int(row["device_id"][-1])) else "own",
            row["map_id"],
            row.get("supplier_id", "-"),
            (row["first_day"] - nov(0)).days,
            (row["last_day"] - nov(0)).days,
            row["days"],
        )
        for row in rental.rows(viewer(organisation, *released), period)
    ]


def test_a_map_with_the_release() -> None:
    assert days("M1", "supplier") == [
        (1, "own", "MAPA", "SUPA", 1, 9, 9),
        (1, "own", "MAPA", "SUPZ", 10, 20, 11),
        (2, "own", "MAPA", "SUPA", 1, 11, 11),
        (3, "own", "MAPA", "SUPA", 1, 10, 10),
        (3, "2012345678906", "MAPA", None, 11, 20, 10),
        (4, "own", "MAPA", "SUPA", 1, 20, 20),
        (5, "own", "MAPA", "SUPA", 1, 13, 13),
        (6, "own", "MAPA", "SUPA", 1, 20, 20),
        (7, "own", "MAPA", "SUPA", 5, 20, 16),
        (7, "own", "MAPA", "SUPZ", 1, 4, 4),
        (8, "own", "MAPA", "SUPA", 1, 15, 15),
        (8, "own", "MAPB", "SUPA", 16, 20, 5),
        (9, "own", "MAPA", "SUPA", 1, 20, 20),
    ]


def test_without_it_nothing_dates_a_change_of_supplier() -> None:
    found = days("M1")
    assert (1, "own", "MAPA", "-", 1, 20, 20) in found
    assert (7, "own", "MAPA", "-", 1, 20, 20) in found
    assert sum(row[-1] for row in found) == sum(row[-1] for row in days("M1", "supplier"))


def test_each_supplier_has_its_own_days() -> None:
    assert days("S2") == [(1, "own", "MAPA", "SUPZ", 10, 20, 11), (7, "own", "MAPA", "SUPZ", 1, 4, 4)]
    assert (1, "own", "MAPA", "SUPA", 1, 9, 9) in days("S1")
    assert all(row[3] == "SUPA" for row in days("S1"))


def test_a_day_away_is_not_counted_though_first_and_last_surround_it() -> None:
    period = Period(nov(-10), nov(21))
    assert (7, "own", "MAPA", "SUPA", -10, 20, 27) in days("M1", "supplier", period=period)


def command(directory: Path, *arguments: str, ending: str = "csv") -> Path:
    """The command's file."""
    target = directory / f"days.{ending}"
    call_command("rental_days", *arguments, "--output", str(target), stderr=io.StringIO())
    return target


def test_the_command_writes_exactly_the_promised_columns(tmp_path: Path) -> None:
    arguments = ("--organisation", "M1", "--from", "2018-11-01", "--to", "2018-11-21")
    rows = list(csv.reader(io.StringIO(command(tmp_path, *arguments).read_text("utf-8"))))
    assert rows[0] == ["device_id", "mpxn", "map_id", "first_day", "last_day", "days"]
    assert rows[1] == [device(1), mpan(1), "MAPA", "2018-11-01", "2018-11-20", "20"]
    arguments = ("--organisation", "S1", "--from", "2018-11-01", "--to", "2018-11-21")
    rows = list(csv.reader(io.StringIO(command(tmp_path, *arguments).read_text("utf-8"))))
    assert rows[0] == ["device_id", "mpxn", "map_id", "supplier_id", "first_day", "last_day", "days"]


def test_the_default_is_the_last_calendar_month(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(command(tmp_path, "--organisation", "M1").read_text("utf-8"))))
    assert {(row["first_day"], row["last_day"], row["days"]) for row in rows} == {
        ("2018-10-01", "2018-10-31", "31")
    }


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        ("2018-11-02", "2018-11-02", "not after its start"),
        ("2018-11-05", "2018-11-02", "not after its start"),
        ("2018-11-01", "2018-11-22", "beyond the extract's day 2018-11-20"),
        ("1/11/2018", "2018-11-02", "from: '1/11/2018' is no day"),
        ("2018-11-01", "2018-11-31", "to: '2018-11-31' is no day"),
    ],
)
def test_a_wrong_period_is_refused_by_name(start: str, end: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=sentence):
        command(tmp_path, "--organisation", "M1", "--from", start, "--to", end)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"\.csv, \.xlsx or \.json"):
        command(tmp_path, "--organisation", "M1", ending="pdf")
