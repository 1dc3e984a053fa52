"""A whole premise: its meters, hub and other devices, put together."""

from collections.abc import Callable
from typing import Final

from smi_portal.inventory.demo import cast, catalogue
from smi_portal.inventory.demo.days import ISO, NEVER
from smi_portal.inventory.demo.extras import certificates, firmware
from smi_portal.inventory.demo.home import (
    CHF,
    CHF_2,
    ESME,
    ESME_2,
    GPF,
    GPF_2,
    GSME,
    GSME_2,
    DeviceDays,
    Home,
    Periods,
)
from smi_portal.inventory.demo.mapids import choose_map
from smi_portal.inventory.demo.meters import Meter, plan_meter, write_meter
from smi_portal.inventory.demo.others import write_others, write_spare
from smi_portal.inventory.demo.supply import register, supply
from smi_portal.inventory.demo.world import World

_CHF_MODELS: Final = catalogue.models_of("CHF")
_GPF_MODELS: Final = catalogue.models_of("GPF")
_ROLLOUT_DAYS: Final = 1550


def build_home(world: World, premise: int, random: Callable[[], float]) -> Home:
    """Return all rows about one premise, up to some days after the delta's day (cut.py trims them)."""
    home = Home(world, premise, random)
    draw = 0.5 if home.odd else random()
    if draw > 0.985 or home.odd == "HUB_NEVER":
        _write_lonely_hub(home)
        return home
    electricity, gas = supply(home)
    installed = _installation_day(home)
    meters = []
    if draw < 0.955:
        mpan = world.keys.mpan(premise)
        if home.odd != "UNREGISTERED" and (home.odd or random() > 0.002):
            register(home, mpan, electricity)
        meters.append(_plan(home, ESME, "E", mpan, installed, electricity, ""))
    if draw < 0.835 or draw >= 0.955:
        later = 0 if random() < 0.85 or home.odd else int(random() * 300)
        mprn = world.keys.mprn(premise)
        if home.odd or random() > 0.002:
            register(home, mprn, gas)
        meters.append(
            _plan(home, GSME, "G", mprn, installed + later, gas, meters[0].map_id if meters else "")
        )
    _put_in_place(home, meters, {"E": electricity, "G": gas})
    return home


def _installation_day(home: Home) -> int:
    """Draw the day of installation: ever more homes each year, up to some days after the delta's day."""
    random, world = home.random, home.world
    if home.odd:
        return world.full_day - 330 - int(random() * 500)
    return world.delta_day + 20 - int(_ROLLOUT_DAYS * random() ** 1.35)


def _plan(
    home: Home, slot: int, fuel: str, mpxn: str, installed: int, periods: Periods, other_map: str
) -> Meter:
    meter = plan_meter(home, slot, fuel, mpxn, installed, periods)
    meter.map_id = choose_map(home, fuel, other_map)
    if home.odd in ("REMOVED_RECENT", "REMOVED_DELTA") and fuel == "E":
        meter.removed = home.world.full_day + (-22 if home.odd == "REMOVED_RECENT" else 14)
    elif home.odd == "COS_AND_STATUS" and fuel == "E":
        meter.removed = home.world.full_day - 25
    elif home.odd == "SUSPENDED" or home.odd == "RECOVERED":
        meter.fate = home.odd
    elif home.odd == "PENDING_MPXN" and fuel == "G":
        meter.fate, meter.installed, meter.commissioned = "PENDING", NEVER, NEVER
    return meter


def _put_in_place(home: Home, meters: list[Meter], supplies: dict[str, Periods]) -> None:
    """Write the hub, its gas proxy, the meters with their replacements, and the other devices of the home."""
    random = home.random
    first = min((meter.installed for meter in meters), default=NEVER)
    emptied = NEVER
    if home.odd.startswith("HUB_EMPTY") or (not home.odd and first < NEVER and random() < 0.008):
        emptied = home.world.full_day - (35 if home.odd else int(random() * 400))
    for meter in meters:
        if emptied < NEVER and meter.linked:
            meter.removed = emptied if emptied > meter.installed + 45 else NEVER
    gpf = _write_hubs(home, first, any(meter.fuel == "G" for meter in meters))
    for meter in meters:
        gas_proxy = gpf if meter.fuel == "G" else ""
        write_meter(home, meter, gas_proxy, supplies[meter.fuel])
        if meter.fuel == "E":
            _further_mpans(home, meter, supplies["E"])
        if meter.removed < NEVER and emptied == NEVER and random() < 0.85:
            _replace(home, meter, gas_proxy, supplies[meter.fuel])
    kept = [meter for meter in meters if meter.linked]
    if kept:
        end = emptied if all(meter.removed == emptied for meter in kept) else NEVER
        write_others(home, kept[0], end)
    write_spare(home, meters)


