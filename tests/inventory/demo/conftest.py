"""One small demo extract for all tests of this directory, read by the independent checker."""

from dataclasses import dataclass
from typing import Any

import pytest

from smi_portal.inventory.demo.package import Options, write_demo_extract
from tests.inventory.demo.checker import Row, Tables, apply_delta, keyed, read_package

FULL_DAY, DELTA_DAY = "2019-01-31", "2019-02-28"


@dataclass(frozen=True)
class Demo:
    """A demo extract as read back: the state that its full package holds, and the state after its delta."""

    descriptors: tuple[dict[str, Any], dict[str, Any]]
    problems: list[str]
    delta: dict[str, list[Row]]
    full: Tables
    later: Tables

    def at(self, table: str, day: str = FULL_DAY) -> list[Row]:
        """Return the rows in force on a day; those of the delta's state from the delta's day."""
        rows = (self.later if day >= DELTA_DAY else self.full)[table].values()
        return [
            r
            for r in rows
            if r["effective_from"] <= day and (not r["effective_to"] or day < r["effective_to"])
        ]

    def meters(self) -> dict[str, Row]:
        """Return the meters of the full package by Device ID."""
        rows = self.full["devices"].values()
        return {row["device_id"]: row for row in rows if row["device_type"] in ("ESME", "GSME")}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return a demo extract of 300 premises: more than one cycle of the planned oddities."""
    out = tmp_path_factory.mktemp("demo")
    write_demo_extract(out, Options(premises=300, seed=7))
    descriptor, full, problems = read_package(out / "0001-full")
    delta_descriptor, delta, delta_problems = read_package(out / "0002-delta")
    state = keyed(descriptor, full)
    later = apply_delta(descriptor, state, delta)
    return Demo((descriptor, delta_descriptor), problems + delta_problems, delta, state, later)
