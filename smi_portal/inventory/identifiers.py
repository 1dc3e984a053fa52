"""Identifiers of the Smart Metering Inventory: Device IDs, MPANs and MPRNs.

All of them are text: an MPAN of 13 digits is no number, and leading zeros count.
Together an MPAN (electricity) and an MPRN (gas) are called MPxN.
"""

import re
from operator import mul
from typing import Final

MPAN_LENGTH: Final = 13
MPRN_MAX_LENGTH: Final = 10
_MPAN_PRIMES: Final = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
#: What the digits' own codes (“0” is 48) add to a weighted sum of an MPAN's.
_MPAN_SURPLUS: Final = 48 * sum(_MPAN_PRIMES)
_HEX_16: Final = re.compile(r"[0-9A-F]{16}", re.ASCII)
_GROUPED: Final = re.compile(r"[0-9A-F]{2}(?:-[0-9A-F]{2}){7}|[0-9A-F]{2}(?::[0-9A-F]{2}){7}", re.ASCII)
_DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)


def normalise_device_id(text: str) -> str | None:
    """Return a Device ID (EUI-64) as stored: eight upper-case pairs with dashes; None when it is malformed.

    Either case is accepted, with dashes, with colons or without separators; blanks around it are ignored.

    >>> normalise_device_id("00-db-12-34-56-78-90-a0")
    '00-DB-12-34-56-78-90-A0'
    >>> normalise_device_id(" 00DB1234567890A0 ")
    '00-DB-12-34-56-78-90-A0'
    >>> normalise_device_id("00:DB:12:34:56:78:90:A0")
    '00-DB-12-34-56-78-90-A0'
    >>> normalise_device_id("00-DB-12-34-56-78-90") is None
    True
    """
    given = text.strip().upper()
    if _GROUPED.fullmatch(given):
        return given.replace(":", "-")
    if len(given) == 16 and _HEX_16.fullmatch(given):
        return "-".join(given[at : at + 2] for at in range(0, 16, 2))
    return None


def mpan_check_digit(body: str) -> str:
    """Return the check digit (one digit) of the first 12 digits of an MPAN.

    The digits are weighted with the primes 3 to 43 without 11; the sum is taken modulo 11, then modulo 10.
    Raises ValueError when `body` is not 12 digits.

    >>> mpan_check_digit("201234567890")
    '6'
    """
    if len(body) != MPAN_LENGTH - 1 or not _DIGITS.fullmatch(body):
        raise ValueError(f"An MPAN has 12 digits before its check digit, not {body!r}")
    # By character codes: lists of 100,000 are checked, and a byte is a number already.
    return str((sum(map(mul, body.encode(), _MPAN_PRIMES)) - _MPAN_SURPLUS) % 11 % 10)


def mprn_check_digits(body: str) -> str:
    """Return the two check digits of the body (all but the last two digits) of an MPRN.

    A body of n digits is weighted n, n-1, … 1; the sum is taken modulo 11 and written with two digits.
    Raises ValueError when `body` is not 1 to 8 digits.

    >>> mprn_check_digits("12345678")
    '10'
    >>> mprn_check_digits("1234")
    '09'
    """
    if not 1 <= len(body) <= MPRN_MAX_LENGTH - 2 or not _DIGITS.fullmatch(body):
        raise ValueError(f"An MPRN has 1 to 8 digits before its check digits, not {body!r}")
    return f"{sum(int(digit) * (len(body) - at) for at, digit in enumerate(body)) % 11:02d}"


def is_valid_mpan(text: str) -> bool:
    """Tell whether `text` is a 13-digit MPAN whose check digit is right.

    >>> is_valid_mpan("1000000000012"), is_valid_mpan("1000000000013"), is_valid_mpan("123409")
    (True, False, False)
    """
    if len(text) != MPAN_LENGTH or not _DIGITS.fullmatch(text):
        return False
    return mpan_check_digit(text[:-1]) == text[-1]


def is_valid_mprn(text: str) -> bool:
    """Tell whether `text` is an MPRN of 3 to 10 digits whose two check digits are right.

    >>> is_valid_mprn("3938424403"), is_valid_mprn("123409"), is_valid_mprn("3938424404")
    (True, True, False)
    """
    if not 3 <= len(text) <= MPRN_MAX_LENGTH or not _DIGITS.fullmatch(text):
        return False
    return mprn_check_digits(text[:-2]) == text[-2:]
