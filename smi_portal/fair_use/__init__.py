"""Fair use: how much one person may look up and take away in a day.

Others call `spend`, `charge` and `left`, and catch `OverCap`; nothing else of this package.
"""

from __future__ import annotations

from typing import Any

from smi_portal.fair_use.caps import OverCap, What


def spend(person: Any, what: What, n: int = 1) -> int:
    """Count `n` look-ups by identifier ("lookups") or exported rows ("rows") against today's cap.

    Returns how many are left today. Raises OverCap, with a sentence for the person, when `n` is more than what is
    left: nothing is then counted, and the refusal is recorded in the audit. All or nothing, also when several
    requests spend at once. Call it before the work and outside `scope(viewer)`: counting is the site's, not a
    viewer's.
    """
    from smi_portal.fair_use.counting import spend as count

    return count(person, what, n)


def left(person: Any, what: What) -> int:
    """How many are left today; 0 = blocked until tomorrow or a lift."""
    from smi_portal.fair_use.counting import left as remaining

    return remaining(person, what)


def charge(person: Any, what: What, n: int) -> None:
    """Count what is known only afterwards, such as the rows of a file that was streamed; it may pass the cap.

    The person is then blocked as if they had spent it. Never raises OverCap.
    """
    from smi_portal.fair_use.counting import charge as count

    count(person, what, n)


__all__ = ["OverCap", "What", "charge", "left", "spend"]
