"""A small world day by day, and the roads by which the product answers for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reports.engine.report import report_for
from tests.oracle.home import Home, nov
from tests.support.asking import viewer_of
from tests.support.files import csv_rows, excel_rows, get, json_rows, pages
from tests.support.loads import forget, load_tables
from tests.support.people import RELEASED, make_people, signed_in
from tests.support.tokens import program

LAST = 20
METERS = ("00-DB-00-00-00-00-00-01", "00-DB-00-00-00-00-00-02")
MPXNS = ("1000000000018", "1000000000029")
#: Who asks for what.
QUESTIONS = [
    ("M1", "MAP_001"),
    ("M2", "MAP_001"),
    *((o, "RSMI_001") for o in ("M1", "M2", "S1", "S2", "DCC")),
]

Hands = list[list[str | None]]


class World:
    """For each meter and day of November, its MAP and its supplier; loaded by the real loader."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.maps: Hands = [["MAPA"] * LAST for _ in METERS]
        self.suppliers: Hands = [["SUPA"] * LAST for _ in METERS]
        self.installed: list[int | None] = [None] * len(METERS)
        self.home = Home(LAST)
        self.loaded = False

    def load(self) -> None:
        """Write the state as an extract and load it, unless that is done."""
        if self.loaded:
            return
        self.home = Home(LAST)
        for number, (meter, mpxn) in enumerate(zip(METERS, MPXNS, strict=True)):
            day = self.installed[number]
            self.home.device(meter, installed_on=nov(day).isoformat() if day else None)
            self.home.status(meter, "Commissioned")
            self.home.mpxn(meter, mpxn)
            for value, start, end in runs(self.maps[number]):
                self.home.map(meter, value, start, end)
            for value, start, end in runs(self.suppliers[number]):
                self.home.supplier(mpxn, value, start, end)
        forget()
        load_tables(self.directory, self.home.tables, self.home.as_at)
        make_people()
        self.loaded = True

    def differences(
        self, organisation: str, report: str, day: int, history: bool, every_road: bool
    ) -> list[str]:
        """The roads by which the answer is not the model's."""
        self.load()
        declared, viewer = report_for(report), viewer_of(organisation, RELEASED.get(organisation, ()))
        assert declared is not None
        assert viewer is not None
        columns = declared.columns_for(viewer, history)
        keys = [column.key for column in columns]
        released = " ".join(RELEASED.get(organisation, ()))
        rows = self.home.ask(organisation, report, day, history, released)
        want = [keys, *([row[key] for key in keys] for row in rows)]
        query = f"as_at={nov(day)}{'&history=true' if history else ''}"
        client, base = signed_in(organisation), f"/reports/{report}/"
        found: dict[str, Any] = {"csv": csv_rows(get(client, f"{base}download.csv?dialect=machine&{query}"))}
        if every_road:
            token = program(organisation)
            shown = [row for page in pages(client, f"{base}?{query}") for row in page.rows]
            found["page"] = [keys, *shown]
            found["excel"] = excel_rows(get(client, f"{base}download.xlsx?{query}"), columns)
            found["json"] = json_rows(get(client, f"{base}download.json?{query}"), columns)
            found["api"] = csv_rows(get(token, f"/api/v1/reports/{report}/rows.csv?{query}"))
        return [f"{road}: {answer} instead of {want}" for road, answer in found.items() if answer != want]


def runs(days: list[str | None]) -> Iterator[tuple[str, int, int | None]]:
    """(value, first day, end): maximal runs; the first reaches back, the last goes on."""
    start = 1
    for day in range(2, LAST + 2):
        if day > LAST or days[day - 1] != days[start - 1]:
            value = days[start - 1]
            if value is not None:
                yield value, (-60 if start == 1 else start), (None if day > LAST else day)
            start = day
