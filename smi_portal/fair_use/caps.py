"""The caps, and what a person is told who has reached one. Sector norm; the figures are our design, by setting."""

from __future__ import annotations

from typing import Literal

from django.conf import settings

What = Literal["lookups", "rows"]
WHATS: tuple[What, ...] = ("lookups", "rows")
WORDS: dict[str, tuple[str, str]] = {
    "lookups": ("look-up by identifier", "look-ups by identifier"),
    "rows": ("exported row", "exported rows"),
}


class OverCap(Exception):
    """More than today's cap. `str(error)` is a sentence for the person; `status` what a page or API answers."""

    status = 429

    def __init__(self, what: What, asked: int, remaining: int, cap: int) -> None:
        self.what, self.asked, self.remaining, self.cap = what, asked, remaining, cap
        rest = (
            f"You have {remaining:,} of {cap:,} left today, and this needs {asked:,}."
            if remaining
            else f"You have used all {cap:,} of today."
        )
        super().__init__(
            f"This is more than one person may use in a day: {words(what, 2)}. {rest} "
            "You can go on tomorrow, or ask an administrator of your organisation to lift the limit for today."
        )


def base_cap(what: What) -> int:
    """One person's cap for one day, before any lift."""
    return int(settings.SMI_DAILY_CAPS[what])


def words(what: str, number: int) -> str:
    """What is counted, in words for `number` of them."""
    one, many = WORDS[what]
    return one if number == 1 else many
