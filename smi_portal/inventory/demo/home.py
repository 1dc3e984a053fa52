"""The facts of one premise under construction: where it is, and the rows that the extract will hold."""

from collections.abc import Callable
from typing import Final

from smi_portal.inventory.demo.catalogue import Model
from smi_portal.inventory.demo.days import ISO, NEVER
from smi_portal.inventory.demo.keys import postcode
from smi_portal.inventory.demo.oddities import oddity_of
from smi_portal.inventory.demo.world import World, weighted

Row = tuple[str, ...]
Steps = list[tuple[str, int]]
Periods = list[tuple[str, int, int]]
DeviceDays = tuple[int, int, int, int]
"""Day numbers of a device's pre-notification, installation, commissioning and removal (NEVER = not)."""

# Slots of a premise's devices (keys.SLOTS of them); the second of a kind replaces the first.
ESME, GSME, CHF, GPF, PPMID, IHD, CAD, HCALCS, ESME_2, GSME_2, CHF_2, GPF_2, SPARE = range(13)

_REGIONS: Final = weighted(
    [
        ("North", 0.31),
        ("Central", 0.33),
        ("South", 0.33),
        ("SMETS1", 0.02),
        ("Unknown", 0.005),
        ("4G South", 0.005),
    ],
    400,
)
_NAMES: Final = ("Rose Cottage", "The Old Forge", "Mill House", "Orchard View", "Hillcrest")
_TIMES: Final = tuple(f"T{n % 23:02d}:{n * 7 % 60:02d}:{n * 13 % 60:02d}Z" for n in range(1361))


class Home:
    """One premise: its place, its hubs, and its rows by file; all days are day numbers (see days.py).

    `amendments` are corrections that only the delta knows: (file, row as it was, row as it is or None).
    """

    __slots__ = (
        *("address", "amendments", "hubs", "odd", "postcode", "premise", "random", "region", "uprn", "world"),
        *("certificates", "device_firmwares", "device_mpxns", "device_statuses", "devices", "hub_links"),
        *("map_assignments", "registrations", "schedules", "service_requests"),
    )

    def __init__(self, world: World, premise: int, random: Callable[[], float]) -> None:
        self.world, self.premise, self.random = world, premise, random
        self.odd = oddity_of(premise)
        self.region = _REGIONS[int(random() * len(_REGIONS))]
        if self.odd.startswith("HUB_EMPTY_"):
            self.region = self.odd.removeprefix("HUB_EMPTY_").capitalize()
        self.uprn = world.keys.uprn(premise) if random() > 0.02 else ""
        self.postcode = postcode(premise)
        self.address = _address(premise, random())
        self.hubs: Periods = []
        self.devices: list[Row] = []
        self.device_statuses: list[Row] = []
        self.device_firmwares: list[Row] = []
        self.device_mpxns: list[Row] = []
        self.hub_links: list[Row] = []
        self.registrations: list[Row] = []
        self.map_assignments: list[Row] = []
        self.certificates: list[Row] = []
        self.schedules: list[Row] = []
        self.service_requests: list[Row] = []
        self.amendments: list[tuple[str, Row, Row | None]] = []

    def add_device(
        self, device: str, device_type: str, model: Model, slot: int, by: str, days: DeviceDays,
        variant: str = "", gpf: str = "", reason: str = "",
    ) -> None:  # fmt: skip
        """Write a device's own row; `by` is the organisation that pre-notified it."""
        notified, installed, commissioned, removed = days
        serial = f"{model.name[0]}{ISO[notified][2:4]}{device_type[0]}{self.premise * 16 + slot:09d}"
        what = (device, device_type, model.manufacturer, model.name, serial, model.smets, variant, gpf)
        where = (self.region, self.uprn, self.postcode, self.address)
        when = (ISO[notified], ISO[installed], ISO[commissioned], ISO[removed])
        self.devices.append((*what, *where, by, *when, reason))

    def status(self, device: str, steps: Steps) -> None:
        """Write a device's statuses, (status, first day) in the order of days; empty periods are left out."""
        _write(self.device_statuses, device, steps, NEVER)

    def firmware(self, device: str, steps: Steps, end: int) -> None:
        """Write the firmware versions of a device up to the day before `end`."""
        _write(self.device_firmwares, device, steps, end)

    def link(self, device: str, start: int, end: int) -> None:
        """Link a device to the premise's hub, or its hubs in turn, from `start` to the day before `end`."""
        for hub, hub_from, hub_to in self.hubs:
            first, last = max(start, hub_from), min(end, hub_to)
            if first < last:
                self.hub_links.append((device, hub, ISO[first], ISO[last]))

    def request(self, organisation: str, variant: str, device: str, map_id: str, day: int, code: str) -> None:
        """Write a service request received on a day, with the identifier originator:target:counter."""
        count = len(self.service_requests)
        request_id = f"{_originator(organisation)}:{device}:{day * 100 + count}"
        received = ISO[day] + _TIMES[int(self.random() * len(_TIMES))]
        self.service_requests.append((request_id, organisation, variant, device, map_id, received, code))


def _write(table: list[Row], device: str, steps: Steps, end: int) -> None:
    last = len(steps) - 1
    for at, (value, start) in enumerate(steps):
        stop = steps[at + 1][1] if at < last else end
        if start < stop:
            table.append((device, value, ISO[start], ISO[stop]))


def _address(premise: int, draw: float) -> str:
    """Return an address identifier of at most 30 characters, quoted for CSV where it holds a comma."""
    number = premise % 15 * 2 + 1 + premise // 15 % 2
    if draw < 0.15:
        return f'"Flat {1 + int(draw * 80)}, {number}"'
    if draw < 0.18:
        return _NAMES[premise % len(_NAMES)]
    return f"{number}A" if draw < 0.2 else str(number)


def _originator(organisation: str) -> str:
    """Return the EUI-64 under which an organisation sends its requests."""
    found = _ORIGINATORS.get(organisation)
    if found is None:
        number = int.from_bytes(organisation.encode()[-4:], "big")
        found = (0x02DBF000_00000000 + number).to_bytes(8, "big").hex("-").upper()
        _ORIGINATORS[organisation] = found
    return found


_ORIGINATORS: dict[str, str] = {}
