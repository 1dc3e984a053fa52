"""A month of BKF_002 for the Panel: live or as published; who is on track and why; who leads; when it will end.

Everything said here is worked out from rows of BKF_002 and from nothing else: SECAS gets no other figures. A
published month is worked out from stored rows alone, so that it stays as the Panel was shown it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.datastructures import MultiValueDict

from reports.engine.ask import parse
from reports.engine.columns import Column, Kind
from reports.engine.report import REGISTRY
from reports.engine.rows import rows
from smi_portal.access.scope import Viewer
from smi_portal.backfill.models import Publication, PublishedRow
from smi_portal.backfill.panel.verdicts import Row, finish_range, reasons, remarks
from smi_portal.backfill.reminders import last_day
from smi_portal.inventory.models import ExtractLoad, Organisation


@dataclass(frozen=True)
class Standing:
    """A User in a month: its row of BKF_002 and what follows from it."""

    name: str
    row: Row
    #: The same User's row of the month before, where there is one.
    before: Row | None
    day: date

    @property
    def verdict(self) -> str:
        """On track or not, in words; unknown without a Panel date."""
        return {True: "On track", False: "Not on track", None: "Unknown"}[self.row["on_track"]]

    @property
    def why(self) -> list[str]:
        """The reasons for the verdict, and what else the Panel should know."""
        return [*reasons(self.row), *remarks(self.row)]

    @property
    def finish(self) -> tuple[date, date | None] | None:
        """Earliest and latest finish (None = no end in sight); None when done, or when nothing was ever accepted."""
        return finish_range(self.row, self.before, self.day)

    @property
    def change(self) -> Decimal | None:
        """Percentage points since the month before."""
        return None if self.before is None else self.row["percent_complete"] - self.before["percent_complete"]


@dataclass(frozen=True)
class Month:
    """A month as a page, a pack or a publication shows it. `publication` is None for the live figures."""

    first: date
    day: date
    standings: tuple[Standing, ...]
    publication: Publication | None
    as_at: Any
    extract_sequence: int
    #: Earlier months and this one, oldest first: month → rows, as far as they are known.
    history: Mapping[str, Sequence[Row]]

    @property
    def key(self) -> str:
        """YYYY-MM."""
        return f"{self.first:%Y-%m}"

    @property
    def complete(self) -> bool:
        """Whether the data reaches the month's last day, so that it can be published."""
        return self.day == last_day(self.first)

    @property
    def league(self) -> list[Standing]:
        """The Users by percent complete, then by what is outstanding, then by code."""
        return sorted(
            self.standings,
            key=lambda one: (-one.row["percent_complete"], one.row["outstanding"], one.row["organisation"]),
        )

    def count(self, column: str) -> int:
        """The sum of a column over all Users."""
        return sum(one.row[column] or 0 for one in self.standings)

    @property
    def on_track(self) -> int:
        """How many Users are on track."""
        return sum(one.row["on_track"] is True for one in self.standings)

    @property
    def percent(self) -> Decimal:
        """Populated of in scope over all Users, one decimal, half up; 100 when nothing is in scope."""
        return percent(self.count("populated"), self.count("in_scope"))

    @property
    def panel_date(self) -> date | None:
        """The Panel's date as it stood in that month."""
        return next((one.row["panel_date"] for one in self.standings), None)


def columns() -> tuple[Column, ...]:
    """BKF_002's columns, in order."""
    return REGISTRY["BKF_002"].columns


def percent(part: int, whole: int) -> Decimal:
    """One decimal, half up; all of nothing is complete."""
    return Decimal((2000 * part + whole) // (2 * whole)) / 10 if whole else Decimal("100.0")


def live(viewer: Viewer, month: date, load: ExtractLoad) -> Month | None:
    """The month as the loaded data tells it now; None outside the programme's months. Call inside a scope."""
    day = min(last_day(month), load.day)
    if month > load.day:
        return None
    ask = parse(REGISTRY["BKF_002"], viewer, MultiValueDict({"as_at": [day.isoformat()]}))
    history: dict[str, list[Row]] = {}
    for row in rows(ask).values():
        history.setdefault(row["month"], []).append(row)
    if f"{month:%Y-%m}" not in history:
        return None
    names = dict(Organisation.objects.values_list("organisation", "name"))
    standings = _standings(history, month, day, names)
    return Month(month, day, standings, None, load.as_at, load.sequence, history)


def published(publication: Publication) -> Month:
    """The month as it was published, from stored rows alone. Call inside a scope."""
    month = date.fromisoformat(f"{publication.month}-01")
    earlier: dict[str, Publication] = {}
    for one in Publication.objects.filter(month__lt=publication.month, pk__lt=publication.pk).order_by("pk"):
        earlier[one.month] = one
    history: dict[str, list[Row]] = {}
    names: dict[str, str] = {}
    for one in [*(earlier[key] for key in sorted(earlier)), publication]:
        for stored in PublishedRow.objects.filter(publication=one).order_by("pk"):
            history.setdefault(one.month, []).append(thaw(stored.figures))
            names[stored.figures["organisation"]] = stored.name
    standings = _standings(history, month, publication.day, names)
    return Month(
        month,
        publication.day,
        standings,
        publication,
        publication.as_at,
        publication.extract_sequence,
        history,
    )


def thaw(figures: Mapping[str, Any]) -> Row:
    """Stored figures with days and decimals as such again."""
    return {column.key: _thawed(column.kind, figures.get(column.key)) for column in columns()}


def _thawed(kind: Kind, value: Any) -> Any:
    if value is not None and kind is Kind.DATE:
        return date.fromisoformat(value)
    return Decimal(value) if value is not None and kind is Kind.DECIMAL else value


def differences(then: Month, now: Month) -> list[tuple[str, str, Any, Any]]:
    """(User, column's title, as published, as of now) for everything that differs."""
    old = {one.row["organisation"]: one.row for one in then.standings}
    new = {one.row["organisation"]: one.row for one in now.standings}
    found: list[tuple[str, str, Any, Any]] = []
    for user in sorted(old | new):
        for column in columns():
            was, is_ = old.get(user, {}).get(column.key), new.get(user, {}).get(column.key)
            if was != is_:
                found.append((user, column.title, was, is_))
    return found


def _standings(
    history: Mapping[str, Sequence[Row]], month: date, day: date, names: Mapping[str, str]
) -> tuple[Standing, ...]:
    last = f"{month - timedelta(days=1):%Y-%m}"
    before = {row["organisation"]: row for row in history.get(last, ())}
    return tuple(
        Standing(
            names.get(row["organisation"], row["organisation"]), row, before.get(row["organisation"]), day
        )
        for row in history.get(f"{month:%Y-%m}", ())
    )
