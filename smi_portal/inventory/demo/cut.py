"""What an extract of a given day says: facts cut to the day, and the difference between two such days.

A home is built up to some days after the delta. The full extract knows of each fact only what had happened
by its own day; the delta holds the rows that are new or changed since, and the keys of those that went.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from smi_portal.inventory.demo.days import ISO
from smi_portal.inventory.demo.home import Home, Row

DAYS_AHEAD: Final = 10
"""Changes of supplier, and certificates, are known this many days before they come into force."""


@dataclass(frozen=True, slots=True)
class Cut:
    """How a file is cut: the columns of its key, of its beginning, of later events, and of their details.

    `time` is appended to the day for a column of instants; `details` are blanked when the last event is.
    """

    key: tuple[int, ...]
    begins: int
    events: tuple[int, ...] = ()
    details: tuple[int, ...] = ()
    ahead: int = 0
    time: str = ""


CUTS: Final[dict[str, Cut]] = {
    "devices": Cut((0,), 13, (14, 15, 16), details=(17,)),
    "device_statuses": Cut((0, 2), 2, (3,)),
    "device_firmwares": Cut((0, 2), 2, (3,)),
    "device_mpxns": Cut((0, 1, 2, 3), 3, (4,)),
    "hub_links": Cut((0, 2), 2, (3,)),
    "registrations": Cut((0, 2), 2, (3,), ahead=DAYS_AHEAD),
    "map_assignments": Cut((0, 2), 2, (3,)),
    "certificates": Cut((0, 1), 3, (5,), ahead=DAYS_AHEAD),
    "schedules": Cut((0,), 5, (6,)),
    "service_requests": Cut((0,), 5, time="T23:00:00Z"),
}
TABLES: Final = tuple(CUTS)
_OF_DEVICE: Final = (
    "device_statuses",
    "device_firmwares",
    "device_mpxns",
    "hub_links",
    "map_assignments",
    "certificates",
)

Facts = dict[str, list[Row]]


class Cutter:
    """Cuts homes to the full extract's day and the delta's."""

    def __init__(self, full_day: int, delta_day: int) -> None:
        self._full = self._limits(full_day)
        self._delta = self._limits(delta_day)
        self._planned_after = ISO[delta_day]

    @staticmethod
    def _limits(day: int) -> dict[str, str]:
        return {name: ISO[day + cut.ahead] + cut.time for name, cut in CUTS.items()}

    def cut(self, home: Home) -> tuple[Facts, Facts | None]:
        """Return a home's rows on the full extract's day, and on the delta's (None = nothing changed)."""
        facts: Facts = {name: getattr(home, name) for name in TABLES}
        if not home.amendments and not any(self._is_late(name, rows) for name, rows in facts.items()):
            return facts, None
        later = self._cut(facts, self._delta)
        for name, was, now in home.amendments:
            later[name] = [row for row in later[name] if row != was]
            if now is not None:
                later[name].append(now)
        return self._cut(facts, self._full), later

    def _is_late(self, name: str, rows: list[Row]) -> bool:
        """Tell whether some row holds a day after the full extract's."""
        cut, limit = CUTS[name], self._full[name]
        begins = cut.begins
        if len(cut.events) == 1:
            ends = cut.events[0]
            return any(row[begins] > limit or row[ends] > limit for row in rows)
        return any(row[begins] > limit or any(row[at] > limit for at in cut.events) for row in rows)

    def _cut(self, facts: Facts, limits: dict[str, str]) -> Facts:
        known = {row[0] for row in facts["devices"] if row[13] <= limits["devices"]}
        result: Facts = {}
        for name, rows in facts.items():
            kept = _cut_rows(
                rows, CUTS[name], limits[name], self._planned_after if name == "schedules" else "9"
            )
            result[name] = [row for row in kept if row[0] in known] if name in _OF_DEVICE else kept
        return result


def _cut_rows(rows: Iterable[Row], cut: Cut, limit: str, planned_after: str) -> list[Row]:
    """Drop what begins after `limit`, blank what happens after it, save what was planned from the start."""
    result = []
    for row in rows:
        if row[cut.begins] > limit:
            continue
        blanks = [at for at in cut.events if limit < row[at] <= planned_after]
        if blanks:
            if cut.details and cut.events[-1] in blanks:
                blanks += cut.details
            row = tuple("" if at in blanks else cell for at, cell in enumerate(row))
        result.append(row)
    return result


def diff(key: tuple[int, ...], before: Iterable[Row], after: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows of `after` that are new or changed, and the rows of `before` whose keys are gone."""
    old = {tuple(row[at] for at in key): row for row in before}
    new = {tuple(row[at] for at in key): row for row in after}
    changed = [row for found, row in new.items() if old.get(found) != row]
    return changed, [row for found, row in old.items() if found not in new]
