"""Questions put to the product as its pages, files and commands put them: parse, filter, stream."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.utils.datastructures import MultiValueDict

from reports.engine.ask import Ask, AskRefused, parse
from reports.engine.filters import filter_rows
from reports.engine.report import report_for
from reports.engine.run import stream
from smi_portal.access.readers import FieldGroup
from smi_portal.access.scope import Viewer
from smi_portal.accounts.models import viewer_for
from smi_portal.inventory.models import Organisation


def viewer_of(organisation: str, released: Iterable[str] = ()) -> Viewer | None:
    """The viewer of an organisation with these field groups released to it; None = it may see nothing."""
    found = Organisation.objects.filter(organisation=organisation).first()
    viewer = viewer_for(found) if found else None
    return replace(viewer, released=frozenset(map(FieldGroup, released))) if viewer else None


def ask_of(viewer: Viewer, code: str, **given: str | Sequence[str] | None) -> Ask:
    """A parsed question. Raises AskRefused."""
    report = report_for(code)
    assert report is not None
    return parse(report, viewer, query(given))


def query(given: Mapping[str, str | Sequence[str] | None]) -> MultiValueDict[str, str]:
    """Keys and values as a query string gives them."""
    lists = {key: [value] if isinstance(value, str) else list(value) for key, value in given.items() if value}
    return MultiValueDict(lists)


def table(viewer: Viewer | None, code: str, **given: str | Sequence[str] | None) -> list[list[str]]:
    """Header and rows of the machine CSV. Raises AskRefused, as for a viewer that may see nothing."""
    if viewer is None:
        raise AskRefused({"report": ["No viewer."]}, 403)
    made = stream(filter_rows(ask_of(viewer, code, **given)).rows, "csv", "machine")
    return list(csv.reader(io.StringIO(b"".join(made.chunks).decode(), newline="")))
