"""Ledgers for programs: hand one in as it is, see how far it is, fetch the workbook. The same jobs as on the pages."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse

from reports.api.operations import FILE_COST, channel, covered, operation
from reports.api.telling import moment, told
from reports.engine.ask import AskRefused
from reports.engine.run import CONTENT_TYPES
from smi_portal import audit
from smi_portal.access.entered import viewer_of
from smi_portal.access.scope import Viewer, scope
from smi_portal.accounts.acting import RightLost
from smi_portal.accounts.rights import person_of
from smi_portal.portfolio.asking import Refused, current_load, last_month, period
from smi_portal.portfolio.ledger_models import LedgerJob, LedgerState
from smi_portal.portfolio.models import Reconciliation
from smi_portal.portfolio.rates import read_rate
from smi_portal.portfolio.reconcile import Options, evidence, jobs
from smi_portal.portfolio.reconcile.mapping import FIELDS
from smi_portal.problems import Problem
from smi_portal.tokens.covering import RECONCILE
from smi_portal.uploads import announced

#: Content type of a ledger → the ending of its name.
KINDS = {"text/csv": ".csv", CONTENT_TYPES["xlsx"]: ".xlsx"}
KEYS = ("from", "to", "rate", "mapping", "name", *(f"map.{field}" for field in FIELDS))
NEWEST = 50
PATIENCE = 2  # seconds between two looks
CHUNK = 1_000_000  # bytes


@operation("GET", "POST", cost=1)
def reconciliations(request: HttpRequest) -> HttpResponse:
    """Hand a ledger in (POST: 202 with its job), or the newest of the token's person (GET)."""
    covered(request, RECONCILE)
    return _hand_in(request) if request.method == "POST" else _listed(request)


@operation("GET", "DELETE")
def reconciliation(request: HttpRequest, job: UUID) -> HttpResponse:
    """How far a ledger is and, when it has been compared, its totals (GET); cancel it (DELETE)."""
    covered(request, RECONCILE)
    found = _found(request, job)
    if request.method == "DELETE":
        jobs.cancel(viewer_of(request), found.job)
        return HttpResponse(status=204)
    response = told(_described(request, found))
    if found.job.unfinished:
        response["Retry-After"] = str(PATIENCE)
    return response


@operation("GET", cost=FILE_COST)
def workbook(request: HttpRequest, job: UUID) -> HttpResponseBase:
    """The workbook, after asking again whether its reader may still have it."""
    covered(request, RECONCILE)
    found, viewer = _found(request, job), viewer_of(request)
    kept = _result(viewer, found)
    if kept is None:
        wait = {"Retry-After": str(PATIENCE)} if found.job.unfinished else {}
        words = f"The ledger is {found.job.state}. {found.job.reason} {found.ledger.problem}".strip()
        raise Problem("job-not-ready", words, headers=wait)
    if not evidence.is_readable(viewer, kept):
        raise RightLost("It names suppliers, and those are no longer released to your organisation.")
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse()
    else:
        audit.note(
            "reconciliation downloaded",
            request.user,
            viewer,
            reconciliation=str(kept.pk),
            channel=channel(request),
        )
        response = StreamingHttpResponse(evidence.workbook(viewer, kept))
    response["Content-Type"] = CONTENT_TYPES["xlsx"]
    response["Content-Disposition"] = f'attachment; filename="{evidence.filename(viewer, kept)}"'
    response["SMI-Extract-Sequence"] = str(kept.extract_sequence)
    response["ETag"] = f'"{kept.sha256}"'
    return response