def _replace(home: Home, meter: Meter, gpf: str, periods: Periods) -> None:
    """Install a new meter on the day the old one went."""
    slot = ESME_2 if meter.fuel == "E" else GSME_2
    new = plan_meter(home, slot, meter.fuel, meter.mpxn, meter.removed, periods)
    new.map_id = choose_map(home, meter.fuel, "")
    write_meter(home, new, gpf, periods)


def _further_mpans(home: Home, meter: Meter, periods: Periods) -> None:
    """Write secondary import MPANs (twin element), export MPANs (solar panels), and planned unfit ones."""
    keys, odd = home.world.keys, home.odd
    if not meter.linked:
        return
    if meter.variant[0] == "B" or odd == "UNFIT_SECONDARY":
        mpan = keys.mpan(home.premise, 1)
        register(home, mpan, periods)
        home.device_mpxns.append(
            (meter.device, mpan, "SECONDARY_IMPORT", ISO[meter.installed], ISO[meter.removed])
        )
    if not odd and home.random() < 0.045:
        mpan = keys.mpan(home.premise, 2)
        register(home, mpan, periods)
        start = min(meter.installed + int(home.random() * 200), meter.removed - 1)
        home.device_mpxns.append((meter.device, mpan, "EXPORT", ISO[start], ISO[meter.removed]))
    if odd in ("CROSSED", "MPXN_DELTA"):
        register(home, keys.mpan(home.premise, 3), [("MS1E", periods[0][1], NEVER)])


def _write_hubs(home: Home, installed: int, has_gas: bool) -> str:
    """Write a home's hub, its successor if any, and their gas proxies; return the last proxy's ID."""
    random = home.random
    exchanged = NEVER
    if installed < home.world.full_day - 120 and not home.odd and random() < 0.02:
        exchanged = home.world.full_day - 30 - int(random() * 60)
    gpf = _write_hub(home, CHF, GPF if has_gas else 0, installed, exchanged)
    if exchanged < NEVER:
        gpf = _write_hub(home, CHF_2, GPF_2 if has_gas else 0, exchanged, NEVER)
    return gpf


def _write_hub(home: Home, slot: int, gpf_slot: int, installed: int, removed: int) -> str:
    """Write a hub in service from `installed` to `removed`, with its gas proxy when `gpf_slot` is not 0."""
    at = int(home.random() * len(_CHF_MODELS))
    model = _CHF_MODELS[at]
    known = installed if installed < NEVER else home.world.full_day - 200
    notified = known - 50 - int(home.random() * 60)
    commissioned = installed if installed == NEVER or home.random() < 0.8 else installed + 2
    by = (
        cast.DCC
        if home.random() < 0.94
        else home.world.installers[int(home.random() * len(home.world.installers))]
    )
    hub = home.world.keys.device(home.premise, slot, model.maker)
    days = (notified, installed, commissioned, removed)
    _write_device(home, hub, "CHF", model, slot, by, days)
    if installed < NEVER:
        home.hubs.append((hub, installed, removed))
    if not gpf_slot:
        return ""
    gpf = home.world.keys.device(home.premise, gpf_slot, model.maker)
    _write_device(home, gpf, "GPF", _GPF_MODELS[at], gpf_slot, by, days)
    if installed < NEVER:
        home.hub_links.append((gpf, hub, ISO[installed], ISO[removed]))
    return gpf


def _write_device(
    home: Home, device: str, device_type: str, model: catalogue.Model, slot: int, by: str, days: DeviceDays
) -> None:
    """Write a hub or gas proxy with its statuses, firmware and certificates."""
    notified, installed, commissioned, removed = days
    home.add_device(
        device, device_type, model, slot, by, days, reason="" if removed == NEVER else "Hub exchange"
    )
    steps = [("Pending", notified)]
    if installed < NEVER:
        steps += [("InstalledNotCommissioned", installed), ("Commissioned", commissioned)]
    if removed < NEVER:
        steps.append(("Decommissioned", removed))
    home.status(device, steps)
    firmware(home, device, model, notified, removed)
    certificates(home, device, notified + 1, removed)


def _write_lonely_hub(home: Home) -> None:
    """Write a hub to which nothing was ever linked: most are installed ahead of the meters."""
    installed = home.world.full_day - 20 - int(home.random() * 300)
    if home.random() < 0.25 and not home.odd:
        installed = NEVER
    _write_hub(home, CHF, 0, installed, NEVER)
