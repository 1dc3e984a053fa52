"""The checks of DP213's table, and of a MAP ID against Market Domain Data. Pure: facts in, the first refusal out.

Their order is that of their codes, save that a request without anything to update (E080408) needs no inventory
to be told so. What a check means where DP213 is silent is our design; each says so in docs/preflight.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from smi_portal.preflight import resolutions as say
from smi_portal.preflight.facts import DeviceFacts, Facts
from smi_portal.preflight.requests import (
    PRE_NOTIFICATION,
    Change,
    MpxnKind,
    Outcome,
    Product,
    Request,
    Verdict,
)

#: DUIS 5.4's device types. IHD and CAD are Type 2: they have no status and are not on the CPL.
DEVICE_TYPES = ("ESME", "GSME", "GPF", "CHF", "HCALCS", "PPMID", "IHD", "CAD")
TYPE_2 = frozenset({"IHD", "CAD"})
METERS = {"ESME": "E", "GSME": "G"}
#: The statuses that each element of an 8.4 may set.
STATUSES = {
    Change.STATUS: ("Pending", "InstalledNotCommissioned"),
    Change.HUB_STATUS: ("Commissioned", "Withdrawn", "InstalledNotCommissioned"),
}
#: DUIS 5.4's device statuses: another word is no status at all.
KNOWN_STATUSES = frozenset(
    {
        *("Pending", "Whitelisted", "InstalledNotCommissioned", "Commissioned", "Decommissioned"),
        *("Withdrawn", "Suspended", "Recovery", "Recovered"),
    }
)
MPXN_STATUSES = ("Whitelisted", "InstalledNotCommissioned", "Commissioned")


@dataclass(frozen=True)
class Refusal:
    """The check that would refuse a request (DCC's code, or our own word where DCC's is not public)."""

    code: str
    reason: str
    resolution: str


Check = Callable[[Request, DeviceFacts, Facts], Refusal | None]


def judge(request: Request, facts: Facts) -> Verdict:
    """The verdict on one request."""
    found = (
        _pre_notification(request, facts) if request.variant == PRE_NOTIFICATION else _update(request, facts)
    )
    told = Verdict(request.place, request.request_id, request.variant, request.device_id, Outcome.ACCEPTED)
    if found is None:
        return told
    return replace(
        told,
        outcome=Outcome.REFUSED,
        code=found.code,
        reason=found.reason,
        resolution=found.resolution,
    )


def judge_all(requests: Iterable[Request], facts: Facts) -> list[Verdict]:
    """The verdict on each."""
    return [judge(request, facts) for request in requests]


def _update(request: Request, facts: Facts) -> Refusal | None:
    if request.change in {None, Change.NOTHING} or _empty(request):
        return Refusal("E080408", say.NOTHING_TO_UPDATE, say.ADD_AN_ITEM)
    device = facts.devices.get(request.device_id)
    if device is None or (not device.in_sight and not _adder_may_know(request, device)):
        # One sentence for the absent and the foreign: it must not tell which of the two it is.
        return Refusal("E080407", say.not_found(request.device_id), say.READ_THE_INVENTORY)
    for check in CHECKS[request.change or Change.NOTHING]:
        if found := check(request, device, facts):
            return found
    return None


def _empty(request: Request) -> bool:
    if request.change is Change.DETAILS:
        return not request.changes_product and not request.map_id and not request.smets_chts_version
    return request.change is Change.MPXN and not request.mpxn


def _adder_may_know(request: Request, device: DeviceFacts) -> bool:
    """A device out of sight answers its adder where DCC would: its MAP ID alone, or while it is Pending."""
    if request.change not in {Change.DETAILS, Change.DELETE}:
        return False
    return request.map_id_alone or device.status == "Pending"


def status_fits_type(request: Request, device: DeviceFacts, facts: Facts) -> Refusal | None:
    """E080405: the status applies to the device type."""
    kind, status = device.product.device_type or "", request.status or ""
    allowed = statuses_of(kind)
    element = Change.HUB_STATUS if kind == "CHF" else Change.STATUS
    if request.change is element and status in allowed:
        return None
    return Refusal("E080405", say.status_unfit(request, kind), say.choose_status(kind, element, allowed))


def statuses_of(device_type: str) -> tuple[str, ...]:
    """The statuses that an 8.4 may set on a device of this type; none for Type 2 devices."""
    if device_type in TYPE_2:
        return ()
    return STATUSES[Change.HUB_STATUS if device_type == "CHF" else Change.STATUS]


def pending_is_the_installers(request: Request, device: DeviceFacts, facts: Facts) -> Refusal | None:
    """E080406: a Pending device is corrected by the supplier that completes its installation, and by no one else.

    Our design: that is a supplier in whose sight the device is (its Registered Supplier, or the supplier that
    pre-notified it while nobody is registered); no other organisation can be.
    """
    if device.status != "Pending" or facts.sender.is_supplier:
        return None
    return Refusal("E080406", say.PENDING, say.installer_corrects(device.added_by_sender))


def details_only_while_pending(request: Request, device: DeviceFacts, facts: Facts) -> Refusal | None:
    """E080407: details change, and a device is deleted, only while it is Pending; a MAP ID alone at any time."""
    if device.status == "Pending" or request.map_id_alone:
        return None
    return Refusal("E080407", say.not_pending(request, device), say.moved_on(request))


def product_is_certified(request: Request, device: DeviceFacts, facts: Facts) -> Refusal | None:
    """E080409: type, variant class, manufacturer, model and firmware, as changed, are on the CPL."""
    if not request.changes_product:
        return None
    return _on_cpl(_changed(device.product, request.product), facts)


def _changed(product: Product, change: Product) -> Product:
    return Product(
        product.device_type,
        change.variant or product.variant,
        change.manufacturer or product.manufacturer,
        change.model or product.model,
        change.firmware_version or product.firmware_version,
    )


def _on_cpl(product: Product, facts: Facts) -> Refusal | None:
    if product.device_type in TYPE_2 or facts.certified(product):
        return None
    return Refusal("E080409", say.not_certified(product), say.nearest(facts.nearest(product)))


def adder_changes_details(request: Request, device: DeviceFacts, facts: Facts) -> Refusal | None:
    """E080410: details are changed, and a device deleted, by the User that added it."""
    if device.added_by_sender:
        return None
    return Refusal("E080410", say.not_the_adder(request), say.ASK_THE_ADDER)


def supplier_sets_status(request: Request, device: DeviceFacts, facts: Facts) -> Refusal | None:
    """E080410: a status is set by an import supplier (EIS or GIS)."""
    if facts.sender.is_supplier:
        return None
    return Refusal("E080410", say.NO_SUPPLIER, say.ASK_THE_SUPPLIER)


def supplier_of_current_mpxn(request: Request, device: DeviceFacts, facts: Facts) -> Refusal | None:
    """E080410: an MPxN is changed by the Registered Supplier of the one that the device has now, if it has one."""
    kind = request.mpxn_kind or MpxnKind.IMPORT
    current = device.mpxns.get(kind, frozenset())
    if kind not in device.others_mpxns and current <= facts.supplied:
        return None
    return Refusal("E080410", say.not_current_supplier(kind), say.ask_current_supplier(kind))


def mpxn_fits_device(request: Request, device: DeviceFacts, facts: Facts) -> Refusal | None:
    """E080413: import → ESME or GSME; secondary import → twin-element ESME; export → ESME."""
    kind, product = request.mpxn_kind or MpxnKind.IMPORT, device.product
    fits = {
        MpxnKind.IMPORT: product.device_type in METERS,
        MpxnKind.SECONDARY_IMPORT: product.device_type == "ESME" and product.variant_class == "B",
        MpxnKind.EXPORT: product.device_type == "ESME",
    }
    if fits[kind]:
        return None
    return Refusal("E080413", say.mpxn_unfit(kind, product), say.fitting(kind))


def mpxn_while_in_use(request: Request, device: DeviceFacts, facts: Facts) -> Refusal | None:
    """E080414: an MPxN changes only while Whitelisted, InstalledNotCommissioned or Commissioned."""
    if device.status in MPXN_STATUSES:
        return None
    return Refusal("E080414", say.status_bars_mpxn(device.status), say.mpxn_needs_status(device.status))


def supplier_of_new_mpxn(request: Request, device: DeviceFacts, facts: Facts) -> Refusal | None:
    """E080415: the sender is Registered Supplier of the new MPxN."""
    if request.mpxn in facts.supplied:
        return None
    return Refusal("E080415", say.not_new_supplier(request), say.CHECK_NEW_MPXN)


def map_id_is_good(request: Request, device: DeviceFacts, facts: Facts) -> Refusal | None:
    """The MAP ID, where one is carried: known to MDD, for the meter's fuel, begun, and not ended."""
    return map_id_refusal(request.map_id, device.product.device_type or "", facts)


