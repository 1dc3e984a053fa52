"""How long property tests look: a little by default, long with `HYPOTHESIS_PROFILE=deep`."""

from __future__ import annotations

import os


def examples(usual: int, deep: int) -> int:
    """How many examples to try. KeyError for a profile that there is not."""
    return {"default": usual, "deep": deep}[os.environ.get("HYPOTHESIS_PROFILE") or "default"]
