"""What people are told: why a request would be refused, and what to do (our design where DP213 is silent).

No sentence says anything of a device that the sender may not see, nor names another party.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from smi_portal.preflight.facts import CplLine, DeviceFacts
from smi_portal.preflight.requests import Change, MpxnKind, Product, Request

NOTHING_TO_UPDATE = "The request names nothing to update."
ADD_AN_ITEM = (
    "Add at least one item with a value: a detail (manufacturer, model, SMETS version, firmware, variant or MAP ID), "
    "a status, an MPxN, or the deletion."
)
READ_THE_INVENTORY = (
    "Check the Device ID, and read the inventory (SRV 8.2). If the device should be there and be yours, raise a "
    "data issue."
)
PENDING = "The device is Pending: only the supplier that completes its installation can correct it."
ASK_THE_ADDER = (
    "Send it as the User that pre-notified the device, under the same identifier, or ask that User to send it. If "
    "you cannot reach it, raise a data issue: the lines are routed to whoever can mend them."
)
NO_SUPPLIER = "A status is set only by an import supplier (EIS or GIS); your organisation is none."
ASK_THE_SUPPLIER = (
    "Raise a data issue for the device: its registered supplier is notified and can send this 8.4."
)
CHECK_NEW_MPXN = (
    "Check the digits of the new MPxN. If they are right, the registration has to be yours first; if it should be "
    "already, correct it in the registration system, then send again."
)
LEAVE_MAP_ID_OUT = "Leave the MAP ID out: the inventory keeps one for ESME and GSME only."
CHECK_MAP_ID = "Check the MAP ID; if it is right, the MAP has to be entered in Market Domain Data first."
USE_SUCCESSOR = "Use the MAP ID that took its place; the MAP can say which."
UPDATE_INSTEAD = (
    "Send an Update Inventory request (SRV 8.4) for what has to change, or correct the Device ID."
)
ADD_MAP_ID = "Add the MAPID element with the MAP ID of the meter's owner."
FUELS = {"E": "electricity", "G": "gas"}


def not_found(device_id: str) -> str:
    """For the absent and the foreign alike."""
    return f"No device {device_id} is in the inventory, or it is not yours to update."


def status_unfit(request: Request, device_type: str) -> str:
    """E080405."""
    element = request.change.value if request.change else ""
    return f"{element} {request.status} does not apply to a device of type {device_type}."


def choose_status(device_type: str, element: Change, allowed: Sequence[str]) -> str:
    """E080405: what would apply."""
    if not allowed:
        return f"Leave the status alone: a {device_type} (Type 2 device) has none."
    return f"For a {device_type}, use {element.value} with one of: {', '.join(allowed)}."


def installer_corrects(added_by_sender: bool) -> str:
    """E080406: who pre-notified it is told to that User alone."""
    who = " Your organisation pre-notified it." if added_by_sender else ""
    return f"Ask the supplier that installs the device to send the correction itself: DCC need not be involved.{who}"


def not_pending(request: Request, device: DeviceFacts) -> str:
    """E080407: the device is there, but no longer Pending."""
    now = f"is {device.status}" if device.status else "has no status"
    what = "be deleted" if request.change is Change.DELETE else "change its details"
    return f"The device {now}; it can {what} only while it is Pending."


def moved_on(request: Request) -> str:
    """E080407: what to do for a device that has moved on."""
    alone = " To set the MAP ID, send the MAP ID alone." if request.map_id else ""
    return f"Read the inventory (SRV 8.2). As the device has moved on, raise a data issue for what is wrong.{alone}"


def not_certified(product: Product) -> str:
    """E080409, with the product as it would be."""
    parts = (product.manufacturer, product.model, product.firmware_version)
    kind = f"{product.device_type or 'device'} {product.variant_class or ''}".strip()
    said = " / ".join(part if part else "not given" for part in parts)
    return f"{kind} / {said} is not on the Certified Products List as Active and in force."


def nearest(lines: Sequence[CplLine]) -> str:
    """E080409: the nearest entries."""
    if not lines:
        return "Compare type, variant, manufacturer, model and firmware with the Certified Products List."
    return f"The nearest entries of the Certified Products List are: {'; '.join(map(str, lines))}."


def not_the_adder(request: Request) -> str:
    """E080410 for details and deletion."""
    what = "deleted" if request.change is Change.DELETE else "changed in its details"
    return (
        f"A device is {what} only by the User that added it; your organisation did not pre-notify this one."
    )


def not_current_supplier(kind: MpxnKind) -> str:
    """E080410 for an MPxN."""
    return f"Your organisation is not Registered Supplier of the {kind.words} that the device has now."


def ask_current_supplier(kind: MpxnKind) -> str:
    """E080410 for an MPxN: who can."""
    return f"The Registered Supplier of the current {kind.words} has to send it: raise a data issue, and it is notified."


def mpxn_unfit(kind: MpxnKind, product: Product) -> str:
    """E080413."""
    variant = f", variant {product.variant}" if product.device_type == "ESME" and product.variant else ""
    return f"A device of type {product.device_type}{variant} cannot have an {kind.words}.".replace(
        "an secondary", "a secondary"
    )


def fitting(kind: MpxnKind) -> str:
    """E080413: which devices can."""
    which = {
        MpxnKind.IMPORT: "an ESME or a GSME",
        MpxnKind.SECONDARY_IMPORT: "a twin-element ESME (a variant that begins with B)",
        MpxnKind.EXPORT: "an ESME",
    }[kind]
    return f"Only {which} has one: check the Device ID, and which MPxN you mean to change."


def status_bars_mpxn(status: str | None) -> str:
    """E080414."""
    now = f"The device is {status}" if status else "The device has no status"
    return f"{now}; an MPxN changes only while it is Whitelisted, InstalledNotCommissioned or Commissioned."


def mpxn_needs_status(status: str | None) -> str:
    """E080414: what to do first."""
    if status == "Pending":
        return "Complete the installation first: the device is then no longer Pending. Then send again."
    return "Read the inventory (SRV 8.2). If the status is wrong, mend it first or raise a data issue."


def not_new_supplier(request: Request) -> str:
    """E080415."""
    return f"Your organisation is not Registered Supplier of {request.mpxn}."


def map_id_not_for(device_type: str) -> str:
    """A MAP ID on what is no meter."""
    return f"A device of type {device_type or 'unknown'} has no MAP ID."


def map_id_unknown(map_id: str) -> str:
    """Not in MDD at all."""
    return f"MAP ID {map_id} is not in Market Domain Data."


def map_id_fuel(map_id: str, device_type: str) -> str:
    """In MDD for the other fuel only."""
    other = "gas" if device_type == "ESME" else "electricity"
    return f"Market Domain Data knows MAP ID {map_id} for {other} only; the device is of type {device_type}."


def use_fuel(fuel: str) -> str:
    """Which MAP ID is needed."""
    return f"Use the MAP's {FUELS[fuel]} MAP ID."


def map_id_early(map_id: str, day: date) -> str:
    """Its entry has not begun."""
    return f"MAP ID {map_id} is in Market Domain Data only from {day:%-d %B %Y}."


def wait_for(day: date) -> str:
    """When it will be good."""
    return f"Send the request on or after {day:%-d %B %Y}, or use a MAP ID that is in force now."


def map_id_ended(map_id: str, day: date) -> str:
    """Its last entry has ended."""
    return f"MAP ID {map_id} is no longer in Market Domain Data: it ended on {day:%-d %B %Y}."


def map_id_missing(device_type: str) -> str:
    """A 12.2 of a meter without one."""
    return f"The pre-notification of a meter ({device_type}) must carry its MAP ID."


def exists(device_id: str) -> str:
    """A 12.2 of a device that the sender sees already."""
    return f"Device {device_id} is in the inventory already."
