"""What a text that somebody typed or pasted could identify; and why, when it can identify nothing.

Pure: nothing here knows whether such a device exists.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NamedTuple

from smi_portal.inventory.identifiers import (
    MPAN_LENGTH,
    MPRN_MAX_LENGTH,
    mpan_check_digit,
    mprn_check_digits,
    normalise_device_id,
)


class Kind(StrEnum):
    """What an identifier names a device by."""

    DEVICE = "device"
    MPXN = "mpxn"
    UPRN = "uprn"
    SERIAL = "serial"
    NOTHING = "malformed"

    @property
    def words(self) -> str:
        """The kind as people call it."""
        return {"device": "Device ID", "mpxn": "MPxN", "uprn": "UPRN", "serial": "Serial number"}.get(
            self.value, "Not an identifier"
        )


class Recognised(NamedTuple):
    """A text as an identifier: its kind, the value to look for, and what is wrong with it, if anything.

    `why` beside a kind other than NOTHING is a doubt, such as a wrong check digit: it is looked for all the same,
    since the inventory is known to hold such values.
    """

    kind: Kind
    value: str
    why: str = ""


UPRN_MAX_LENGTH: Final = 12
MAX_LENGTH: Final = 100
DEVICE_LENGTH: Final = 16
_DIGITS: Final = re.compile("[0-9]+", re.ASCII)
#: What Excel makes of a long number: 1.2E+12, 1,20E+12; and of a number column: 2012345678906.0
_MANGLED: Final = re.compile(r"[0-9]+([.,][0-9]+)?E\+?[0-9]{1,3}", re.ASCII | re.IGNORECASE)
_DECIMAL: Final = re.compile(r"([0-9]+)[.,]0+", re.ASCII)
_HEX_LIKE: Final = re.compile(r"[0-9A-Fa-f]{2}([-:]?[0-9A-Fa-f]{2}){4,}", re.ASCII)
_CONTROL: Final = re.compile("[\x00-\x1f]")
_SEPARATORS: Final = re.compile("[-: ]")
_GROUPING: Final = re.compile(r"[\s-]")
_POSTCODE: Final = re.compile(
    r"\b([A-Za-z]{1,2}[0-9][A-Za-z0-9]?)\s*([0-9][A-Za-z]{2})\b", re.ASCII
)  # outward and inward code


MANGLED: Final = (
    "A spreadsheet has turned it into a rounded number, so its last digits are lost: format the column as text "
    "before the identifiers go in, and copy them again."
)


def clean(text: str) -> str:
    """A cell or line as it was meant: without blanks around it, quotes of a copied CSV, or a leading apostrophe."""
    if text.isalnum():
        return text
    if not text.isascii():
        text = text.replace("\u00a0", " ").replace("\ufeff", "")
    return text.strip().strip('"').strip("'").strip()


def recognise(text: str, wanted: Kind | None = None) -> Recognised:
    """What `text` identifies; as `wanted`, when the person said what the identifiers are.

    An empty text is NOTHING without a reason. Of digits alone: 13 are an MPAN; 11 and 12 a UPRN; up to 10 an
    MPRN, unless `wanted` says otherwise.
    """
    given = clean(text)
    if not given:
        return Recognised(Kind.NOTHING, "")
    if len(given) > MAX_LENGTH or (not given.isprintable() and _CONTROL.search(given)):
        return _nothing("It is longer than any identifier, or holds control characters.")
    if not given.isdecimal():
        if _MANGLED.fullmatch(given) and wanted is not Kind.SERIAL:
            return _nothing(MANGLED)
        if decimal := _DECIMAL.fullmatch(given):
            given = decimal[1]
    if wanted is None:
        return _guess(given)
    return {Kind.DEVICE: _device, Kind.MPXN: _mpxn, Kind.UPRN: _uprn, Kind.SERIAL: _serial}[wanted](given)


def possible(text: str) -> list[Recognised]:
    """Everything that one searched text could be, for the search box: each is looked for."""
    given = clean(text)
    found = [each for each in (_device(given), _mpxn(given), _uprn(given)) if each.kind is not Kind.NOTHING]
    if given and len(given) <= MAX_LENGTH and not _MANGLED.fullmatch(given):
        found.append(_serial(given))
    return found


def address_in(text: str) -> tuple[str, str] | None:
    """Postcode and address identifier of a text such as "12, ZZ1 1ZZ" or "ZZ1 1ZZ 12"; None when there is none."""
    found = _POSTCODE.search(text)
    if found is None:
        return None
    rest = (text[: found.start()] + " " + text[found.end() :]).strip(" ,;\t")
    return (f"{found[1].upper()} {found[2].upper()}", " ".join(rest.split())) if rest else None


def tight(given: str) -> str:
    """Upper case, without the blanks and dashes with which people group digits, and postcodes."""
    return upper(given if given.isalnum() else _GROUPING.sub("", given))


def upper(text: str) -> str:
    """Upper case as the database's code-point collation has it: of ASCII letters alone."""
    if text.isascii():
        return text.upper()
    return "".join(character.upper() if character.isascii() else character for character in text)


