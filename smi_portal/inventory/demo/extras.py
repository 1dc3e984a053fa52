"""What hangs on a device: firmware upgrades, certificates, schedules."""

from typing import TYPE_CHECKING, Final

from smi_portal.inventory.demo import cast
from smi_portal.inventory.demo.catalogue import UNLISTED_FIRMWARE, Model
from smi_portal.inventory.demo.days import ISO, NEVER
from smi_portal.inventory.demo.home import Home, Periods
from smi_portal.inventory.demo.supply import supplier_at

if TYPE_CHECKING:
    from smi_portal.inventory.demo.meters import Meter

_KEY_USAGES: Final = ("DIGITAL_SIGNATURE", "KEY_AGREEMENT")
_ELECTRICITY: Final = (
    *("4.6.1", "4.8.1") * 2,
    *("4.2", "4.6.2", "4.8.2", "4.8.3", "4.10", "4.12.1", "4.12.2", "4.14", "4.15", "4.16"),
)
_GAS: Final = ("4.6.1", "4.8.1", "4.6.1", "4.17", "4.14", "14.1")
_FREQUENCIES: Final = (
    ("Daily",) * 6 + ("Weekly",) * 3 + ("Monthly",) * 4 + ("Quarterly", "Half-Yearly", "Yearly")
)


def firmware(home: Home, device: str, model: Model, start: int, end: int) -> None:
    """Write a device's firmware: the newest at `start`, then half of later releases, after some weeks."""
    random = home.random
    steps: list[tuple[str, int]] = []
    at = start
    for day, version in model.releases:
        if day <= start:
            steps = [(version, start)]
        elif random() < 0.55:
            at = max(at, day) + 14 + int(random() * 100)
            if at >= end:
                break
            steps.append((version, at))
    if not steps or steps[0][1] != start:
        steps.insert(0, (model.releases[0][1], start))
    if home.odd == "FIRMWARE_UNKNOWN":
        steps = [(UNLISTED_FIRMWARE, start)]
    home.firmware(device, steps, end)


def certificates(home: Home, device: str, issued: int, end: int) -> None:
    """Write a device's pair of certificates, and the pair that renews it where the first was short-lived."""
    random, odd = home.random, home.odd
    draw = random()
    life = 3652
    if odd.startswith("CERTIFICATE_"):
        _odd_certificates(home, device, issued)
        return
    if draw < 0.1:
        life = 1096
    elif draw < 0.13:
        life = 730
    expires = issued + life
    renewed = expires - 30 + int(random() * 20)
    is_renewed = life < 3652 and renewed < min(end, home.world.delta_day + 14) and random() < 0.8
    revoked = NEVER
    if is_renewed and random() < 0.5:
        revoked = renewed + 5
    elif end < NEVER and random() < 0.6:
        revoked = min(end + 3, NEVER)
    _pair(home, device, issued, expires, revoked)
    if is_renewed:
        _pair(home, device, renewed, renewed + 3652, NEVER)


def _odd_certificates(home: Home, device: str, issued: int) -> None:
    """Write a pair that is revoked or expired, or a good one beside one that is not yet valid (odd homes)."""
    day = home.world.full_day
    if home.odd == "CERTIFICATE_REVOKED":
        _pair(home, device, issued, issued + 3652, day - 20)
    elif home.odd == "CERTIFICATE_EXPIRED":
        _pair(home, device, issued, day - 5, NEVER)
    else:
        _pair(home, device, issued, issued + 3652, NEVER)
        _pair(home, device, day + 9, day + 3661, NEVER)


def _pair(home: Home, device: str, issued: int, expires: int, revoked: int) -> None:
    for usage in _KEY_USAGES:
        serial = f"{int(home.random() * 0x1_0000_0000):08X}{int(home.random() * 0x1_0000_0000):08X}"
        home.certificates.append((device, serial, usage, ISO[issued], ISO[expires], ISO[revoked]))


def schedule(home: Home, device: str, device_type: str, meter: "Meter", supply: Periods) -> None:
    """Write the schedule that about a third of the commissioned meters have.

    Most end with their owner's supply; some are forgotten and go on after the meter is lost.
    """
    random, odd, world = home.random, home.odd, home.world
    if meter.commissioned == NEVER or (random() > 0.33 and not odd.startswith("SCHEDULE_")):
        return
    start = meter.commissioned + 3 + int(random() * random() * 700)
    owner = cast.owner_of_supplier(supplier_at(supply, start), start) or meter.user
    if odd == "SCHEDULE_LOST":
        start = world.full_day - 150
        owner = cast.owner_of_supplier(supply[0][0], start) or meter.user
    elif odd == "SCHEDULE_OTHER":
        owner = cast.OTHER
    if start >= min(meter.removed, world.delta_day):
        return
    names = _ELECTRICITY if device_type == "ESME" else _GAS
    variant = names[int(random() * len(names))]
    frequency = _FREQUENCIES[int(random() * len(_FREQUENCIES))]
    end = _end(home, meter, supply, start)
    schedule_id = f"SCH{home.premise * 16 + meter.slot:010d}"
    home.schedules.append((schedule_id, device, owner, variant, frequency, ISO[start], ISO[end]))


def _end(home: Home, meter: "Meter", supply: Periods, start: int) -> int:
    """Return a schedule's last day, inclusive: planned, or the supply's or the meter's; NEVER = open."""
    random, world = home.random, home.world
    lost = next((to for _, since, to in supply if since <= start < to), NEVER)
    if meter.removed < lost:
        return meter.removed - 1
    if home.odd == "SCHEDULE_LOST":
        return NEVER
    if lost < NEVER and random() < 0.7:
        return lost - 1
    if random() < 0.12:
        return max(start, world.delta_day + 20) + int(random() * 400)
    return start + int(random() * 300) if random() < 0.06 else NEVER
