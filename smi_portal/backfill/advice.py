"""What a refusal of an SRV 8.4 means and what to do about it (DP213's checks; the advice is our design)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Advice:
    """A response code: the check that failed, and what the User can do."""

    code: str
    check: str
    to_do: str


_KNOWN = (
    Advice(
        "E080405",
        "The status applies to the device type.",
        "Send the MAP ID alone, or choose one of the statuses that the type allows.",
    ),
    Advice(
        "E080406",
        "A pending device is corrected by the supplier that completes the installation.",
        "If another supplier has installed the meter, ask it to correct the device; if you have, complete the "
        "installation first, then send again.",
    ),
    Advice(
        "E080407",
        "For an update of details, the device exists (and is Pending, unless only the MAP ID changes).",
        "Check the Device ID and read the inventory. If it is right, send the MAP ID alone; if the meter has "
        "moved on, raise a data issue.",
    ),
    Advice(
        "E080408",
        "There is at least one data item to update.",
        "Add the MAP ID to the request and send again.",
    ),
    Advice(
        "E080409",
        "Type, manufacturer, model and firmware as changed are on the Certified Products List.",
        "Leave model and firmware out of the request; if they must change, compare with RSMI_003 first.",
    ),
    Advice(
        "E080410",
        "The sender is authorised: for details, the User that added the device.",
        "Send as the User that pre-notified the meter, under the same identifier; else ask that User to send.",
    ),
    Advice(
        "E080413", "The MPxN is of a kind that fits the device.", "Leave the MPxN out: a MAP ID needs none."
    ),
    Advice(
        "E080414",
        "An MPxN changes only while Whitelisted, InstalledNotCommissioned or Commissioned.",
        "Leave the MPxN out: a MAP ID needs none.",
    ),
    Advice(
        "E080415",
        "The sender is Registered Supplier of the new MPxN.",
        "Leave the MPxN out: a MAP ID needs none.",
    ),
)
_BY_CODE = {advice.code: advice for advice in _KNOWN}
_UNKNOWN = "Its meaning is not public: it is shown as received."


def advice_for(code: str) -> Advice:
    """What is known about a code; for any other, that nothing public is."""
    found = _BY_CODE.get(code)
    return found or Advice(
        code, _UNKNOWN, "Ask the DCC service desk, and keep the request's identifier at hand."
    )
