"""A User's plan: how many SRV 8.4 to send each day, inside its window and allowance. Pure arithmetic, our design."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from smi_portal.backfill.working_days import days


@dataclass(frozen=True)
class Limits:
    """What binds a plan: `allowance` a day (1 or more) from `window_from` to `window_to`, both inclusive."""

    allowance: int
    window_from: date
    window_to: date
    #: The Panel's date; None = not set, so only the window binds.
    panel_date: date | None


@dataclass(frozen=True)
class PlanDay:
    """How many to send on one day."""

    day: date
    number: int


@dataclass(frozen=True)
class Plan:
    """The plan. Always `sum of days + unplaced = outstanding`; no day exceeds the allowance or leaves the window."""

    outstanding: int
    limits: Limits
    days: tuple[PlanDay, ...]
    #: Days that may be used up to the target (window, Panel date and slack all kept).
    usable: int

    @property
    def placed(self) -> int:
        """How many the days hold together."""
        return sum(planned.number for planned in self.days)

    @property
    def unplaced(self) -> int:
        """How many find no place in the window at all."""
        return self.outstanding - self.placed

    @property
    def finish(self) -> date | None:
        """The last day of sending; None when nothing is sent or not all of it finds a place."""
        return self.days[-1].day if self.days and not self.unplaced else None

    @property
    def after_panel_date(self) -> int:
        """How many would be sent, or never placed, after the Panel's date: by how much it is missed."""
        due = self.limits.panel_date
        if due is None:
            return self.unplaced
        return self.unplaced + sum(planned.number for planned in self.days if planned.day > due)

    @property
    def days_late(self) -> int:
        """Calendar days between the Panel's date and the finish; 0 when in time or when there is no finish."""
        if self.limits.panel_date is None or self.finish is None:
            return 0
        return max((self.finish - self.limits.panel_date).days, 0)

    @property
    def met(self) -> bool:
        """Whether everything is sent inside the window and by the Panel's date."""
        return not self.after_panel_date

    @property
    def slack_kept(self) -> bool:
        """Whether the days asked for as slack stay free."""
        return len(self.days) <= self.usable and not self.unplaced

    @property
    def needed_allowance(self) -> int | None:
        """The daily allowance with which the usable days would do; None when no day is left to use."""
        return -(-self.outstanding // self.usable) if self.usable else None


def make_plan(
    outstanding: int,
    limits: Limits,
    today: date,
    counts: Callable[[date], bool] = lambda day: True,
    slack: int = 0,
) -> Plan:
    """Spread `outstanding` evenly over the days from `today` that `counts` takes, and stop `slack` such days early.

    Even, because the allowance exists to avoid demand spikes. When the days before the target cannot hold them
    at the allowance, the slack is used first, then days of the window after the Panel's date; what the window
    cannot hold stays unplaced. Raises ValueError for a negative number or an allowance below 1.
    """
    if outstanding < 0 or slack < 0 or limits.allowance < 1:
        raise ValueError("Outstanding and slack are 0 or more, an allowance 1 or more.")
    first = max(today, limits.window_from)
    window = [day for day in days(first, limits.window_to) if counts(day)]
    due = limits.panel_date or limits.window_to
    in_time = [day for day in window if day <= due]
    target = in_time[: max(len(in_time) - slack, 0)]
    held = limits.allowance * len(target)
    if outstanding <= held:
        return Plan(outstanding, limits, _even(outstanding, target), len(target))
    full = [PlanDay(day, limits.allowance) for day in target]
    full += _greedy(outstanding - held, window[len(target) :], limits.allowance)
    return Plan(outstanding, limits, tuple(full), len(target))


def share_out(ids: Sequence[str], plan: Plan) -> list[tuple[date, str]]:
    """Which Device ID on which day, in the order given; those that find no place are left out."""
    slots = (planned.day for planned in plan.days for _ in range(planned.number))
    return list(zip(slots, ids, strict=False))


def _even(number: int, over: Sequence[date]) -> tuple[PlanDay, ...]:
    """As evenly as whole numbers allow; the larger days come first, and a day of none is left out."""
    if not over:
        return ()
    each, larger = divmod(number, len(over))
    spread = [PlanDay(day, each + (place < larger)) for place, day in enumerate(over)]
    return tuple(planned for planned in spread if planned.number)


def _greedy(number: int, over: Sequence[date], most: int) -> list[PlanDay]:
    """As early as possible: what is late already should not be later still."""
    placed = []
    for day in over:
        if number <= 0:
            break
        placed.append(PlanDay(day, min(number, most)))
        number -= most
    return placed
