"""One look-up, whoever asks: counted, answered inside the viewer's scope, and noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.datastructures import MultiValueDict

from reports.engine.ask import Ask, parse
from reports.engine.devices import rows_of
from reports.engine.report import REGISTRY
from smi_portal import audit, fair_use
from smi_portal.access.scope import scope
from smi_portal.inventory.models import ExtractLoad
from smi_portal.lookup.criteria import FindForm, found_by


@dataclass(frozen=True)
class Answer:
    """The devices that the criterion names, and the rows of those and of their homes."""

    ask: Ask
    named: Sequence[str]
    rows: Sequence[dict[str, Any]]


def question(form: FindForm, load: ExtractLoad | None = None) -> Ask:
    """The day that the form asks about, of this extract or the current one. Raises AskRefused."""
    day = str(form.cleaned_data.get("as_at") or "")
    given = MultiValueDict({"as_at": [day]} if day else {})
    return parse(REGISTRY["SRV_8_2"], form.viewer, given, load)


def read_inventory(person: Any, form: FindForm, channel: str, load: ExtractLoad | None = None) -> Answer:
    """Answer a valid form that asks something. Call outside any scope. Raises AskRefused and OverCap."""
    ask = question(form, load)
    fair_use.spend(person, "lookups")
    with scope(form.viewer):
        found = found_by(ask, form)
        rows = rows_of(ask, list(found)) if found else []
    named = [device for device, is_named in found.items() if is_named]
    asked = {name: value for name, value in form.cleaned_data.items() if value and name != "as_at"}
    audit.note(
        "device look-up", person, form.viewer, **asked, as_at=ask.day, found=len(named), channel=channel
    )
    return Answer(ask, named, rows)
