"""The rows of BKF_001 and BKF_002: the backfill of MAP IDs. Declarations and allowances are not modelled."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, timedelta

from . import facts
from .inventory import Inventory, Row
from .sight import Ask, sees

Cells = dict[str, object]


def users(ask: Ask) -> list[str]:
    """The Users that the viewer is told of: each pre-notified a meter before the implementation date."""
    found = [
        row["organisation"]
        for row in ask.inventory["organisations"]
        if row["is_user"] and _obligations(ask, row["organisation"])
    ]
    return [user for user in found if ask.viewer.kind != "SUPPLIER" or user == ask.viewer.organisation]


def _obligations(ask: Ask, user: str) -> list[Row]:
    """The meters that the User pre-notified before the implementation date, whatever has become of them."""
    return [
        device
        for device in ask.inventory.where("devices", "pre_notified_by", user)
        if facts.is_meter(device) and device["pre_notified_on"] < ask.implementation_date
    ]


def in_scope(ask: Ask, user: str, day: date) -> list[Row]:
    gone = {"Decommissioned", "Withdrawn"}
    return [
        meter
        for meter in _obligations(ask, user)
        if facts.exists(meter, day) and facts.status(ask.inventory, meter, day) not in gone
    ]


def outstanding(ask: Ask, user: str, day: date) -> list[Row]:
    """In scope, and without a MAP that day."""
    return [meter for meter in in_scope(ask, user, day) if facts.map_id(ask.inventory, meter, day) is None]


def requests(inventory: Inventory, user: str, first: date, last: date) -> list[Row]:
    """The User's 8.4s that carry a MAP ID, received on those UTC days, in the order of their arrival."""
    found = [
        row
        for row in inventory.where("service_requests", "organisation", user)
        if row["service_reference_variant"] == "8.4" and row["map_id"] and first <= _day(row) <= last
    ]
    return sorted(found, key=lambda row: (row["received_at"], row["request_id"]))


def _day(request: Row) -> date:
    received: date = request["received_at"].astimezone(UTC).date()
    return received


def _accepted(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["response_code"] == "I0"]


def _refused(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["response_code"].startswith("E")]


def bkf_001(ask: Ask) -> Iterator[Cells]:
    """One row an outstanding meter."""
    for user in users(ask):
        sent = requests(ask.inventory, user, date.min, ask.day)
        for meter in outstanding(ask, user, ask.day):
            seen = sees(ask.inventory, ask.viewer, meter, ask.day)
            its_own = [row for row in sent if row["device_id"] == meter["device_id"]]
            refusals = _refused(its_own)
            yield {
                "organisation": user,
                "device_id": meter["device_id"],
                "device_type": meter["device_type"],
                "device_status": facts.status(ask.inventory, meter, ask.day) if seen else None,
                "mpxn": facts.mpxn(ask.inventory, meter, ask.day) if seen else None,
                "pre_notified_on": meter["pre_notified_on"],
                "registered_supplier": facts.supplier(ask.inventory, meter, ask.day) if seen else None,
                "last_refusal_code": refusals[-1]["response_code"] if refusals else None,
                "last_sent_on": _day(its_own[-1]) if its_own else None,
            }


def bkf_002(ask: Ask) -> Iterator[Cells]:
    """One row a User a calendar month, from the implementation's to D's."""
    for user in users(ask):
        first = ask.implementation_date.replace(day=1)
        while first <= ask.day:
            month_end = first.replace(day=monthrange(first.year, first.month)[1])
            yield _month(ask, user, first, min(month_end, ask.day))
            first = month_end + timedelta(days=1)


def _month(ask: Ask, user: str, first: date, day: date) -> Cells:
    """The User's row for the month that begins on `first`, as it stood at the end of `day`."""
    scope, owed = in_scope(ask, user, day), outstanding(ask, user, day)
    sent = requests(ask.inventory, user, first, day)
    codes = Counter(row["response_code"] for row in _refused(sent))
    return {
        "organisation": user,
        "month": f"{first:%Y-%m}",
        "in_scope": len(scope),
        "populated": len(scope) - len(owed),
        "outstanding": len(owed),
        "lost": sum(_was_lost(ask, meter, day) for meter in owed),
        "sent": len(sent),
        "accepted": len(_accepted(sent)),
        "refused": len(_refused(sent)),
        "top_refusal_code": min(codes, key=lambda code: (-codes[code], code), default=None),
        "busiest_day_sent": max(Counter(_day(row) for row in sent).values(), default=0),
        "percent_complete": percent(len(scope) - len(owed), len(scope)),
        "projected_finish": _projected_finish(ask, user, day, len(owed)),
    }


def _was_lost(ask: Ask, meter: Row, day: date) -> bool:
    """An assignment ended after the implementation date, by that day."""
    ends = [
        row["effective_to"] for row in ask.inventory.where("map_assignments", "device_id", meter["device_id"])
    ]
    return any(end is not None and ask.implementation_date < end <= day for end in ends)


def percent(part: int, whole: int) -> str:
    """To one decimal place, halves up. All of nothing is complete."""
    if whole == 0:
        return "100.0"
    tenths = (2 * 1000 * part + whole) // (2 * whole)  # floor(1000 x part / whole + 1/2), in whole numbers
    return f"{tenths // 10}.{tenths % 10}"


def _projected_finish(ask: Ask, user: str, day: date, owed: int) -> date | None:
    """D + ceil(28 x outstanding / those accepted in the 28 days that end with D)."""
    if owed == 0:
        return day
    accepted = len(_accepted(requests(ask.inventory, user, day - timedelta(days=27), day)))
    if accepted == 0:
        return None
    return day + timedelta(days=(28 * owed + accepted - 1) // accepted)
