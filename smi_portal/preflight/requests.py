"""A service request as the rules see it, whatever file it came in; and the verdict on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

UPDATE = "8.4"
PRE_NOTIFICATION = "12.2"
CHECKED = (UPDATE, PRE_NOTIFICATION)


class Change(StrEnum):
    """What an SRV 8.4 asks for; exactly one of them. `NOTHING`: the request names no change at all."""

    STATUS = "UpdateDeviceStatusExceptCH"
    HUB_STATUS = "UpdateDeviceStatusCH"
    DETAILS = "UpdateDeviceDetails"
    DELETE = "DeleteDevice"
    MPXN = "UpdateMPxN"
    NOTHING = "nothing"


class MpxnKind(StrEnum):
    """Which of a device's MPxNs: named as in the extract."""

    IMPORT = "IMPORT"
    SECONDARY_IMPORT = "SECONDARY_IMPORT"
    EXPORT = "EXPORT"

    @property
    def words(self) -> str:
        """The kind within a sentence."""
        return {
            "IMPORT": "import MPxN",
            "SECONDARY_IMPORT": "secondary import MPAN",
            "EXPORT": "export MPAN",
        }[self.value]


@dataclass(frozen=True)
class Product:
    """What the Certified Products List knows a device by. None = not said."""

    device_type: str | None = None
    variant: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    firmware_version: str | None = None

    @property
    def variant_class(self) -> str | None:
        """The first letter of the ESME variant, which is its class on the CPL."""
        return self.variant[:1] if self.variant else None


@dataclass(frozen=True)
class Place:
    """Where a request was read: the file (in a zip `archive.zip/name`), and the line in a CSV."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}, line {self.line}"


@dataclass(frozen=True)
class Request:
    """One SRV 8.4 or 12.2. `product` holds the details it carries; `map_id` None = it carries none."""

    place: Place
    request_id: str | None
    variant: str
    device_id: str
    change: Change | None = None
    status: str | None = None
    product: Product = field(default_factory=Product)
    smets_chts_version: str | None = None
    map_id: str | None = None
    mpxn_kind: MpxnKind | None = None
    mpxn: str | None = None

    @property
    def changes_product(self) -> bool:
        """Whether it carries anything of what the CPL knows a device by."""
        return self.product != Product()

    @property
    def map_id_alone(self) -> bool:
        """Whether the MAP ID is the only detail (the backfill's request)."""
        return self.map_id is not None and not self.changes_product and self.smets_chts_version is None


class Outcome(StrEnum):
    """What can be said of a request beforehand."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_CHECKED = "not_checked"
    MALFORMED = "malformed"


@dataclass(frozen=True)
class Verdict:
    """What would become of one request, why, and what to do. `code` and the sentences are None when accepted."""

    place: Place
    request_id: str | None
    variant: str | None
    device_id: str | None
    outcome: Outcome
    code: str | None = None
    reason: str | None = None
    resolution: str | None = None

    def as_json(self) -> dict[str, str | int | None]:
        """The object that the command, the file and the API give for it."""
        found: dict[str, str | int | None] = {
            "file": self.place.file,
            "request_id": self.request_id,
            "service_reference_variant": self.variant,
            "device_id": self.device_id,
            "verdict": self.outcome.value,
            "code": self.code,
            "reason": self.reason,
            "resolution": self.resolution,
        }
        return found if self.place.line is None else found | {"line": self.place.line}


def malformed(
    place: Place,
    reason: str,
    resolution: str,
    request_id: str | None = None,
    variant: str | None = None,
    device_id: str | None = None,
) -> Verdict:
    """A request that cannot be read as one."""
    return Verdict(place, request_id, variant, device_id, Outcome.MALFORMED, None, reason, resolution)


def not_checked(place: Place, request_id: str | None, variant: str, device_id: str | None = None) -> Verdict:
    """A request of a kind that the portal has no rules for."""
    return Verdict(
        place,
        request_id,
        variant,
        device_id,
        Outcome.NOT_CHECKED,
        None,
        f"Service reference variant {variant} is not checked: only 8.4 (Update Inventory) and 12.2 "
        "(Device Pre-notification) are.",
        "Nothing has to be done here; DCC's own answer decides.",
    )
