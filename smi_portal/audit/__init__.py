"""The audit: who did what, when. Append-only, hash-chained with a key that the database never sees.

Others call `note` and nothing else of this package.
"""

from __future__ import annotations

from typing import Any


def note(kind: str, person: Any = None, organisation: Any = None, **details: Any) -> None:
    """Record that something happened; what cannot be recorded raises, so that it does not happen unrecorded.

    `kind`: what, in a few words ("signed in", "report page"); see `audit.kinds`. `person`: the account that did
    it, if any. `organisation`: whose part of the audit it belongs to (an Organisation or a Viewer), by default the
    person's own; None for what belongs to DCC alone. `details`: texts, whole numbers, booleans, days, and lists
    or dictionaries of these; long ones are cut and say so. Never a password, token or key.

    Inside a transaction the entry stands or falls with it; elsewhere it stands at once. Inside `scope(viewer)`
    only the viewer's own organisation can be named (DCC: any): the database enforces it.
    """
    from smi_portal.audit.record import write

    write(kind, person, organisation, details)
