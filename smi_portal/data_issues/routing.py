"""Where a line goes, from its cause and its pre-check. Pure; the same answer for an absent and a foreign device."""

from __future__ import annotations

from dataclasses import dataclass

from smi_portal.data_issues.kinds import Cause, Route
from smi_portal.preflight.requests import Outcome, Verdict

#: The correction itself is wrong, whoever sends it.
WRONG_ITSELF = frozenset({"E080405", "E080408", "E080409", "E080413", "DEVICE_EXISTS"})
#: Somebody else may send it.
SOMEBODY_ELSES = frozenset({"E080406", "E080410"})
#: Findings of a meter's MPxN or status, which its registered supplier is to look into.
SUPPLIERS = frozenset(
    {
        Cause.CHECK_DIGIT,
        Cause.E080413,
        Cause.E080414,
        Cause.UNREGISTERED,
        Cause.WRONG_MPXN,
        Cause.WRONG_STATUS,
    }
    | {Cause.STALE_PENDING, Cause.EMPTY_HUB, Cause.DUPLICATE}
)
DCC_KNOWS = "DCC has what it needs in this line and takes it from here."
PARTY_KNOWS = "The supplier concerned is notified; you see here what comes of it."
NO_DEVICE = "No such device is in the inventory, or it is not in your sight."


@dataclass(frozen=True)
class Routed:
    """A line's way, and the sentences that go with it."""

    route: Route
    code: str | None
    reason: str
    resolution: str


@dataclass(frozen=True)
class Seen:
    """What the raiser may know of the device: that it is in sight, and its status."""

    in_sight: bool = False
    status: str | None = None


def route(cause: Cause, verdict: Verdict | None, seen: Seen, is_supplier: bool) -> Routed:
    """`verdict` of the SRV 8.4 that would mend it, sent by the raiser; None = no correction is proposed."""
    if verdict is None:
        return _without_correction(cause, seen, is_supplier)
    if verdict.outcome is Outcome.ACCEPTED:
        return Routed(
            Route.SELF, None, "No check would refuse your Update Inventory request.", "Send this SRV 8.4."
        )
    reason, resolution = verdict.reason or "", verdict.resolution or ""
    if verdict.outcome in {Outcome.MALFORMED, Outcome.NOT_CHECKED}:
        return Routed(Route.RETURN, verdict.code, reason, resolution)
    way = _refused(verdict.code or "", seen, is_supplier)
    # The pre-flight's advice is often to raise a data issue: this is one.
    advice = {Route.PARTY: PARTY_KNOWS, Route.DCC: DCC_KNOWS}.get(way, resolution)
    return Routed(way, verdict.code, reason, advice)


def _refused(code: str, seen: Seen, is_supplier: bool) -> Route:
    if code in WRONG_ITSELF or code.startswith("MAP_ID_"):
        return Route.RETURN
    if code in SOMEBODY_ELSES:
        return Route.PARTY
    if code == "E080414" and seen.status == "Pending":
        return Route.SELF if is_supplier else Route.PARTY
    if code == "E080415" and not is_supplier:
        return Route.PARTY
    return Route.DCC


def _without_correction(cause: Cause, seen: Seen, is_supplier: bool) -> Routed:
    if not seen.in_sight:
        return Routed(Route.DCC, None, NO_DEVICE, DCC_KNOWS)
    if cause in SUPPLIERS and is_supplier:
        return Routed(
            Route.SELF,
            None,
            "The device is in your supply.",
            "Find out what is right and send an Update Inventory (SRV 8.4); if that is refused, pass the line to DCC.",
        )
    if cause in SUPPLIERS:
        return Routed(
            Route.PARTY, None, "Its supplier can look into it.", "The supplier concerned is notified."
        )
    if cause.value.startswith("MAP_") or cause in {
        Cause.FUEL,
        Cause.NO_CPL,
        Cause.WRONG_MAP_ID,
        Cause.WRONG_DETAILS,
    }:
        return Routed(
            Route.PARTY,
            None,
            "Details and the MAP ID are corrected by the User that added the device.",
            "That User is notified. If it is you, propose the right value and send the 8.4.",
        )
    return Routed(Route.DCC, None, "No Update Inventory request can mend this.", DCC_KNOWS)
