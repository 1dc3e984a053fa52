"""The life of a meter: pre-notified, whitelisted, installed, commissioned, perhaps suspended or removed."""

from dataclasses import dataclass
from math import log
from typing import Final

from smi_portal.inventory.demo import catalogue
from smi_portal.inventory.demo.days import ISO, NEVER
from smi_portal.inventory.demo.extras import certificates, firmware, schedule
from smi_portal.inventory.demo.home import Home, Periods
from smi_portal.inventory.demo.mapids import give_map
from smi_portal.inventory.demo.oddities import STEP
from smi_portal.inventory.demo.supply import supplier_at
from smi_portal.inventory.demo.world import weighted

_VARIANTS: Final = weighted(
    [("A", 0.86), ("AD", 0.06), ("B", 0.03), ("BD", 0.01), ("C", 0.02), ("ADE", 0.01), ("CD", 0.01)], 400
)
_ESME_MODELS: Final = {letter: catalogue.models_of("ESME", letter) for letter in "ABC"}
_GSME_MODELS: Final = catalogue.models_of("GSME")
_REASONS: Final = ("Faulty", "Meter exchange", "End of life", "Property demolished", "Tampering found")
_MEAN_LIFE: Final = 11_000
"""Mean days until a meter is removed: about 3 in 100 each year."""


@dataclass(slots=True)
class Meter:
    """One meter as planned: device slot and ID, fuel, MPxN, days (day numbers; NEVER = not), parties."""

    slot: int
    device: str
    fuel: str
    mpxn: str
    variant: str
    model: catalogue.Model
    notified: int
    installed: int
    commissioned: int = NEVER
    removed: int = NEVER
    user: str = ""
    map_id: str = ""
    fate: str = ""

    @property
    def linked(self) -> bool:
        """Whether the meter ever joined a hub."""
        return self.installed < NEVER


def plan_meter(home: Home, slot: int, fuel: str, mpxn: str, installed: int, supply: Periods) -> Meter:
    """Decide a meter's model, its days up to commissioning and what becomes of it; nothing is written yet."""
    random = home.random
    if fuel == "E":
        variant = "A" if home.odd else _VARIANTS[int(random() * len(_VARIANTS))]
        models = _ESME_MODELS[variant[0]]
    else:
        variant, models = "", _GSME_MODELS
    at = random()
    model = models[int(at * at * len(models))]
    device = home.world.keys.device(home.premise, slot, model.maker)
    notified = installed - 4 - int(random() * 45)
    meter = Meter(slot, device, fuel, mpxn, variant, model, notified, installed)
    meter.user = home.world.installer(supplier_at(supply, installed), installed, random())
    _choose_fate(home, meter)
    return meter


def _choose_fate(home: Home, meter: Meter) -> None:
    random = home.random
    draw = 1.0 if home.odd else random()
    if draw < 0.02:
        meter.fate, meter.installed = "PENDING", NEVER
        return
    if draw < 0.028 or (home.odd == "WITHDRAWN" and meter.fuel == "G"):
        meter.fate, meter.installed = "WITHDRAWN", NEVER
        return
    if draw < 0.045:
        meter.fate = "NOT_COMMISSIONED"
        return
    meter.commissioned = meter.installed + (0 if random() < 0.55 else 1 + int(random() * random() * 40))
    if draw < 0.052:
        meter.fate = "SUSPENDED"
    elif draw < 0.056:
        meter.fate = "RECOVERED"
    elif not home.odd and meter.slot < 8:
        meter.removed = _removal(home, meter)


def _removal(home: Home, meter: Meter) -> int:
    """Return the day of removal; more of them in the last months, so that the demo has some to look at."""
    recent = home.world.full_day - 100
    if home.random() < 0.01 and meter.commissioned < recent - 30:
        return recent + int(home.random() * 125)
    day = meter.commissioned + 20 - int(log(1 - home.random()) * _MEAN_LIFE)
    return day if day < home.world.delta_day + 10 else NEVER


def write_meter(home: Home, meter: Meter, gpf: str, supply: Periods) -> None:
    """Write all rows about a meter whose removal is decided; `supply` holds its MPxN's registrations."""
    device_type = "ESME" if meter.fuel == "E" else "GSME"
    model, device = meter.model, meter.device
    removed = meter.removed
    days = (meter.notified, meter.installed, meter.commissioned, removed)
    reason = "" if removed == NEVER else _REASONS[int(home.random() * len(_REASONS))]
    home.add_device(device, device_type, model, meter.slot, meter.user, days, meter.variant, gpf, reason)
    _write_statuses(home, meter)
    firmware(home, device, model, meter.notified, removed)
    give_map(home, device, meter.user, meter.map_id, meter.notified, removed)
    if meter.linked:
        home.link(device, meter.installed, removed)
        _write_import(home, meter)
        certificates(home, device, meter.notified + 3, removed)
        schedule(home, device, device_type, meter, supply)
    elif home.odd == "PENDING_MPXN" or home.random() < 0.1:
        home.device_mpxns.append((device, meter.mpxn, "IMPORT", ISO[meter.notified + 1], ""))


def _write_statuses(home: Home, meter: Meter) -> None:
    """Write a meter's statuses: Pending, Whitelisted, InstalledNotCommissioned, Commissioned, its end."""
    notified, installed, commissioned = meter.notified, meter.installed, meter.commissioned
    if home.odd == "NO_STATUS" and meter.fuel == "G":
        return
    steps = [("Pending", notified)]
    if meter.fate == "WITHDRAWN":
        steps.append(("Withdrawn", notified + 60))
    if installed < NEVER:
        steps.append(("Whitelisted", installed - 1 - (notified & 1)))
        steps.append(("InstalledNotCommissioned", installed))
    if commissioned < NEVER:
        steps.append(("Commissioned", commissioned))
        steps += _troubles(home, meter)
    if meter.removed < NEVER:
        steps.append(("Decommissioned", meter.removed))
    home.status(meter.device, steps)
    if installed < NEVER and home.random() < 0.2:
        home.request(meter.user, "8.4", meter.device, "", installed, "I0")


def _troubles(home: Home, meter: Meter) -> list[tuple[str, int]]:
    """Return a suspension or recovery after commissioning, for the meters that had one (none is removed)."""
    turn = meter.commissioned + 30 + int(home.random() * 60)
    if meter.removed < NEVER:
        return []
    if meter.fate == "SUSPENDED":
        back = [("Commissioned", turn + 25)] if home.random() < 0.4 else []
        return [("Suspended", turn), *back]
    if meter.fate == "RECOVERED":
        return [("Recovery", turn), ("Recovered", turn + 4)]
    if home.odd == "STATUS_DELTA" and meter.fuel == "E":
        return [("Suspended", home.world.full_day + 8)]
    return []


def _write_import(home: Home, meter: Meter) -> None:
    """Write the import MPxN of an installed meter; a crossed meter had its neighbour's at first."""
    device, mpxn = meter.device, meter.mpxn
    start, end = meter.installed, meter.removed
    odd = home.odd if meter.fuel == "E" else ""
    wrong_until = 0
    if odd == "CROSSED":
        wrong_until = start + 60
    elif odd == "MPXN_DELTA":
        wrong_until = home.world.full_day + 11
    if wrong_until:
        wrong = home.world.keys.mpan(home.premise, 3)
        home.device_mpxns.append((device, wrong, "IMPORT", ISO[start], ISO[wrong_until]))
        start = wrong_until
    elif odd == "DUPLICATE":
        mpxn = home.world.keys.mpan(home.premise - STEP)
    home.device_mpxns.append((device, mpxn, "IMPORT", ISO[start], ISO[end]))
