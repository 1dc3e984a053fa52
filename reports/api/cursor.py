"""Where the next page begins: signed, and good for one question of one extract only.

A cursor is for its reader to send back as it is. It holds the last row's sort values, which the reader was shown,
the question's digest and the extract's sequence; the signature keeps anyone from walking along values that they
were never given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.core import signing

from reports.api.question import Question
from reports.engine.ask import AskRefused
from smi_portal.inventory.models import ExtractLoad
from smi_portal.problems import Problem

SALT = "smi.api.cursor"


def make(question: Question, after: str) -> str:
    """The cursor of the page that begins after the engine's place `after`."""
    return sealed(after, _told(question), question.found.ask.load)


def read(question: Question, first: str) -> str | None:
    """The engine's place in the question's cursor; None for the first page. Raises as `opened`."""
    after = opened(question.own.get("cursor"), _told(question), question.found.ask.load, first)
    return None if after is None else str(after)


def sealed(place: Any, told: Sequence[str], load: ExtractLoad) -> str:
    """A cursor for this place. `told`: the question and its asker, without the extract: the same on every page."""
    return signing.dumps([place, _digest(told), load.sequence], salt=SALT, compress=True)


def opened(text: str | None, told: Sequence[str], load: ExtractLoad, first: str) -> Any:
    """The place in a cursor; None without one. `first`: the first page's address.

    Raises AskRefused for a cursor that is broken or another question's, Problem (410) for one of an extract that
    was replaced: rows of two extracts do not fit together, so none is given.
    """
    if not text:
        return None
    try:
        place, digest, sequence = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError):
        raise AskRefused(
            {"cursor": ["This is not a cursor that was given out here. Send it as it was, or start again."]}
        ) from None
    if sequence != load.sequence:
        raise Problem(
            "extract-changed",
            f"This cursor belongs to extract {sequence}; extract {load.sequence} has been loaded since. Start again.",
            extra={"first": first},
        )
    if digest != _digest(told):
        raise AskRefused(
            {"cursor": ["This cursor belongs to another question. Change only the cursor between pages."]}
        )
    return place


def _digest(told: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:32]


def _told(question: Question) -> list[str]:
    """The question and its asker."""
    ask = question.found.ask
    told = [ask.report.code, ask.viewer.reader.value, str(ask.viewer.organisation_id), ask.day.isoformat()]
    told += [str(ask.history), *ask.sort]
    return told + [
        f"{key}={value}"
        for key, values in sorted(ask.given.lists())
        for value in sorted(filter(None, values))
    ]
