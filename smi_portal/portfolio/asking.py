"""What every question to the portfolio is checked for: who asks, and for which days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer
from smi_portal.inventory.models import ExtractLoad

#: Who has a portfolio. SECAS has no devices, ever.
ROLES = frozenset({Role.MAP, Role.SUPPLIER, Role.DCC})
#: Those who own something: DCC sees all portfolios, and keeps no statement of its own.
PARTIES = frozenset({Role.MAP, Role.SUPPLIER})


class Refused(Exception):
    """A question that cannot be answered: for each field what is wrong, and how to mend it."""

    def __init__(self, errors: dict[str, list[str]], status: int = 400) -> None:
        super().__init__(" ".join(sentence for found in errors.values() for sentence in found))
        self.errors = errors
        self.status = status


@dataclass(frozen=True)
class Period:
    """Whole days, half-open: `start ≤ day < end`."""

    start: date
    end: date

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.end - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.start} to {self.end} (not included)"


def portfolio_of(viewer: Viewer) -> Viewer:
    """The viewer, if it has a portfolio. Raises Refused (403) otherwise."""
    if viewer.role not in ROLES:
        raise Refused(
            {"organisation": [f"{viewer.organisation_name} ({viewer.organisation}) sees no devices."]}, 403
        )
    return viewer


def current_load() -> ExtractLoad:
    """The extract that is shown. Raises Refused before the first."""
    load = ExtractLoad.current()
    if load is None:
        raise Refused({"extract": ["No extract has been loaded yet: there is nothing to ask."]}, 503)
    return load


def last_month(day: date) -> Period:
    """The last calendar month that has ended on or before `day`'s end."""
    first = (day + timedelta(days=1)).replace(day=1)
    return Period((first - timedelta(days=1)).replace(day=1), first)


def read_day(key: str, text: str) -> date:
    """A day as YYYY-MM-DD. Raises Refused naming the field."""
    try:
        if len(text) != len("2018-11-01"):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise Refused({key: [f"{text!r} is no day: write it as YYYY-MM-DD, such as 2018-11-01."]}) from None


def period(start: str | date, end: str | date, load: ExtractLoad) -> Period:
    """A period asked for, both ends checked together. Raises Refused.

    It may not reach beyond the extract's day: later days are not known yet.
    """
    errors: dict[str, list[str]] = {}
    days: dict[str, date] = {}
    for key, given in (("from", start), ("to", end)):
        try:
            days[key] = given if isinstance(given, date) else read_day(key, given)
        except Refused as refused:
            errors |= refused.errors
    if not errors and days["from"] >= days["to"]:
        errors["to"] = [
            f"The period ends on {days['to']} (that day not included), which is not after its start "
            f"{days['from']}: give a later end."
        ]
    known = load.day + timedelta(days=1)
    if not errors and days["to"] > known:
        errors["to"] = [
            f"{days['to']} lies beyond the extract's day {load.day}: later days are not known yet. "
            f"Ask up to {known} (that day not included)."
        ]
    if errors:
        raise Refused(errors)
    return Period(days["from"], days["to"])
