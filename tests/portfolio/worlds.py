"""A portfolio in November 2018 in which everything happens between two extracts, of 8 and 20 November.

M1 owns A1 to A9. S1 supplies them; A1 goes to S2. Day numbers are of November (see `Home`).
"""

from __future__ import annotations

from smi_portal.access.scope import Viewer
from tests.oracle.home import Home, iso
from tests.support.asking import viewer_of

FIRST, SECOND = 8, 20


def device(number: int) -> str:
    """The Device ID of A1 … A9."""
    return f"00-DB-00-00-00-00-00-A{number}"


def mpan(number: int) -> str:
    """The MPAN of A1 … A9 (its check digit may be wrong)."""
    return f"100000000000{number}"


def first() -> Home:
    """What the first extract says: all meters at S1, all commissioned, installed on 1 October."""
    home = Home(extract_day=FIRST)
    for number in range(1, 10):
        _meter(home, number)
    return home


def _meter(home: Home, number: int) -> None:
    home.device(device(number), installed_on=iso(-30), manufacturer="Fenland Meters", model="FM-1")
    home.status(device(number), "Commissioned")
    home.firmware(device(number), "1.0")
    home.mpxn(device(number), mpan(number))
    home.supplier(mpan(number), "SUPA")
    home.map(device(number), "MAPA")


def second() -> Home:
    """What the second says: one thing happened to each of A1 … A8; A9 is as it was."""
    home = first()
    home.as_at = home.as_at.replace(day=SECOND)
    _end(home, "registrations", "mpxn", mpan(1), 10)
    home.supplier(mpan(1), "SUPZ", 10)
    _end(home, "map_assignments", "device_id", device(2), 12)
    _end(home, "device_mpxns", "device_id", device(3), 11)
    home.mpxn(device(3), "2012345678906", 11)
    _end(home, "device_statuses", "device_id", device(4), 13)
    home.status(device(4), "Decommissioned", 13)
    _of(home, "devices", "device_id", device(5)).update(removed_on=iso(14), removal_reason="Faulty")
    _end(home, "device_firmwares", "device_id", device(6), 15)
    home.firmware(device(6), "1.1", 15)
    # From 1 to 5 November A7 was another supplier's: told only now.
    _end(home, "registrations", "mpxn", mpan(7), 1)
    home.supplier(mpan(7), "SUPZ", 1, 5)
    home.supplier(mpan(7), "SUPA", 5)
    _end(home, "map_assignments", "device_id", device(8), 16)
    home.map(device(8), "MAPB", 16)
    return home


def _of(home: Home, table: str, column: str, value: str) -> dict[str, str | None]:
    return next(row for row in home.tables[table] if row[column] == value)


def _end(home: Home, table: str, column: str, value: str, day: int) -> None:
    _of(home, table, column, value)["effective_to"] = iso(day)


def viewer(organisation: str, *released: str) -> Viewer:
    """The viewer of an organisation that sees something."""
    found = viewer_of(organisation, released)
    assert found is not None
    return found
