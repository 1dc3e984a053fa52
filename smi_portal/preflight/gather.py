"""The facts of a list of requests, read under the sender's own scope: the database shows it nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice

from django.db.models import Q

from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.inventory.models import AssetPeriod, ExtractLoad
from smi_portal.inventory.models.facts import CplEntry, Participant
from smi_portal.inventory.models.periods import AssociationPeriod, BackfillPeriod
from smi_portal.preflight.facts import OPEN, CplLine, DeviceFacts, Facts, MapEntry, Sender
from smi_portal.preflight.models import AddedDevice, OthersPoint, SparePoint
from smi_portal.preflight.requests import Change, MpxnKind, Product, Request, Verdict
from smi_portal.preflight.rules import judge

#: Requests whose facts are read at once.
BATCH = 2_000


def check(viewer: Viewer, found: Iterable[Request | Verdict]) -> Iterator[Verdict]:
    """The verdicts, in order. Opens a scope of its own for each batch: call it outside any."""
    iterator = iter(found)
    while batch := list(islice(iterator, BATCH)):
        requests = [one for one in batch if isinstance(one, Request)]
        with scope(viewer):
            facts = gather(viewer, requests) if requests else None
        for one in batch:
            if isinstance(one, Verdict):
                yield one
            elif facts is not None:
                yield judge(one, facts)


def gather(viewer: Viewer, requests: Sequence[Request]) -> Facts:
    """What the rules need for these requests. Call inside `scope(viewer)`; a few set-wise queries."""
    load = ExtractLoad.current()
    day = load.day if load else date.min
    sender = Sender(viewer.organisation, viewer.role is Role.SUPPLIER)
    devices = _devices(viewer, sorted({one.device_id for one in requests}), day)
    types = {one.product.device_type for one in requests} | {
        device.product.device_type for device in devices.values()
    }
    asks_product = any(one.changes_product for one in requests)
    mpxns = {one.mpxn for one in requests if one.mpxn}
    if any(one.change is Change.MPXN for one in requests):
        mpxns |= {mpxn for device in devices.values() for held in device.mpxns.values() for mpxn in held}
    return Facts(
        day,
        sender,
        devices,
        _supplied(sorted(mpxns), day) if sender.is_supplier else frozenset(),
        _maps(sorted({one.map_id for one in requests if one.map_id})),
        _cpl(sorted(kind for kind in types if kind), day) if asks_product else (),
    )


def _devices(viewer: Viewer, wanted: list[str], day: date) -> dict[str, DeviceFacts]:
    mpxns, others = _held(wanted, day, viewer.role is Role.SUPPLIER)
    added = _added(viewer, wanted, day)
    found: dict[str, DeviceFacts] = {}
    columns = ("device_id", "device_type", "esme_variant", "manufacturer", "model", "firmware_version")
    rows = AssetPeriod.objects.filter(device_id__in=wanted, from_day__lte=day, to_day__gt=day)
    for row in rows.values(*columns, "status", "mpxn", "map_id"):
        device_id = row["device_id"]
        held = mpxns.get(device_id, {})
        if row["mpxn"]:
            held = {**held, MpxnKind.IMPORT: held.get(MpxnKind.IMPORT, frozenset()) | {row["mpxn"]}}
        found[device_id] = DeviceFacts(
            device_id,
            Product(
                row["device_type"],
                row["esme_variant"],
                row["manufacturer"],
                row["model"],
                row["firmware_version"],
            ),
            row["status"],
            row["map_id"],
            held,
            others.get(device_id, frozenset()),
            device_id in added,
        )
    for device_id, (device_type, pending) in added.items():
        if device_id not in found:
            found[device_id] = DeviceFacts(
                device_id,
                Product(device_type),
                "Pending" if pending else None,
                added_by_sender=True,
                in_sight=False,
            )
    return found


def _added(viewer: Viewer, wanted: list[str], day: date) -> dict[str, tuple[str, bool]]:
    """Of the devices, those that the viewer pre-notified: their type, and whether they are Pending."""
    found: dict[str, tuple[str, bool]] = {}
    if viewer.role is Role.SUPPLIER:
        meters = BackfillPeriod.objects.filter(device_id__in=wanted, from_day__lte=day, to_day__gt=day)
        found = {device: (kind, False) for device, kind in meters.values_list("device_id", "device_type")}
    rows = AddedDevice.objects.filter(device_id__in=wanted)
    for device, kind, start, end in rows.values_list(
        "device_id", "device_type", "pending_from", "pending_to"
    ):
        found[device] = (kind, start is not None and start <= day and (end is None or end > day))
    return found


def _held(
    wanted: list[str], day: date, supplier: bool
) -> tuple[dict[str, dict[MpxnKind, frozenset[str]]], dict[str, frozenset[MpxnKind]]]:
    """The devices' current MPxNs that the viewer sees, and the kinds of which another supplier has one."""
    mpxns: dict[str, dict[MpxnKind, frozenset[str]]] = {}
    rows = AssociationPeriod.objects.filter(device_id__in=wanted, from_day__lte=day, to_day__gt=day)
    for device, kind, mpxn in rows.values_list("device_id", "kind", "mpxn"):
        if kind in MpxnKind.__members__:
            held = mpxns.setdefault(device, {})
            held[MpxnKind(kind)] = held.get(MpxnKind(kind), frozenset()) | {mpxn}
    others: dict[str, frozenset[MpxnKind]] = {}
    if supplier:
        told = OthersPoint.objects.filter(device_id__in=wanted, kind__in=list(MpxnKind.__members__))
        for device, kind in told.values_list("device_id", "kind"):
            others[device] = others.get(device, frozenset()) | {MpxnKind(kind)}
    return mpxns, others


def _supplied(mpxns: list[str], day: date) -> frozenset[str]:
    """Of these MPxNs, those of which the viewer (a supplier) is Registered Supplier on the day."""
    held = Q(mpxn__in=mpxns, from_day__lte=day, to_day__gt=day)
    # A supplier is shown an association by that MPxN's own registration alone, so seeing it is being registered.
    seen = AssociationPeriod.objects.filter(held).values_list("mpxn", flat=True)
    spare = SparePoint.objects.filter(held).values_list("mpxn", flat=True)
    return frozenset(seen) | frozenset(spare)


def _maps(wanted: list[str]) -> dict[str, tuple[MapEntry, ...]]:
    found: dict[str, tuple[MapEntry, ...]] = {}
    rows = Participant.objects.filter(role="MAP", mpid__in=wanted)
    for mpid, fuel, start, end in rows.values_list("mpid", "fuel", "effective_from", "effective_to"):
        found[mpid] = (*found.get(mpid, ()), MapEntry(fuel, start, end or OPEN))
    return found


def _cpl(types: list[str], day: date) -> tuple[CplLine, ...]:
    rows = CplEntry.objects.filter(
        Q(effective_to__isnull=True) | Q(effective_to__gt=day),
        device_type__in=types,
        cpl_status="Active",
        effective_from__lte=day,
    )
    columns = ("device_type", "esme_variant_class", "manufacturer", "model", "firmware_version")
    return tuple(CplLine(*row) for row in rows.values_list(*columns))
