"""What can be done with a file that takes longer than a request: ask for it, cancel it, make it again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from reports.engine.ask import AskRefused, parse
from reports.engine.filters import filter_rows
from reports.engine.report import Report, report_for
from reports.engine.rows import Rows
from reports.engine.run import FORMS, Dialect
from reports.exports import rights
from reports.exports.models import Export, ExportContent, Schedule, State
from reports.exports.queue import defer_make
from smi_portal.access.scope import Viewer, scope
from smi_portal.accounts.models import Person
from smi_portal.jobs import queue
from smi_portal.jobs.attempts import UNFINISHED

#: Keys that belong to a page, not to what is asked.
OF_A_PAGE = ("after", "before", "rows", "count", "summary", "density", "view")


@dataclass(frozen=True)
class Told:
    """An export with its content, as its organisation may know it."""

    export: Export
    content: ExportContent


def request(
    person: Person,
    report: Report | str,
    question: MultiValueDict[str, str] | str,
    form: str,
    schedule: Schedule | None = None,
) -> Export:
    """Ask for a file. Returns the export, queued; or the same person's unfinished one of the same question.

    `question` is a query string, or its keys and values: day, inputs, order, dialect. Raises AskRefused with
    sentences by key and a status (400 bad question, 403 not for this role), and its kind TooMuch (429, with
    `retry_after` seconds) at a fair-use cap. Nothing is recorded then.
    """
    try:
        viewer = rights.viewer_now(person)
    except rights.RightLost as lost:
        raise AskRefused({"report": [str(lost)]}, 403) from lost
    text = written(question)
    found = rows_of(viewer, report, text, form)
    code = found.ask.report.code
    with transaction.atomic():
        queue.one_at_a_time("exports", person.pk)
        same = _unfinished(person, viewer, code, text, form)
        if same is not None and schedule is None:
            return same
        if schedule is None:
            rights.check_request(person)
        else:
            rights.check_day(viewer.organisation_id)  # many may be due at one hour
        export = Export.objects.create(
            person=person, organisation_id=viewer.organisation_id, report=code, form=form, schedule=schedule
        )
        with scope(viewer):
            ExportContent(export=export, organisation_id=viewer.organisation_id, question=text).save(
                force_insert=True
            )
        defer_make(export.pk)
    return export


def rows_of(viewer: Viewer, report: Report | str, question: str, form: str) -> Rows:
    """The rows that a stored question asks for, as the viewer may see them now. Raises AskRefused."""
    declared = report_for(report) if isinstance(report, str) else report
    if declared is None:
        raise AskRefused({"report": [f"There is no report {report}."]}, 404)
    if form not in FORMS:
        raise AskRefused({"format": [f"“{form}” is not a format. Write one of: {', '.join(FORMS)}."]})
    dialect_of(question)
    return filter_rows(parse(declared, viewer, QueryDict(question))).rows


def dialect_of(question: str) -> Dialect:
    """The CSV dialect that a question asks for; the people's when it says nothing. Raises AskRefused."""
    said = QueryDict(question).get("dialect") or "people"
    if said == "people":
        return "people"
    if said == "machine":
        return "machine"
    raise AskRefused({"dialect": ["Write people or machine."]})


def written(question: MultiValueDict[str, str] | str) -> str:
    """The question as one query string, without what belongs to a page; the same question gives the same text."""
    data = QueryDict(question) if isinstance(question, str) else question
    kept = QueryDict(mutable=True)
    for key in sorted(data):
        values = [value for value in data.getlist(key) if value]
        if key not in OF_A_PAGE and values:
            kept.setlist(key, values)
    return kept.urlencode()


def cancel(export: Export) -> bool:
    """Stop it. Returns whether there was anything to stop; a worker notices within a second or two."""
    return bool(
        Export.objects.filter(pk=export.pk, state__in=UNFINISHED).update(state=State.CANCELLED, reason="")
    )


def again(person: Person, told: Told) -> Export:
    """Ask the same once more. Raises as `request`."""
    return request(person, told.export.report, told.content.question, told.export.form)


def find(viewer: Viewer, export_id: UUID) -> Told | None:
    """The viewer's organisation's export with this id; None for an absent and for another's alike."""
    export = (
        Export.objects.filter(pk=export_id, organisation_id=viewer.organisation_id)
        .select_related("person")
        .first()
    )
    if export is None:
        return None
    found = told(viewer, [export])
    return found[0] if found else None


def told(viewer: Viewer, exports: list[Export]) -> list[Told]:
    """These exports with their contents, in the same order."""
    with scope(viewer):
        contents = ExportContent.objects.in_bulk([export.pk for export in exports])
    return [Told(export, contents[export.pk]) for export in exports if export.pk in contents]


def _unfinished(person: Person, viewer: Viewer, code: str, question: str, form: str) -> Export | None:
    waiting = list(Export.objects.filter(person=person, report=code, form=form, state__in=UNFINISHED))
    same = [one.export for one in told(viewer, waiting) if one.content.question == question]
    return same[0] if same else None
