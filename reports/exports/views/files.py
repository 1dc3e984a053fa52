"""Pages of the files: what was asked for, one file and its progress, and the file itself."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reports.engine.ask import AskRefused
from reports.engine.report import report_for
from reports.engine.rows import Rows
from reports.engine.run import FORMS, counted_at_once
from reports.exports import jobs, rights, store
from reports.exports.delivery import deliver
from reports.exports.models import Export, State
from reports.exports.views.common import Shown, question_words
from smi_portal.access.declare import with_role
from smi_portal.access.entered import viewer_of
from smi_portal.accounts.rights import person_of
from smi_portal.fair_use import OverCap
from smi_portal.reader import reader_of

FILES_A_PAGE = 25


@require_safe
@with_role
def history(request: HttpRequest) -> HttpResponse:
    """The person's files, newest first; or with `?whose=organisation` those of all its people."""
    viewer, everyone = viewer_of(request), request.GET.get("whose") == "organisation"
    exports = Export.objects.filter(organisation_id=viewer.organisation_id).select_related("person")
    if not everyone:
        exports = exports.filter(person=person_of(request))
    page = Paginator(exports.order_by("-requested_at", "pk"), FILES_A_PAGE).get_page(request.GET.get("page"))
    shown = [_shown(request, told) for told in jobs.told(viewer, list(page.object_list))]
    return render(request, "exports/files.html", {"page": page, "files": shown, "everyone": everyone})


@require_http_methods(["GET", "HEAD", "POST"])
@with_role
def new(request: HttpRequest, code: str) -> HttpResponse:
    """Choose the format of a file (GET, with the question as the query), and ask for it (POST)."""
    report, viewer = report_for(code), viewer_of(request)
    if report is None:
        raise Http404
    if viewer.role not in report.roles:
        raise PermissionDenied(f"{report.code} is not for your role ({viewer.role.words}).")
    question = request.GET.copy()
    chosen = request.POST.get("format", "") if request.method == "POST" else question.get("format", "")
    question.pop("format", None)
    why = [key for key in ("large", "slow", "busy") if question.pop(key, None)]
    if request.method == "POST":
        question["dialect"] = "machine" if request.POST.get("dialect") == "machine" else ""
    text, problems, status = jobs.written(question), {}, 200
    found: Rows | None = None
    try:
        found = jobs.rows_of(viewer, report, text, "csv")
        if request.method == "POST":
            if not chosen:
                raise AskRefused({"format": ["Choose a format."]})
            return redirect("exports:export", jobs.request(person_of(request), report, text, chosen).pk)
    except AskRefused as refused:
        problems, status = refused.errors, refused.status
    context = {
        "declared": report,
        "forms": [{"key": key, "form": form, "chosen": key == chosen} for key, form in FORMS.items()],
        "question": question_words(report.code, text),
        "rows": _counted(found) if found else None,
        "machine": question.get("dialect") == "machine",
        "format_errors": problems.get("format", []),
        "problems": [(key, sentence) for key, said in problems.items() for sentence in said],
        "back": f"?{text}" if text else "",
        "why": why[0] if why else "",
    }
    return render(request, "exports/new.html", context, status=status)


@require_safe
@with_role
def export(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """One file: how far it is, or where to fetch it, or why there is none."""
    return render(request, "exports/export.html", _found(request, export_id).context())


@require_safe
@with_role
def progress(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """The part of that page which changes, for the script that asks every second or two."""
    return render(request, "exports/progress.html", _found(request, export_id).context())


@require_POST
@with_role
def cancel(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """Stop making it. Only the person who asked may; saying it twice is no mistake."""
    shown = _found(request, export_id)
    if not shown.mine:
        raise PermissionDenied("Only the person who asked for a file may cancel it.")
    if not jobs.cancel(shown.told.export) and shown.told.export.state != State.CANCELLED:
        messages.info(request, "It had finished before it could be cancelled.")
    return redirect("exports:export", export_id)


@require_POST
@with_role
def again(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """Ask for the same once more, as a new file of the person who clicks."""
    shown = _found(request, export_id)
    try:
        made = jobs.again(person_of(request), shown.told)
    except AskRefused as refused:
        messages.error(request, str(refused))
        return redirect("exports:export", export_id)
    return redirect("exports:export", made.pk)


@require_safe
@with_role
def download(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """The finished file, whole, after asking again whether this person may have it. Refusals say what to do."""
    shown = _found(request, export_id)
    if shown.state != State.READY:
        status = 410 if shown.state == State.EXPIRED else 409
        return render(request, "exports/export.html", shown.context(), status=status)
    try:
        reader_of(request)
        return deliver(shown, person_of(request), viewer_of(request), head=request.method == "HEAD")
    except rights.RightLost as lost:
        raise PermissionDenied(str(lost)) from lost
    except (rights.TooMuch, OverCap) as much:
        refused = render(request, "exports/refused.html", {**shown.context(), "why": str(much)}, status=429)
        refused["Retry-After"] = str(getattr(much, "retry_after", 3600))
        return refused
    except store.FileIsGone:
        why = "The file is no longer in the store. Make it again."
        return render(request, "exports/refused.html", {**shown.context(), "why": why}, status=410)


def _found(request: HttpRequest, export_id: UUID) -> Shown:
    told = jobs.find(viewer_of(request), export_id)
    if told is None:
        raise Http404
    return _shown(request, told)


def _shown(request: HttpRequest, told: jobs.Told) -> Shown:
    return Shown(told, mine=told.export.person_id == person_of(request).pk)


def _counted(found: Rows) -> tuple[int, bool] | None:
    """How many rows, up to what a direct download may have; and whether there are more. None: not known at once."""
    return counted_at_once(found, settings.SMI_DIRECT_ROWS, settings.SMI_DIRECT_SECONDS)
