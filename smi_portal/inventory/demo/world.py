"""What all homes of one demo extract share: its days, its keys, and tables to draw parties and days from.

A draw is `table[int(random() * len(table))]`: far faster than a weighted choice, and homes draw often.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from smi_portal.inventory.demo import cast
from smi_portal.inventory.demo.days import NEVER, month_later, number, working_days
from smi_portal.inventory.demo.keys import Keys

Item = TypeVar("Item")
_TABLE: Final = 2000


def weighted(items: Sequence[tuple[Item, float]], size: int = _TABLE) -> list[Item]:
    """Return a table of about `size` cells that holds each item by its weight, and at least once."""
    total = sum(weight for _, weight in items)
    return [item for item, weight in items for _ in range(max(1, round(size * weight / total)))]


@dataclass(frozen=True, slots=True)
class Plan:
    """A supplier's backfill as tables: days to draw from (NEVER = not sent), its last day, and its flaws."""

    days: list[int]
    last: int
    refusals: float
    lost_on: int
    lost_share: float


def _plan(backfiller: cast.Backfiller) -> Plan:
    """Spread a supplier's requests evenly over the Working Days of its window, bursts and omissions apart."""
    usual = working_days(backfiller.first, backfiller.last)
    bursts = [number(day) for day in backfiller.bursts]
    even = backfiller.share * (1 - backfiller.burst_share) / len(usual)
    weights = [(day, even) for day in usual]
    weights += [(day, backfiller.share * backfiller.burst_share / len(bursts)) for day in bursts]
    if backfiller.share < 1:
        weights.append((NEVER, 1 - backfiller.share))
    lost_on = number(backfiller.lost_on) if backfiller.lost_on else NEVER
    return Plan(weighted(weights), usual[-1], backfiller.refusals, lost_on, backfiller.lost_share)


@dataclass(frozen=True)
class World:
    """The settings of one demo extract (`premises` homes, `seed`, the full extract's day) and its tables."""

    premises: int
    seed: int
    as_at: date
    keys: Keys = field(init=False)
    full_day: int = field(init=False)
    delta_day: int = field(init=False)
    suppliers: dict[str, list[str]] = field(init=False)
    maps: dict[str, list[str]] = field(init=False)
    installers: list[str] = field(init=False)
    plans: dict[str, Plan] = field(init=False)
    gas_of: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "keys", Keys(self.seed))
        put(self, "full_day", number(self.as_at))
        put(self, "delta_day", number(month_later(self.as_at)))
        put(self, "suppliers", {"E": _mpids(cast.SUPPLIERS, "E"), "G": _mpids(cast.SUPPLIERS, "G")})
        put(self, "maps", {"E": _mpids(cast.MAPS, "E"), "G": _mpids(cast.MAPS, "G")})
        users = [(p.organisation.code, p.share) for p in cast.SUPPLIERS if p.organisation.is_user]
        put(self, "installers", weighted(users))
        put(self, "plans", {code: _plan(backfiller) for code, backfiller in cast.BACKFILLERS.items()})
        pairs = [(e, p.gas[0]) for p in (*cast.SUPPLIERS, *cast.MAPS) for e in p.electricity]
        put(self, "gas_of", dict([*pairs, *cast.ODD_SUPPLIERS.values(), *cast.ODD_MAPS.values()]))

    def installer(self, mpid: str, day: int, draw: float) -> str:
        """Return the User that pre-notifies a meter: the registered MPID's owner, else any other supplier."""
        owner = cast.owner_of_supplier(mpid, day)
        return owner if owner in self.plans else self.installers[int(draw * len(self.installers))]


def _mpids(parties: tuple[cast.Party, ...], fuel: str) -> list[str]:
    """Return a table of a role's MPIDs of a fuel; a party's first MPID has most of its share."""
    weights: list[tuple[str, float]] = []
    for party in parties:
        mpids = party.electricity if fuel == "E" else party.gas
        if mpids:
            others = [(mpid, party.share * 0.3 / (len(mpids) - 1)) for mpid in mpids[1:]]
            weights += [(mpids[0], party.share * (0.7 if others else 1.0)), *others]
    return weighted(weights)