def _hand_in(request: HttpRequest) -> HttpResponse:
    viewer, load, data = viewer_of(request), current_load(), request.GET
    errors = {key: [f"“{key}” is not an input here. There are: {', '.join(KEYS)}."] for key in data}
    errors = {key: found for key, found in errors.items() if key not in KEYS}
    usual = last_month(load.day)
    asked, rate = usual, None
    try:
        asked = period(data.get("from") or usual.start, data.get("to") or usual.end, load)
    except Refused as refused:
        errors |= refused.errors
    try:
        rate = read_rate(data.get("rate"))
    except Refused as refused:
        errors |= refused.errors
    mapping = {field: text.strip() for field in FIELDS if (text := data.get(f"map.{field}") or "").strip()}
    if name := data.get("mapping"):
        saved = evidence.mappings(viewer)
        if name not in saved:
            errors["mapping"] = ["Your organisation has kept no mapping under this name."]
        mapping = saved.get(name, {}) | mapping
    if errors:
        raise AskRefused(errors)
    ending = KINDS.get(request.content_type or "")
    if ending is None:
        raise Problem("bad-body", f"Send the ledger itself, as one of: {', '.join(KINDS)}.")
    stem = Path(data.get("name") or "ledger").name[:150].removesuffix(ending)
    with tempfile.TemporaryDirectory(prefix="smi-ledger-") as folder:
        path = Path(folder) / f"ledger{ending}"
        _receive(request, path)
        options = Options(mapping, rate)
        job = jobs.request(person_of(request), viewer, path, f"{stem}{ending}", asked, options)
    response = told(_described(request, _found(request, job.pk)), status=202)
    response["Location"] = _address(request, job.pk)
    response["Retry-After"] = str(PATIENCE)
    return response


def _receive(request: HttpRequest, path: Path) -> None:
    """Write the body to disk, piece by piece. Raises Problem when it is too long, or does not say how long it is."""
    if not announced(request):
        raise Problem("bad-body", "The body is empty, or its length is not announced (Content-Length).")
    size = 0
    with path.open("wb") as file:
        while piece := request.read(CHUNK):
            size += len(piece)
            if size > settings.SMI_MAX_LEDGER:
                raise Problem("bad-body", f"The ledger is longer than {settings.SMI_MAX_LEDGER:,} bytes.")
            file.write(piece)


def _listed(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    own = LedgerJob.objects.filter(person=person_of(request), organisation_id=viewer.organisation_id)
    newest = jobs.told(viewer, list(own.order_by("-requested_at", "pk")[:NEWEST]))
    return told({"reconciliations": [_described(request, found) for found in newest]})


def _found(request: HttpRequest, job: UUID) -> jobs.Told:
    """The person's own. Raises Problem; for absent and foreign alike."""
    found = jobs.find(viewer_of(request), job)
    if found is None or found.job.person_id != person_of(request).pk:
        raise Problem("not-found", "There is no such reconciliation of yours.")
    return found


def _result(viewer: Viewer, found: jobs.Told) -> Reconciliation | None:
    if found.job.state != LedgerState.READY or found.ledger.result is None:
        return None
    with scope(viewer):
        return Reconciliation.objects.filter(pk=found.ledger.result).first()


def _described(request: HttpRequest, found: jobs.Told) -> dict[str, Any]:
    job, ledger = found.job, found.ledger
    kept = _result(viewer_of(request), found)
    address = _address(request, job.pk)
    return {
        "id": str(job.pk),
        "file": ledger.name,
        "file_sha256": ledger.sha256,
        "from": ledger.period_from,
        "to": ledger.period_to,
        "state": job.state,
        "reason": " ".join(filter(None, [job.reason, ledger.problem])),
        "lines_done": ledger.done,
        "lines_total": ledger.total,
        "requested_at": moment(job.requested_at),
        "finished_at": moment(job.finished_at),
        "extract_sequence": kept.extract_sequence if kept else None,
        "sha256": kept.sha256 if kept else None,
        "totals": [dict(zip(kept.totals["headings"], row, strict=True)) for row in kept.totals["rows"]]
        if kept
        else None,
        "links": {"self": address, "workbook": f"{address}/workbook.xlsx" if kept else None},
    }


def _address(request: HttpRequest, job: UUID) -> str:
    return request.build_absolute_uri(reverse("api:reconciliation", args=[job]))
