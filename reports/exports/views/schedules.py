"""Pages of the schedules: what arrives by itself, setting one up, pausing it, and what it did lately."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reports.engine.report import report_for
from reports.exports.schedule_models import Schedule, Standing
from reports.exports.schedules import keeping
from reports.exports.schedules.calendar import words
from reports.exports.schedules.running import run_now, why_not
from reports.exports.views.common import Shown, question_words
from reports.exports.views.schedule_forms import DumpForm, ScheduleForm
from smi_portal.access.declare import administrators, with_role
from smi_portal.access.entered import viewer_of
from smi_portal.accounts.rights import is_administrator, person_of

RUNS_SHOWN = 20


@require_safe
@with_role
def listing(request: HttpRequest) -> HttpResponse:
    """The person's schedules, and the organisation's data dump."""
    viewer, person = viewer_of(request), person_of(request)
    found = keeping.schedules(viewer, person)
    context = {
        "schedules": [_row(one) for one in found if not one.schedule.is_dump],
        "dump": next((_row(one) for one in found if one.schedule.is_dump), None),
        "may_dump": is_administrator(person) and keeping.dump_report(viewer) is not None,
    }
    return render(request, "exports/schedules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@with_role
def new(request: HttpRequest, code: str) -> HttpResponse:
    """Save a report with its inputs (the query), to be made regularly."""
    report, viewer = report_for(code), viewer_of(request)
    if report is None:
        raise Http404
    if viewer.role not in report.roles:
        raise PermissionDenied(f"{report.code} is not for your role ({viewer.role.words}).")
    question, fixed_day = keeping.regular(request.GET)
    problems = keeping.problems(viewer, report, question)
    form = ScheduleForm(request.POST if request.method == "POST" else None, initial={"name": report.title})
    if request.method == "POST" and not problems and form.is_valid():
        made = keeping.save(person_of(request), viewer, report.code, question, **form.cleaned_data)
        if isinstance(made, Schedule):
            messages.success(request, f"Saved. It is due next on {made.next_on:%-d %B %Y}.")
            return redirect("schedules:schedule", made.pk)
        form.add_error(None, made)
    context = {
        "declared": report,
        "form": form,
        "problems": problems,
        "question": [
            (label, value) for label, value in question_words(code.upper(), question) if label != "As at"
        ],
        "fixed_day": fixed_day,
        "back": f"?{request.GET.urlencode()}" if request.GET else "",
    }
    wrong = bool(problems) or (request.method == "POST")
    return render(request, "exports/schedule_form.html", context, status=400 if wrong else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def dump(request: HttpRequest) -> HttpResponse:
    """Set up the organisation's monthly data dump; where there is one already, go to it."""
    viewer, person = viewer_of(request), person_of(request)
    standing = keeping.dump_of(viewer)
    if standing is not None:
        return redirect("schedules:schedule", standing.pk)
    report = keeping.dump_report(viewer)
    if report is None:
        raise PermissionDenied("There is no report of assets for your role, so there is nothing to dump.")
    form = DumpForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = keeping.save_dump(person, viewer, **form.cleaned_data)
        return redirect("schedules:schedule", made.pk)
    context = {"report": report, "form": form, "months": keeping.dump_months()}
    return render(request, "exports/dump_form.html", context, status=400 if request.method == "POST" else 200)


@require_safe
@with_role
def schedule(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """One schedule: what, when, whether it runs, and its last runs."""
    found = _found(request, schedule_id)
    runs = found.schedule.runs.select_related("export__person").order_by("-due_on")[:RUNS_SHOWN]
    told = keeping.told_runs(viewer_of(request), list(runs))
    rows = [(run, Shown(one, mine=False) if one else None) for run, one in told]
    context = {**_row(found), "runs": rows, "may_change": _may_change(request, found.schedule)}
    return render(request, "exports/schedule.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@with_role
def edit(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """Change name, format and rhythm of one's own schedule. What it asks stays: another question is another schedule."""
    found, viewer = _found(request, schedule_id), viewer_of(request)
    if found.schedule.is_dump or not _may_change(request, found.schedule):
        raise PermissionDenied(
            "Only the person who set a schedule up may change it, and a data dump is removed instead."
        )
    form = ScheduleForm(request.POST if request.method == "POST" else None, initial=ScheduleForm.of(found))
    if request.method == "POST" and form.is_valid():
        keeping.change(found, viewer, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("schedules:schedule", schedule_id)
    context = {
        **_row(found),
        "declared": report_for(found.schedule.report),
        "form": form,
        "editing": found.schedule,
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "exports/schedule_form.html", context, status=status)


@require_POST
@with_role
def change(request: HttpRequest, schedule_id: UUID, action: str) -> HttpResponse:
    """Pause, resume, run now or remove. Resuming asks again whether its owner may have it."""
    found = _found(request, schedule_id).schedule
    if not _may_change(request, found):
        raise PermissionDenied(
            "Only the person who set this up, or an administrator for the data dump, may change it."
        )
    if found.is_dump and found.person_id != person_of(request).pk and action == "resume":
        found = keeping.take_over(found, person_of(request))
    if action == "remove":
        keeping.put(found, Standing.REMOVED)
        messages.success(request, "Removed. Files that it made stay until they expire.")
        return redirect("schedules:schedules")
    if action == "pause":
        keeping.put(found, Standing.PAUSED)
    elif action == "resume":
        reason = why_not(found)
        if reason:
            messages.error(request, f"It cannot be resumed yet: {reason}")
        else:
            keeping.resume(found)
    elif action == "run":
        run = run_now(found, datetime.now(UTC).date())
        run.refresh_from_db()
        if run.export_id:
            return redirect("exports:export", run.export_id)
        messages.error(request, run.problem or "It could not be run.")
    else:
        raise Http404
    return redirect("schedules:schedule", schedule_id)


def _found(request: HttpRequest, schedule_id: UUID) -> keeping.Kept:
    found = keeping.find(viewer_of(request), person_of(request), schedule_id)
    if found is None:
        raise Http404
    return found


def _may_change(request: HttpRequest, found: Schedule) -> bool:
    person = person_of(request)
    return is_administrator(person) if found.is_dump else found.person_id == person.pk


def _row(kept: keeping.Kept) -> dict[str, Any]:
    """A schedule as the templates show it."""
    schedule, report = kept.schedule, report_for(kept.schedule.report)
    return {
        "schedule": schedule,
        "name": "Monthly data dump" if schedule.is_dump else kept.content.name,
        "title": f"{schedule.report} {report.title}" if report else schedule.report,
        "rhythm": words(schedule.rhythm, schedule.number),
        "question": [
            (label, value)
            for label, value in question_words(schedule.report, kept.content.question)
            if label != "As at"
        ],
    }
