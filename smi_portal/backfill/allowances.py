"""Sharing DCC's daily capacity among Users, and checking what was shared. Pure arithmetic, our design."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from smi_portal.backfill.working_days import ONE_DAY


@dataclass(frozen=True)
class Grant:
    """A User's allowance: so many a day from `first` to `last`, both inclusive."""

    user: int
    per_day: int
    first: date
    last: date


def propose(outstanding: Mapping[int, int], capacity: int) -> dict[int, int]:
    """A daily allowance for each User: in proportion to what it has outstanding, rounded by largest remainders.

    The sum never exceeds `capacity`, and reaches it unless that is more than anyone could use in a day. Nobody
    gets more than it has outstanding; whoever has something gets at least 1 while the capacity lasts. Ties go
    to the User with more outstanding, then to the smaller id. Raises ValueError for a negative number.
    """
    if capacity < 0 or any(number < 0 for number in outstanding.values()):
        raise ValueError("Capacity and outstanding are 0 or more.")
    total = sum(outstanding.values())
    if total <= capacity:
        return dict(outstanding)
    shares = {user: number * capacity // total for user, number in outstanding.items()}
    left = capacity - sum(shares.values())
    by_remainder = sorted(
        outstanding, key=lambda user: (-(outstanding[user] * capacity % total), -outstanding[user], user)
    )
    for user in by_remainder[:left]:
        shares[user] += 1
    return _nobody_with_none(outstanding, shares)


def peak(grants: Iterable[Grant]) -> tuple[int, date | None]:
    """The largest sum of allowances of one day, and the first day on which it is reached."""
    changes: dict[date, int] = {}
    for grant in grants:
        changes[grant.first] = changes.get(grant.first, 0) + grant.per_day
        changes[grant.last + ONE_DAY] = changes.get(grant.last + ONE_DAY, 0) - grant.per_day
    most, when, running = 0, None, 0
    for day in sorted(changes):
        running += changes[day]
        if running > most:
            most, when = running, day
    return most, when


def allowed_on(grants: Sequence[Grant], day: date) -> int:
    """What all Users together may send on a day."""
    return sum(grant.per_day for grant in grants if grant.first <= day <= grant.last)


def _nobody_with_none(outstanding: Mapping[int, int], shares: dict[int, int]) -> dict[int, int]:
    """One a day for whoever has something outstanding and was rounded down to none, from those with the most."""
    for user in sorted(outstanding, key=lambda user: (-outstanding[user], user)):
        richest = max(shares, key=lambda other: (shares[other], -outstanding[other], -other))
        if outstanding[user] and not shares[user] and shares[richest] > 1:
            shares[richest] -= 1
            shares[user] = 1
    return shares
