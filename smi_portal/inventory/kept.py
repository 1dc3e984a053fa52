"""Counts over everything that a viewer sees, kept until the next extract: until then they cannot change.

Each process keeps what it was asked. What takes long is worked out after a load by the worker, and found by every
process in the database, under its organisation's own row-level security (docs/decisions/0027).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache as once
from hashlib import sha256
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core.cache import cache

from smi_portal.access.scope import Viewer
from smi_portal.inventory.models import ExtractLoad, KeptAnswer

#: Seconds that a process keeps an answer, so that answers nobody asks for again do not fill the cache.
SECONDS = 3600

Value = TypeVar("Value")
_preparing: ContextVar[bool] = ContextVar("preparing", default=False)


@dataclass(frozen=True)
class AsJson(Generic[Value]):
    """How an answer is written down, and read again."""

    write: Callable[[Value], Any]
    read: Callable[[Any], Value]


def kept(
    name: str,
    viewer: Viewer,
    load: ExtractLoad,
    day: date,
    make: Callable[[], Value],
    prepared: AsJson[Value] | None = None,
) -> Value:
    """`make()`, or what it gave before for the same eyes, extract and day.

    The eyes are the reader (role and released fields) and the organisation, so a grant or a revocation is another
    answer at once. `name` says everything else that the answer depends on. Not for what people record on the site,
    which changes without an extract. `prepared`: the worker may have worked it out already; then call inside the
    viewer's scope.
    """
    who = f"{viewer.reader.value}:{viewer.organisation_id}"
    asked = f"{name}:{who}:{load.content_hash}:{day.isoformat()}"
    key = f"kept:{sha256(asked.encode()).hexdigest()}"  # inputs may be long, and hold what a key may not
    found: Value | None = None if _preparing.get() else cache.get(key)
    if found is None:
        found = _prepared(asked, viewer, load, make, prepared) if prepared else make()
        cache.set(key, found, SECONDS)
    return found


@contextmanager
def preparing() -> Iterator[None]:
    """Inside, answers that may be prepared are written down for every process. Call inside the viewer's scope."""
    token = _preparing.set(True)
    try:
        yield
    finally:
        _preparing.reset(token)


def forget_others(load: ExtractLoad) -> None:
    """Delete the answers of the scope's organisation that are of other extracts than `load`."""
    KeptAnswer.objects.exclude(sequence=load.sequence).delete()


def _prepared(
    asked: str, viewer: Viewer, load: ExtractLoad, make: Callable[[], Value], as_json: AsJson[Value]
) -> Value:
    key = sha256(f"{asked}:{_release()}".encode()).hexdigest()
    answer = KeptAnswer.objects.filter(key=key).values_list("answer", flat=True).first()
    if answer is not None:
        return as_json.read(answer)
    made = make()
    if _preparing.get():
        KeptAnswer.objects.create(
            organisation_ref=viewer.organisation_id,
            key=key,
            sequence=load.sequence,
            answer=as_json.write(made),
        )
    return made


@once
def _release() -> str:
    """The site's code, by its content: another release may answer otherwise."""
    digest = sha256()
    for folder in ("reports", "smi_portal"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
