"""Who sees which device on which day, the periods that this makes, and what a row may tell of later days."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from . import facts
from .inventory import Inventory, Row

Seen = Callable[[date], bool]


@dataclass(frozen=True)
class Viewer:
    """An organisation at the screen: its code, its kind, and the fields released to it (of use to a MAP)."""

    organisation: str
    kind: str
    released: frozenset[str]

    def is_shown(self, field: str) -> bool:
        """Whether the viewer sees a field of the data-permissions matrix: `supplier` or `premises`."""
        return self.kind != "MAP" or field in self.released


@dataclass(frozen=True)
class Period:
    """A half-open run of days; None = endless on that side."""

    start: date | None
    end: date | None

    def holds(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


ENDLESS = Period(None, None)


@dataclass(frozen=True)
class Ask:
    """One question: who asks, of what inventory, for which day D, and how."""

    inventory: Inventory
    viewer: Viewer
    day: date
    history: bool
    implementation_date: date

    @property
    def limit(self) -> date | None:
        """K: the last day of which a row may tell. D when D is a past day, else no limit."""
        return self.day if self.day < self.inventory.extract_day else None


@dataclass(frozen=True)
class Moment:
    """One row to be: the day its values are read on, the viewer's visible period, its validity."""

    day: date
    visible: Period
    limit: date | None
    valid: Period

    def event(self, happened: date | None) -> date | None:
        """The day of an event, unless it is after K, or the viewer's period had ended by then."""
        if happened is None or (self.limit and happened > self.limit):
            return None
        return None if self.visible.end and happened >= self.visible.end else happened

    def ending(self, end: date | None) -> date | None:
        """The end of a period, unless it is after K or after the end of the viewer's own."""
        if end is None or (self.limit and end > self.limit):
            return None
        return None if self.visible.end and end > self.visible.end else end

    def party_start(self, viewer: Viewer, start: date | None) -> date | None:
        """When another party's part began: not told to a MAP whose own period began after that."""
        before = start is not None and self.visible.start is not None and start < self.visible.start
        return None if viewer.kind == "MAP" and before else start


def sees(inventory: Inventory, viewer: Viewer, device: Row, day: date) -> bool:
    """Whether the viewer may see the device that day."""
    if not facts.exists(device, day):
        return False
    if viewer.kind == "DCC":
        return True
    if viewer.kind == "MAP":
        assigned = facts.map_id(inventory, device, day)
        return facts.owns(inventory, viewer.organisation, assigned, "MAP", day)
    if viewer.kind == "SUPPLIER":
        if facts.is_meter(device):
            return _supplier_sees_meter(inventory, viewer.organisation, device, day)
        return _supplier_sees_other(inventory, viewer.organisation, device, day)
    return False


def _supplier_sees_meter(inventory: Inventory, organisation: str, meter: Row, day: date) -> bool:
    registered = facts.supplier(inventory, meter, day)
    if registered is None:
        return bool(meter["pre_notified_by"] == organisation)
    return facts.owns(inventory, organisation, registered, "SUPPLIER", day)


def _supplier_sees_other(inventory: Inventory, organisation: str, device: Row, day: date) -> bool:
    """A device that is no meter: by a meter on the same hub, or as the one that pre-notified it."""
    meters = _meters_beside(inventory, device, day)
    if any(_supplier_sees_meter(inventory, organisation, meter, day) for meter in meters):
        return True
    registered = any(facts.supplier(inventory, meter, day) is not None for meter in meters)
    return device["pre_notified_by"] == organisation and not registered


def _meters_beside(inventory: Inventory, device: Row, day: date) -> list[Row]:
    """The existing meters linked that day to the device's hub (to itself, when it is the hub)."""
    hub = device["device_id"] if device["device_type"] == "CHF" else facts.hub(inventory, device, day)
    if hub is None:
        return []
    linked = [
        inventory.device(link["device_id"])
        for link in inventory.where("hub_links", "chf_device_id", hub)
        if facts.in_force(link, day)
    ]
    return [other for other in linked if facts.is_meter(other) and facts.exists(other, day)]


def runs(inventory: Inventory, seen: Seen) -> list[Period]:
    """The maximal runs of days on which something is seen, oldest first; none before the first fact."""
    found: list[Period] = []
    start: date | None = None
    for day in inventory.days:
        now = seen(day)
        if now and start is None:
            start = day
        if not now and start is not None:
            found.append(Period(start, day))
            start = None
    if start is not None:
        found.append(Period(start, None))
    return found


def moments(ask: Ask, sight: Seen, there: Seen, values: Callable[[date], Hashable]) -> Iterator[Moment]:
    """The rows of one subject: the one at D, or with history one for each period of constant values.

    `sight` = the viewer may see it that day; `there` = the report has a row of it that day; `values` = what
    splits the history.
    """
    if not ask.history and not (sight(ask.day) and there(ask.day)):
        return
    for run in runs(ask.inventory, sight):
        visible = ENDLESS if ask.viewer.kind == "DCC" else run
        if not ask.history:
            if run.holds(ask.day):
                yield Moment(ask.day, visible, ask.limit, ENDLESS)
            continue
        for piece in _constant_pieces(ask.inventory, run, there, values):
            if piece.start is not None and piece.start <= ask.day:
                last = piece.end - timedelta(days=1) if piece.end else ask.day
                yield Moment(min(ask.day, last), visible, ask.limit, piece)


def _constant_pieces(
    inventory: Inventory, run: Period, there: Seen, values: Callable[[date], Hashable]
) -> list[Period]:
    """The run cut where the values change, without the days on which there is no row."""
    starts: list[tuple[date, Hashable]] = []
    for day in inventory.days:
        if run.holds(day):
            now = values(day) if there(day) else None
            if not starts or starts[-1][1] != now:
                starts.append((day, now))
    ends = [start for start, _ in starts[1:]] + [run.end]
    return [Period(start, end) for (start, now), end in zip(starts, ends, strict=True) if now is not None]
