"""Facts and requests for the rules' tests: one device, a small CPL and a small MDD; no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from smi_portal.preflight.facts import CplLine, DeviceFacts, Facts, MapEntry, Sender
from smi_portal.preflight.requests import Change, MpxnKind, Outcome, Place, Product, Request
from smi_portal.preflight.rules import judge

D = date(2018, 11, 20)
ID, MPXN, NEW = "00-DB-00-00-00-00-00-01", "1000000000012", "2012345678906"
ESME = Product("ESME", "A", "Tarn", "T1", "01")
CPL = (
    CplLine("ESME", "A", "Tarn", "T1", "01"),
    CplLine("ESME", "A", "Tarn", "T1", "02"),
    CplLine("ESME", "B", "Tarn", "T2", "01"),
    CplLine("GSME", "", "Fen", "F1", "01"),
    CplLine("PPMID", "", "Fen", "P1", "01"),
)
MAPS = {
    "GOOD": (MapEntry("E", date(2017, 1, 1)),),
    "GASM": (MapEntry("G", date(2017, 1, 1)),),
    "BOTH": (MapEntry("E", date(2017, 1, 1), date(2018, 1, 1)), MapEntry("G", date(2017, 1, 1))),
    "DEAD": (MapEntry("E", date(2010, 1, 1), D),),
    "LATE": (MapEntry("E", date(2018, 11, 21)),),
    "GAP": (MapEntry("E", date(2010, 1, 1), date(2015, 1, 1)), MapEntry("E", date(2019, 1, 1))),
    "TODAY": (MapEntry("E", D),),
}


def device(**change: Any) -> DeviceFacts:
    """A Commissioned ESME of the sender's, with an import MPAN; it did not add it."""
    product = change.pop("product", ESME)
    held = {MpxnKind.IMPORT: frozenset({MPXN})}
    return replace(DeviceFacts(ID, product, "Commissioned", "GOOD", held), **change)


def facts(
    known: DeviceFacts | None, supplier: bool = True, supplied: frozenset[str] = frozenset({MPXN, NEW})
) -> Facts:
    devices = {known.device_id: known} if known else {}
    return Facts(D, Sender("S1", supplier), devices, supplied if supplier else frozenset(), MAPS, CPL)


def request(change: Change | None, variant: str = "8.4", **more: Any) -> Request:
    return Request(Place("one.xml"), "a:b:1", variant, ID, change, **more)


def code(asked: Request, known: DeviceFacts | None, **more: Any) -> str | None:
    found = judge(asked, facts(known, **more))
    assert (
        (found.outcome is Outcome.REFUSED)
        == (found.code is not None)
        == bool(found.reason and found.resolution)
    )
    return found.code


def status(to: str, element: Change = Change.STATUS) -> Request:
    return request(element, status=to)


def details(map_id: str | None = None, **product: str) -> Request:
    return request(Change.DETAILS, product=Product(**product), map_id=map_id)


def mpxn(kind: MpxnKind = MpxnKind.IMPORT, new: str = NEW) -> Request:
    return request(Change.MPXN, mpxn_kind=kind, mpxn=new)


def pre(kind: str = "ESME", map_id: str | None = "GOOD", **more: str) -> Request:
    products = {"ESME": ESME, "GSME": Product("GSME", None, "Fen", "F1", "01")}
    product = replace(products.get(kind, Product(kind, None, "Fen", "P1", "01")), **more)
    return request(None, "12.2", product=product, map_id=map_id)


PENDING = device(status="Pending", mpxns={}, map_id=None)
MINE = replace(PENDING, added_by_sender=True)
