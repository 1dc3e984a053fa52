"""Counts over everything that a viewer sees, kept until the next extract: until then they cannot change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import TypeVar

from django.core.cache import cache

from smi_portal.access.scope import Viewer
from smi_portal.inventory.models import ExtractLoad

#: Seconds that an answer is kept, so that answers nobody asks for again do not fill the cache.
SECONDS = 3600

Value = TypeVar("Value")


def kept(name: str, viewer: Viewer, load: ExtractLoad, day: date, make: Callable[[], Value]) -> Value:
    """`make()`, or what it gave before for the same eyes, extract and day.

    The eyes are the reader (role and released fields) and the organisation, so a grant or a revocation is another
    answer at once. `name` says everything else that the answer depends on. Not for what people record on the site,
    which changes without an extract.
    """
    who = f"{viewer.reader.value}:{viewer.organisation_id}"
    asked = f"{name}:{who}:{load.content_hash}:{day.isoformat()}"
    key = f"kept:{sha256(asked.encode()).hexdigest()}"  # inputs may be long, and hold what a key may not
    found: Value | None = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, SECONDS)
    return found
