"""Rental statements: kept, then held against what later extracts say of the same days."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.oracle.home import Home, iso
from tests.portfolio.conftest import kept_statement, page
from tests.portfolio.worlds import device, second
from tests.support.loads import load_tables
from tests.support.people import signed_in

pytestmark = pytest.mark.usefixtures("two_extracts")


def test_a_statement_stays_while_history_is_rewritten(directory: Path) -> None:
    """Kept from the second extract; a third tells that A9 was removed on the 6th. The statement says what it said."""
    client = signed_in("M1")
    address_ = kept_statement(client, "2018-11-01", "2018-11-21")
    assert "Nothing differs" in page("M1", address_)
    home = second()
    home.as_at = home.as_at.replace(day=25)
    next(row for row in home.tables["devices"] if row["device_id"] == device(9))["removed_on"] = "2018-11-06"
    load_tables(directory, home.tables, home.as_at)
    try:
        text = page("M1", address_)
        assert "<strong>164</strong> days" in text
        assert "The statement is unchanged" in text
        assert device(9) in text
        assert device(4) not in text
        assert "-15" in text
        text = page("M1", "/rental-days/", **{"from": "2018-11-01", "to": "2018-11-21"})
        assert "Corrected since your last statement: 1 asset." in text
        answer = client.get(address_ + "differences.csv")
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        assert len(lines) == 2
        assert lines[1].endswith("2018-11-01,2018-11-20,20,2018-11-01,2018-11-05,5,-15")
        for other in ("M2", "S1"):
            assert signed_in(other).get(address_).status_code == 404
    finally:
        load_tables(directory, second().tables, second().as_at.replace(day=26))


def test_a_revoked_release_hides_the_suppliers_of_a_statement() -> None:
    address_ = kept_statement(signed_in("M1"), "2018-11-01", "2018-11-21")
    call_command("release_field", "M1", "supplier", "--revoke", verbosity=0, stdout=io.StringIO())
    try:
        text = page("M1", address_)
        assert "no longer released" in text
        assert "SUPA" not in text
        assert signed_in("M1").get(address_ + "differences.csv").status_code == 404
    finally:
        call_command("release_field", "M1", "supplier", verbosity=0, stdout=io.StringIO())


@contextmanager
def loaded(directory: Path, home: Home) -> Iterator[None]:
    """A later extract, for a while; then the second one's state again."""
    load_tables(directory, home.tables, home.as_at)
    try:
        yield
    finally:
        load_tables(directory, second().tables, second().as_at.replace(day=27))


def removed_before_november() -> Home:
    """As the second extract, but A9 was removed on 20 October: before any day of November."""
    home = second()
    home.as_at = home.as_at.replace(day=26)
    next(row for row in home.tables["devices"] if row["device_id"] == device(9))["removed_on"] = iso(-11)
    return home


def differences(address: str) -> list[dict[str, str]]:
    answer = signed_in("M1").get(address + "differences.csv")
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_a_row_that_is_gone_is_told(directory: Path) -> None:
    """Stated with 20 days; a later extract says that the asset had been removed before the period began."""
    address = kept_statement(signed_in("M1"), "2018-11-01", "2018-11-21")
    assert differences(address) == []
    with loaded(directory, removed_before_november()):
        text = page("M1", address)
        assert device(9) in text
        assert "-20" in text
        (row,) = differences(address)
        assert (row["device_id"], row["supplier_id"]) == (device(9), "SUPA")
        assert (row["stated_first_day"], row["stated_last_day"], row["stated_days"]) == (
            "2018-11-01",
            "2018-11-20",
            "20",
        )
        assert (row["first_day_now"], row["last_day_now"], row["days_now"]) == ("", "", "")
        assert row["difference_days"] == "-20"
    assert differences(address) == []


def test_a_row_that_came_is_told(directory: Path) -> None:
    """Stated while the asset was removed; a later extract says that it was there all along."""
    with loaded(directory, removed_before_november()):
        address = kept_statement(signed_in("M1"), "2018-11-01", "2018-11-21")
        assert differences(address) == []
    assert device(9) in page("M1", address)
    (row,) = differences(address)
    assert (row["device_id"], row["stated_days"], row["days_now"]) == (device(9), "", "20")
    assert row["difference_days"] == "20"
