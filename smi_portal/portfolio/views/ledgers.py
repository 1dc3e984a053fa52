"""A large ledger on its way: how far it is, cancel, and from there to its result."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from smi_portal.access.scope import Viewer
from smi_portal.accounts.rights import person_of
from smi_portal.inventory.models import ExtractLoad
from smi_portal.portfolio.ledger_models import LedgerState
from smi_portal.portfolio.reconcile import jobs
from smi_portal.portfolio.views.common import PARTIES, for_portfolio

#: Seconds without a sign of life after which the page says so.
SILENT = timedelta(seconds=30)


@require_safe
@for_portfolio(PARTIES)
def page(request: HttpRequest, viewer: Viewer, load: ExtractLoad, job_id: UUID) -> HttpResponseBase:
    """One ledger: how far it is, or why there is no result; with a result, straight to it."""
    told = _found(viewer, job_id)
    if told.job.state == LedgerState.READY:
        return redirect("reconcile:result", str(told.ledger.result))
    return render(request, "portfolio/ledger.html", _context(request, told))


@require_safe
@for_portfolio(PARTIES)
def progress(request: HttpRequest, viewer: Viewer, load: ExtractLoad, job_id: UUID) -> HttpResponse:
    """The part of that page which changes, for the script that asks every two seconds."""
    return render(request, "portfolio/_ledger.html", _context(request, _found(viewer, job_id)))


@require_POST
@for_portfolio(PARTIES)
def cancel(request: HttpRequest, viewer: Viewer, load: ExtractLoad, job_id: UUID) -> HttpResponse:
    """Stop it. Only the person who handed it in may; saying it twice is no mistake."""
    told = _found(viewer, job_id)
    if told.job.person_id != person_of(request).pk:
        raise PermissionDenied("Only the person who handed a ledger in may cancel it.")
    if not jobs.cancel(viewer, told.job) and told.job.state != LedgerState.CANCELLED:
        messages.info(request, "It had finished before it could be cancelled.")
    return redirect("reconcile:ledger", job_id)


def _context(request: HttpRequest, told: jobs.Told) -> dict[str, object]:
    job = told.job
    silent = (
        job.state == LedgerState.RUNNING and job.beat_at is not None and timezone.now() - job.beat_at > SILENT
    )
    return {
        "told": told,
        "job": job,
        "ledger": told.ledger,
        "mine": job.person_id == person_of(request).pk,
        "silent": silent,
    }


def _found(viewer: Viewer, job_id: UUID) -> jobs.Told:
    told = jobs.find(viewer, job_id)
    if told is None:
        raise Http404
    return told
