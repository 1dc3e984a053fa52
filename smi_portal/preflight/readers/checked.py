"""Values that every reader checks alike: XML and CSV must not differ in what they let through."""

from __future__ import annotations

import re

from smi_portal.inventory.identifiers import MPAN_LENGTH, MPRN_MAX_LENGTH
from smi_portal.preflight.requests import MpxnKind
from smi_portal.preflight.rules import DEVICE_TYPES, KNOWN_STATUSES

_DIGITS = re.compile(r"[0-9]+", re.ASCII)
#: What a spreadsheet makes of a long number: 1.2E+12, 1,2E+12.
_MANGLED = re.compile(r"[0-9]([.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE | re.ASCII)


class Unreadable(Exception):
    """A request, or a line of a file, that cannot be read as one; with sentences for its sender."""

    def __init__(self, reason: str, resolution: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.resolution = resolution


def status_of(text: str) -> str:
    """A device status. Raises Unreadable for a word that is none."""
    if text in KNOWN_STATUSES:
        return text
    raise Unreadable(
        f"{text[:60]!r} is not a device status." if text else "The new status is missing.",
        f"Statuses are: {', '.join(sorted(KNOWN_STATUSES))}.",
    )


def device_type_of(text: str) -> str:
    """A device type. Raises Unreadable for a word that is none."""
    if text in DEVICE_TYPES:
        return text
    raise Unreadable(
        f"{text[:60]!r} is not a device type." if text else "The device type is missing.",
        f"Device types are: {', '.join(DEVICE_TYPES)}.",
    )


def refuse_mangled(text: str) -> None:
    """Raises Unreadable for what a spreadsheet has made of an identifier."""
    if _MANGLED.fullmatch(text):
        raise Unreadable(
            f"{text[:40]} is an identifier that a spreadsheet has turned into a number; its digits are lost.",
            "Format the column as text in the spreadsheet, and paste or export the identifiers again.",
        )


def mpxn_of(text: str, kind: MpxnKind) -> str:
    """An MPAN or MPRN as text. A wrong check digit is no reason to refuse: real registrations have them."""
    given = text.replace(" ", "")
    refuse_mangled(given)
    most = MPRN_MAX_LENGTH if kind is MpxnKind.IMPORT else 0
    if _DIGITS.fullmatch(given) and (len(given) == MPAN_LENGTH or len(given) <= most):
        return given
    raise Unreadable(
        f"{text[:40]!r} is no {kind.words}.",
        "An MPAN has 13 digits"
        + (f"; an MPRN has up to {MPRN_MAX_LENGTH}." if most else "; an MPRN cannot stand here."),
    )
