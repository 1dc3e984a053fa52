"""Exports asked for and made, as the pages and the worker do it."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command

from reports.exports import jobs
from reports.exports.making import make
from reports.exports.models import Export, ExportContent, State
from smi_portal.access.scope import Viewer, scope
from smi_portal.accounts.models import Person
from tests.support.asking import viewer_of
from tests.support.people import RELEASED, address


def person(organisation: str) -> Person:
    """The organisation's person."""
    return Person.objects.get(email=address(organisation))


def viewer(organisation: str) -> Viewer:
    """The organisation's viewer, with its releases."""
    found = viewer_of(organisation, RELEASED.get(organisation, ()))
    assert found is not None
    return found


def ask(organisation: str = "M1", report: str = "RSMI_001", question: str = "", form: str = "csv") -> Export:
    """A queued export."""
    return jobs.request(person(organisation), report, question, form)


def made(organisation: str = "M1", report: str = "RSMI_001", question: str = "", form: str = "csv") -> Export:
    """A finished export."""
    export = ask(organisation, report, question, form)
    assert make(export.pk, lambda: False) == State.READY
    export.refresh_from_db()
    return export


def content(export: Export, organisation: str = "M1") -> ExportContent:
    """Its content, as its organisation reads it."""
    with scope(viewer(organisation)):
        return ExportContent.objects.get(pk=export.pk)


def run_worker() -> None:
    """A worker that does what is queued, and ends."""
    call_command("worker", once=True)


def fetch(client: Any, export: Export) -> Any:
    """The answer to a download."""
    return client.get(f"/files/{export.pk}/download/")
