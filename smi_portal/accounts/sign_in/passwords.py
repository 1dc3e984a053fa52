"""The password rule (NCSC's advice): long enough, not a common one; no composition rules, no expiry."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

COMMON = "This password is one of the first that a guesser tries. Three words that have nothing to do with each other are better."


class NotGuessedFirst(CommonPasswordValidator):
    """Django's list of common passwords, also when one is made longer with digits, signs or repetition."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raises ValidationError for a common password, however it is padded."""
        if any(core in self.passwords for core in _cores(password)) or _runs(password.lower()):
            raise ValidationError(COMMON, code="password_too_common")
        rest = password.lower()
        for word in sorted({*_own_words(user), *SERVICE_WORDS}, key=len, reverse=True):
            rest = rest.replace(word, "")
        if len(rest) < SHORTEST:
            raise ValidationError(
                "This password is little more than a name of yours, your organisation’s or this service’s. "
                "Choose another.",
                code="password_too_similar",
            )

    def get_help_text(self) -> str:
        """What to tell somebody who chooses a password."""
        return "At least 12 characters. Three words that have nothing to do with each other are good."


#: Characters that must be left of a password once its padding is taken away.
SHORTEST = 4
#: What somebody who guesses at this service tries first (docs/sign-in.md lists them).
SERVICE_WORDS = frozenset(
    [
        *("smart", "meter", "metering", "inventory", "portal", "report", "reports", "reporting"),
        *(
            "supplier",
            "suppliers",
            "device",
            "devices",
            "asset",
            "assets",
            "provider",
            "energy",
            "electricity",
        ),
        *("secas", "admin", "administrator", "operator", "password", "welcome"),
    ]
)


#: What fingers type by themselves.
RUNS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb")


def _runs(password: str) -> bool:
    """Whether it is a run along the keyboard or the alphabet, or a few characters over and over."""
    few = re.fullmatch(r"(.{1,3})\1+.{0,2}", password)
    along = any(password in (run * 4)[::step] for run in RUNS for step in (1, -1))
    return bool(few) or along


def _cores(password: str) -> set[str]:
    """The password in lower case; without digits and signs around it; and what it repeats."""
    whole = password.lower().strip()
    repeated = re.fullmatch(r"(.+?)\1+", whole)
    core = whole.strip("0123456789!£$%^&*()-_=+[]{};:'@#~,.<>/?\\| ")
    return {whole, core, repeated.group(1) if repeated else whole}


def _own_words(user: Any) -> list[str]:
    """The person's address and name, and their organisation's name."""
    organisation = getattr(user, "organisation", None) if getattr(user, "organisation_id", None) else None
    said = [getattr(user, "email", ""), getattr(user, "name", ""), getattr(organisation, "name", "")]
    words = {word.lower() for one in said for word in [one, *re.split(r"[\W_]+", one or "")] if word}
    return [word for word in words if len(word) >= SHORTEST]