def _guess(given: str) -> Recognised:
    if len(given) >= DEVICE_LENGTH and (device := normalise_device_id(given.replace(" ", ""))) is not None:
        return Recognised(Kind.DEVICE, device)
    digits = tight(given)
    if _DIGITS.fullmatch(digits):
        if len(digits) == MPAN_LENGTH or 3 <= len(digits) <= MPRN_MAX_LENGTH:
            return _mpxn(given)
        if len(digits) in (11, UPRN_MAX_LENGTH):
            return _uprn(given)
        return _nothing(f"{_count(len(digits))}: an MPAN has 13, an MPRN 3 to 10, a UPRN up to 12.")
    if _HEX_LIKE.fullmatch(given):
        return _device(given)
    if any(character.isdigit() for character in given) and re.fullmatch(r"[\w./-]{3,30}", given):
        return _serial(given)
    return _nothing("It is neither a Device ID, an MPxN, a UPRN nor a serial number.")


def _device(given: str) -> Recognised:
    value = normalise_device_id(given.replace(" ", ""))
    if value is not None:
        return Recognised(Kind.DEVICE, value)
    digits = _SEPARATORS.sub("", given)
    if len(digits) != DEVICE_LENGTH:
        return _nothing(f"A Device ID has 16 hexadecimal digits; this has {len(digits)} characters.")
    return _nothing("A Device ID has 16 hexadecimal digits, as 00-DB-12-34-56-78-90-A0.")


def _mpxn(given: str) -> Recognised:
    digits = tight(given)
    if not _DIGITS.fullmatch(digits):
        return _nothing("An MPxN has digits only.")
    if len(digits) == MPAN_LENGTH:
        right = mpan_check_digit(digits[:-1])
        why = "" if digits[-1] == right else f"Its check digit is wrong: these digits would end in {right}."
        return Recognised(Kind.MPXN, digits, why)
    if 3 <= len(digits) <= MPRN_MAX_LENGTH:
        right = mprn_check_digits(digits[:-2])
        why = "" if digits[-2:] == right else f"Its check digits are wrong: these would end in {right}."
        return Recognised(Kind.MPXN, digits, why)
    return _nothing(f"{_count(len(digits))}: an MPAN has 13, an MPRN 3 to 10.")


def _uprn(given: str) -> Recognised:
    digits = tight(given)
    if not _DIGITS.fullmatch(digits) or len(digits) > UPRN_MAX_LENGTH:
        return _nothing("A UPRN has up to 12 digits.")
    return Recognised(Kind.UPRN, digits.lstrip("0"))


def _serial(given: str) -> Recognised:
    return Recognised(Kind.SERIAL, upper(given))


def _count(number: int) -> str:
    return f"It has {number} digit{'' if number == 1 else 's'}"


def _nothing(why: str) -> Recognised:
    return Recognised(Kind.NOTHING, "", why)
