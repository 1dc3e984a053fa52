"""What a token is made of: `smi_`, 40 random letters and digits (238 bits), and six that check the rest.

The beginning lets secret scanners find a token that somebody published by mistake; the check tells a mistyped
one without asking the database. Only the SHA-256 is stored: a value this random needs no salt and no slow hash.
"""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib

PREFIX = "smi_"
RANDOM, CHECK = 40, 6
ALPHABET = string.ascii_letters + string.digits


def make() -> str:
    """A new token in clear: to be shown once and forgotten."""
    body = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return body + _check(body)


def is_well_formed(text: str) -> bool:
    """Whether `make` could have made it."""
    body, check = text[:-CHECK], text[-CHECK:]
    return (
        len(text) == len(PREFIX) + RANDOM + CHECK
        and body.startswith(PREFIX)
        and set(body.removeprefix(PREFIX)) <= set(ALPHABET)
        and check == _check(body)
    )


def digest(text: str) -> str:
    """What is stored of a token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def hint(text: str) -> str:
    """The last letters, by which a person tells tokens apart."""
    return text[-4:]


def _check(body: str) -> str:
    """CRC-32 in base 62: says nothing of the random part that an attacker could use."""
    number, letters = zlib.crc32(body.encode()), ""
    for _ in range(CHECK):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return letters