def map_id_refusal(map_id: str | None, device_type: str, facts: Facts) -> Refusal | None:
    """Why a MAP ID cannot be put on a device of this type on the day; None when it can, or there is none."""
    if map_id is None:
        return None
    fuel = METERS.get(device_type)
    if fuel is None:
        return Refusal("MAP_ID_NOT_FOR_TYPE", say.map_id_not_for(device_type), say.LEAVE_MAP_ID_OUT)
    entries = facts.maps.get(map_id, ())
    mine = [entry for entry in entries if entry.fuel == fuel]
    if not entries:
        return Refusal("MAP_ID_UNKNOWN", say.map_id_unknown(map_id), say.CHECK_MAP_ID)
    if not mine:
        return Refusal("MAP_ID_WRONG_FUEL", say.map_id_fuel(map_id, device_type), say.use_fuel(fuel))
    if any(entry.in_force(facts.day) for entry in mine):
        return None
    ahead = [entry.effective_from for entry in mine if entry.effective_from > facts.day]
    if ahead:
        return Refusal(
            "MAP_ID_NOT_YET_EFFECTIVE", say.map_id_early(map_id, min(ahead)), say.wait_for(min(ahead))
        )
    ended = max(entry.effective_to for entry in mine)
    return Refusal("MAP_ID_ENDED", say.map_id_ended(map_id, ended), say.USE_SUCCESSOR)


