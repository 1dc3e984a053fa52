"""What another page's link fills into the form: one device, a finding's devices, or a list's.

`?device=…&cause=…` names one; `?finding=CODE` every device that DQ_001 lists with that finding; `?devices=L-…` those
that a list of identifiers names, or with `&outcome=…` the Device IDs of its lines with another outcome. Rows come from
the reports alone, so nothing is filled in that the viewer is not shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from reports.catalogue.list_001 import FOUND, NOT_FOUND
from reports.engine.ask import AskRefused, parse
from reports.engine.filters import filter_rows
from reports.engine.report import REGISTRY
from smi_portal.access.scope import Viewer, scope
from smi_portal.data_issues.kinds import Cause
from smi_portal.data_issues.raising import LIMITS
from smi_portal.inventory.identifiers import normalise_device_id
from smi_portal.inventory.models import FindingCount
from smi_portal.lookup.recognise import Kind


@dataclass(frozen=True)
class Prefilled:
    """Device IDs for the form, the cause that goes with them, and what the person should know about them."""

    devices: tuple[str, ...] = ()
    cause: str = ""
    told: list[str] = field(default_factory=list)

    @property
    def initial(self) -> dict[str, str]:
        """The form's initial values."""
        return {"lines": "\n".join(self.devices), "cause": self.cause}


def prefilled(viewer: Viewer, given: QueryDict) -> Prefilled:
    """What the address asks for; what it asks wrongly is left out or told, never an error. Call outside any scope."""
    cause = given.get("cause", "").upper()
    cause = cause if cause in Cause.__members__ else ""
    try:
        if reference := given.get("devices", ""):
            return _of_list(viewer, reference, given.get("outcome", "") or FOUND, cause)
        if finding := given.get("finding", ""):
            return _of_finding(viewer, finding)
    except AskRefused as refused:
        return Prefilled(told=[sentence for found in refused.errors.values() for sentence in found])
    device = normalise_device_id(given.get("device", "")[:60])
    return Prefilled((device,) if device else (), cause)


def _of_list(viewer: Viewer, reference: str, outcome: str, cause: str) -> Prefilled:
    """A found line gives every device that it names; another its own Device ID, where it is one."""
    asked: dict[str, list[str]] = {"devices": [reference], "outcome": [outcome]}
    if outcome == FOUND:
        devices = _devices(viewer, "LIST_001", asked, "device_ids")
    else:
        asked["identifier_kind"] = [Kind.DEVICE.words]
        devices = _devices(viewer, "LIST_001", asked, "identifier")
    missing = Cause.NOT_THERE.value if outcome == NOT_FOUND else ""
    return _limited(
        devices, cause or missing, f"Your list {reference[:20]} has no such line with a Device ID."
    )


def _of_finding(viewer: Viewer, code: str) -> Prefilled:
    named = code.upper()
    devices = _devices(viewer, "DQ_001", {"finding": [named]}, "device_id", _few(viewer, named))
    cause = named if named in Cause.__members__ else ""
    return _limited(devices, cause, "None of your devices has that finding now.")


def _few(viewer: Viewer, code: str) -> bool:
    """Whether the last load counted no more devices with the finding than a submission takes."""
    if code not in Cause.__members__:  # whatever was typed, a NUL character too
        return True
    with scope(viewer):
        own = FindingCount.objects.filter(organisation_ref=viewer.organisation_id).order_by("-sequence")
        last = own.values_list("sequence", flat=True)[:1]
        counted = own.filter(sequence__in=last, finding=code).values_list("findings", flat=True).first()
    return (counted or 0) <= LIMITS.requests


def _devices(
    viewer: Viewer, code: str, given: dict[str, list[str]], column: str, few: bool = False
) -> list[str]:
    """The devices of a report's rows, each once, in its order. One more than a submission takes is enough to know.

    `few`: no more are expected, so that the database finds them all at once, and not in their order one by one.
    """
    ask = parse(REGISTRY[code], viewer, MultiValueDict(given))
    found: dict[str, None] = {}
    with scope(viewer):
        cells = filter_rows(ask).rows.ordered().values_list(column, flat=True)
        # Where they may be a million, they are read as they come, until there are enough.
        for cell in cells if few else cells.iterator(LIMITS.requests):
            found |= dict.fromkeys(filter(None, (cell or "").split(";")))
            if len(found) > LIMITS.requests:
                break
    return list(found)[: LIMITS.requests + 1]


def _limited(devices: Sequence[str], cause: str, none: str) -> Prefilled:
    told = [] if devices else [none]
    if len(devices) > LIMITS.requests:
        told = [
            f"There are more than {LIMITS.requests:,} devices, which is what a submission takes: the first "
            f"{LIMITS.requests:,} are filled in. Raise them, then the others from a file."
        ]
    return Prefilled(tuple(devices[: LIMITS.requests]), cause, told)
