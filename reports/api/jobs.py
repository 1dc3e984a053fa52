"""Files that take longer than a request: ask for one, see how far it is, fetch it. The same jobs as on the pages."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from reports.api.operations import FILE_COST, operation, report_of, token_of
from reports.api.question import read
from reports.api.telling import moment, told
from reports.engine.run import CONTENT_TYPES
from reports.exports import jobs
from reports.exports.delivery import deliver
from reports.exports.models import Export, State
from reports.exports.views.common import Shown
from smi_portal.access.entered import viewer_of
from smi_portal.accounts.rights import person_of
from smi_portal.problems import Problem

#: Bytes of a body that are read; a question is far shorter.
MOST_BYTES = 65_536
#: Jobs in the list.
NEWEST = 50
#: Seconds between two looks at a job that is not ready.
PATIENCE = 2


@operation("POST")
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for a file. 202 with the job; the same question again while it is unfinished gives the same job."""
    report, viewer = report_of(request, code), viewer_of(request)
    form, question = _body(request)
    read(report, viewer, question, ())
    question["dialect"] = "machine"
    export = jobs.request(person_of(request), report, question, form)
    response = told(_described(request, _found(request, export.pk)), status=202)
    response["Location"] = _address(request, export.pk)
    response["Retry-After"] = str(PATIENCE)
    return response


@operation("GET")
def listed(request: HttpRequest) -> HttpResponse:
    """The newest jobs of the token's person, for the reports that it covers."""
    viewer = viewer_of(request)
    own = Export.objects.filter(
        person=person_of(request),
        organisation_id=viewer.organisation_id,
        report__in=token_of(request).covers,
    )
    newest = list(own.select_related("person").order_by("-requested_at", "pk")[:NEWEST])
    return told({"jobs": [_described(request, Shown(one, mine=True)) for one in jobs.told(viewer, newest)]})


@operation("GET", "DELETE")
def job(request: HttpRequest, job: UUID) -> HttpResponse:
    """How far a job is (GET); cancel it (DELETE), which twice does no harm."""
    found = _found(request, job)
    if request.method == "DELETE":
        jobs.cancel(found.told.export)
        return HttpResponse(status=204)
    response = told(_described(request, found))
    if found.told.export.unfinished:
        response["Retry-After"] = str(PATIENCE)
    return response


@operation("GET", cost=FILE_COST)
def file(request: HttpRequest, job: UUID) -> HttpResponseBase:
    """The finished file, after asking again whether this person may have it."""
    found = _found(request, job)
    if found.state == State.EXPIRED:
        raise Problem("file-gone", "The file has expired: ask for it again.")
    if found.state != State.READY:
        wait = {"Retry-After": str(PATIENCE)} if found.told.export.unfinished else {}
        words = f"The job is {found.state}. {found.told.export.reason}".strip()
        raise Problem("job-not-ready", words, headers=wait)
    return deliver(found, person_of(request), viewer_of(request), head=request.method == "HEAD")


def _found(request: HttpRequest, job: UUID) -> Shown:
    """The person's own job, of a report that the token covers. Raises Problem; for absent and foreign alike."""
    found = jobs.find(viewer_of(request), job)
    if found is None or found.export.person_id != person_of(request).pk:
        raise Problem("not-found", "There is no such job of yours.")
    report_of(request, found.export.report)
    return Shown(found, mine=True)


def _described(request: HttpRequest, found: Shown) -> dict[str, Any]:
    export, content = found.told.export, found.told.content
    address = _address(request, export.pk)
    return {
        "id": str(export.pk),
        "report": export.report,
        "format": export.form,
        "question": content.question,
        "state": found.state,
        "reason": export.reason,
        "rows_done": content.done,
        "rows_total": content.total,
        "requested_at": moment(export.requested_at),
        "finished_at": moment(export.finished_at),
        "expires_at": moment(export.expires_at),
        "extract_sequence": content.extract_sequence,
        "size": content.size,
        "sha256": content.sha256 or None,
        "links": {"self": address, "file": f"{address}/file" if found.state == State.READY else None},
    }


def _body(request: HttpRequest) -> tuple[str, MultiValueDict[str, str]]:
    """Format and question of the request's JSON. Raises Problem naming what is wrong."""
    if request.content_type != "application/json":
        raise Problem("bad-body", "Send the body as application/json.")
    data = request.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Problem("bad-body", f"The body is longer than {MOST_BYTES:,} bytes.")
    try:
        given = json.loads(data)
        json.dumps(given, ensure_ascii=False).encode()  # half a surrogate pair could not even be told about
    except (ValueError, RecursionError):
        raise Problem("bad-body", "The body is no JSON in UTF-8.") from None
    if not isinstance(given, dict):
        raise Problem("bad-body", 'Send an object, such as {"format": "csv", "question": {}}.')
    form, question = given.get("format"), given.get("question", {})
    errors = {key: [f"There is no “{key}” in a job: it has format and question."] for key in given}
    errors = {key: found for key, found in errors.items() if key not in {"format", "question"}}
    if not isinstance(form, str) or form not in CONTENT_TYPES:
        errors["format"] = [f"Write one of: {', '.join(CONTENT_TYPES)}."]
    if not isinstance(question, dict):
        errors["question"] = ["Write an object of inputs and their values."]
    values = {key: _texts(value) for key, value in question.items()} if isinstance(question, dict) else {}
    errors |= {
        key: ["Write a text, a whole number, true or false, or a list of texts."]
        for key, texts in values.items()
        if texts is None
    }
    if errors:
        raise Problem("bad-body", " ".join(s for found in errors.values() for s in found), errors=errors)
    return str(form), MultiValueDict({key: texts or [] for key, texts in values.items()})


def _texts(value: Any) -> list[str] | None:
    """A value of a question as a query string would have it; None for what it cannot be."""
    if isinstance(value, list):
        return value if all(isinstance(item, str) for item in value) else None
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if value is None:
        return []
    return [str(value)] if isinstance(value, str | int) else None


def _address(request: HttpRequest, job: UUID) -> str:
    return request.build_absolute_uri(reverse("api:job", args=[job]))
