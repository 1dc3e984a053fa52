"""The other devices of a home: displays, adapters, load switches; and a meter that is about to be deleted."""

from typing import Final

from smi_portal.inventory.demo import catalogue
from smi_portal.inventory.demo.days import ISO, NEVER
from smi_portal.inventory.demo.extras import firmware
from smi_portal.inventory.demo.home import CAD, HCALCS, IHD, PPMID, SPARE, Home, Row
from smi_portal.inventory.demo.meters import Meter

_SHARES: Final = (("PPMID", PPMID, 0.72), ("IHD", IHD, 0.05), ("CAD", CAD, 0.03), ("HCALCS", HCALCS, 0.02))
_MODELS: Final = {name: catalogue.models_of(name) for name, _, _ in _SHARES}
_TYPE_2: Final = ("IHD", "CAD")
"""Type 2 devices have neither status nor firmware in the inventory."""


def write_others(home: Home, meter: Meter, end: int) -> None:
    """Write the devices installed with `meter`; they leave with the last meter (`end`; NEVER = they stay)."""
    for device_type, slot, share in _SHARES:
        if home.random() < share:
            _write_other(home, device_type, slot, meter, end)


def _write_other(home: Home, device_type: str, slot: int, meter: Meter, end: int) -> None:
    models = _MODELS[device_type]
    model = models[int(home.random() * len(models))]
    device = home.world.keys.device(home.premise, slot, model.maker)
    notified, installed = meter.notified, meter.installed
    is_type_2 = device_type in _TYPE_2
    days = (notified, installed, NEVER if is_type_2 else installed, end)
    reason = "" if end == NEVER else "Removed with the meter"
    home.add_device(device, device_type, model, slot, meter.user, days, reason=reason)
    home.link(device, installed, end)
    if is_type_2:
        return
    steps = [("Pending", notified), ("Whitelisted", installed - 1), ("Commissioned", installed)]
    if end < NEVER:
        steps.append(("Decommissioned", end))
    home.status(device, steps)
    firmware(home, device, model, notified, end)


def write_spare(home: Home, meters: list[Meter]) -> None:
    """Write what a planned oddity adds beside the home's own devices, and what the delta corrects."""
    if home.odd == "UNKNOWN_DEVICE":
        unknown = home.world.keys.device(home.premise, SPARE, 0)
        home.request(meters[0].user, "8.4", unknown, meters[0].map_id, home.world.full_day - 50, "E080407")
    elif home.odd == "UNFIT_EXPORT":
        gas = meters[-1]
        mpan = home.world.keys.mpan(home.premise, 2)
        home.device_mpxns.append((gas.device, mpan, "EXPORT", ISO[gas.installed], ""))
    elif home.odd == "DELETED_DELTA":
        _write_deleted(home, meters[0])
    elif home.odd == "HISTORY_DELTA":
        _amend_history(home, meters[0].mpxn)
    elif home.odd == "ADDRESS_DELTA":
        for row in home.devices:
            home.amendments.append(("devices", row, (*row[:10], "ZZ99 9ZZ", *row[11:])))


def _write_deleted(home: Home, meter: Meter) -> None:
    """Write a spare meter, Pending in the full extract and deleted by the delta with all its rows."""
    model = meter.model
    device = home.world.keys.device(home.premise, SPARE, model.maker)
    notified = home.world.full_day - 30
    home.add_device(device, "ESME", model, SPARE, meter.user, (notified, NEVER, NEVER, NEVER), "A")
    home.amendments.append(("devices", home.devices[-1], None))
    rows: list[tuple[str, Row]] = [
        ("device_statuses", (device, "Pending", ISO[notified], "")),
        ("device_firmwares", (device, model.releases[-3][1], ISO[notified], "")),
        ("map_assignments", (device, meter.map_id, ISO[notified], "", "PRE_NOTIFICATION")),
    ]
    home.request(meter.user, "12.2", device, meter.map_id, notified, "I0")
    home.request(meter.user, "8.4", device, "", home.world.full_day + 6, "I0")
    for table, row in rows:
        getattr(home, table).append(row)
        home.amendments.append((table, row, None))


def _amend_history(home: Home, mpxn: str) -> None:
    """Move the last change of supplier of an MPxN five days back: the past is rewritten."""
    before, after = [row for row in home.registrations if row[0] == mpxn][-2:]
    turn = ISO[home.world.full_day - 45]
    home.amendments.append(("registrations", before, (*before[:3], turn)))
    home.amendments.append(("registrations", after, (*after[:2], turn, after[3])))
