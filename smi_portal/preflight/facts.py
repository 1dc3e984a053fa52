"""What the rules may know: nothing but what the sender may see, or what DCC's own refusal would tell it.

A device that is absent and a device that is another party's are both simply not in `Facts.devices`, so that no
rule can tell them apart (docs/decisions: what a pre-flight may tell).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from heapq import nsmallest

from smi_portal.preflight.requests import MpxnKind, Product

#: The end of a period that is still in force.
OPEN = date.max
#: Different products for which the nearest CPL lines are looked up in one run.
MOST_NEAR = 300


@dataclass(frozen=True)
class Sender:
    """Who would send the requests: an organisation code, and whether it is a supplier (EIS, GIS) or not."""

    organisation: str
    is_supplier: bool


@dataclass(frozen=True)
class DeviceFacts:
    """A device that the sender may know of, on the day.

    `mpxns`: its current MPxNs of each kind, as far as the sender sees them. `others_mpxns`: kinds of which the
    device has a current MPxN that the sender is not Registered Supplier of. `added_by_sender`: the sender
    pre-notified it. `in_sight` False: it knows the device only because it added it.
    """

    device_id: str
    product: Product
    status: str | None = None
    map_id: str | None = None
    mpxns: Mapping[MpxnKind, frozenset[str]] = field(default_factory=dict)
    others_mpxns: frozenset[MpxnKind] = frozenset()
    added_by_sender: bool = False
    in_sight: bool = True


@dataclass(frozen=True)
class MapEntry:
    """An entry of Market Domain Data for a MAP ID. Half-open: effective_from ≤ day < effective_to."""

    fuel: str
    effective_from: date
    effective_to: date = OPEN

    def in_force(self, day: date) -> bool:
        """Whether it holds on the day."""
        return self.effective_from <= day < self.effective_to


@dataclass(frozen=True)
class CplLine:
    """A line of the Certified Products List that is Active and in force on the day."""

    device_type: str
    variant_class: str
    manufacturer: str
    model: str
    firmware_version: str

    def __str__(self) -> str:
        kind = f"{self.device_type} {self.variant_class}".strip()
        return f"{kind} / {self.manufacturer} / {self.model} / {self.firmware_version}"

    def fits(self, product: Product) -> bool:
        """Whether everything that the product says agrees with this line."""
        mine = (
            self.device_type,
            self.variant_class or None,
            self.manufacturer,
            self.model,
            self.firmware_version,
        )
        theirs = (
            product.device_type,
            product.variant_class if product.device_type == "ESME" else None,
            product.manufacturer,
            product.model,
            product.firmware_version,
        )
        return all(said is None or said == known for said, known in zip(theirs, mine, strict=True))


@dataclass(frozen=True)
class Facts:
    """Everything that the rules look at, for one sender on one day (the extract day)."""

    day: date
    sender: Sender
    devices: Mapping[str, DeviceFacts] = field(default_factory=dict)
    supplied: frozenset[str] = frozenset()
    maps: Mapping[str, tuple[MapEntry, ...]] = field(default_factory=dict)
    cpl: tuple[CplLine, ...] = ()
    _near: dict[Product, tuple[CplLine, ...]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _by_model(self) -> dict[tuple[str, str, str], list[CplLine]]:
        found: dict[tuple[str, str, str], list[CplLine]] = {}
        for line in self.cpl:
            found.setdefault((line.device_type, line.manufacturer, line.model), []).append(line)
        return found

    def certified(self, product: Product) -> bool:
        """Whether some line of the CPL agrees with all that the product says."""
        if product.device_type and product.manufacturer and product.model:
            key = (product.device_type, product.manufacturer, product.model)
            return any(line.fits(product) for line in self._by_model.get(key, ()))
        return any(line.fits(product) for line in self.cpl)

    def nearest(self, product: Product, most: int = 3) -> tuple[CplLine, ...]:
        """The lines of the CPL most like the product, best first; of its device type only.

        None for products beyond `MOST_NEAR` different ones: a list of ten thousand may not take minutes.
        """
        if product not in self._near:
            if len(self._near) >= MOST_NEAR:
                return ()
            lines = [line for line in self.cpl if line.device_type == product.device_type]
            same_maker = [line for line in lines if line.manufacturer == product.manufacturer]
            best = nsmallest(most, same_maker or lines, lambda line: (-_likeness(line, product), str(line)))
            self._near[product] = tuple(best)
        return self._near[product]


def _likeness(line: CplLine, product: Product) -> int:
    """How much a line agrees with a product: what is equal counts most, then the beginnings in common."""
    pairs = (
        (line.variant_class, product.variant_class, 40),
        (line.manufacturer, product.manufacturer, 400),
        (line.model, product.model, 200),
        (line.firmware_version, product.firmware_version, 100),
    )
    return sum(
        weight if known == said else weight * _shared(known, said or "") // 100
        for known, said, weight in pairs
    )


def _shared(one: str, other: str) -> int:
    """The percentage of the longer text that both begin with, in any case."""
    longest = max(len(one), len(other), 1)
    same = 0
    for left, right in zip(one.casefold(), other.casefold(), strict=False):
        if left != right:
            break
        same += 1
    return 90 * same // longest