def _pre_notification(request: Request, facts: Facts) -> Refusal | None:
    """An SRV 12.2: the device is new, it is on the CPL, and a meter has a good MAP ID."""
    kind = request.product.device_type or ""
    if request.device_id in facts.devices:
        return Refusal("DEVICE_EXISTS", say.exists(request.device_id), say.UPDATE_INSTEAD)
    if kind in METERS and request.map_id is None:
        return Refusal("MAP_ID_MISSING", say.map_id_missing(kind), say.ADD_MAP_ID)
    return map_id_refusal(request.map_id, kind, facts) or _on_cpl(request.product, facts)


#: Which checks an 8.4 goes through, in the order of their codes; the MAP ID's come last.
CHECKS: dict[Change, tuple[Check, ...]] = {
    Change.STATUS: (status_fits_type, pending_is_the_installers, supplier_sets_status),
    Change.HUB_STATUS: (status_fits_type, pending_is_the_installers, supplier_sets_status),
    Change.DETAILS: (details_only_while_pending, product_is_certified, adder_changes_details, map_id_is_good),
    Change.DELETE: (details_only_while_pending, adder_changes_details),
    Change.MPXN: (supplier_of_current_mpxn, mpxn_fits_device, mpxn_while_in_use, supplier_of_new_mpxn),
    Change.NOTHING: (),
}
