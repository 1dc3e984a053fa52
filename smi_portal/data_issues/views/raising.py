"""Raising: type, paste or upload lines, see where each would go, and raise them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from smi_portal import audit, fair_use
from smi_portal.access.entered import recorder_of, viewer_of
from smi_portal.access.scope import Viewer, scope
from smi_portal.data_issues import raising
from smi_portal.data_issues.forms import RaiseForm
from smi_portal.data_issues.kinds import Route
from smi_portal.data_issues.models import Submission
from smi_portal.data_issues.views.common import RAISERS, for_roles
from smi_portal.data_issues.views.prefill import prefilled
from smi_portal.days import Days
from smi_portal.preflight.readers.limits import FileRefused, sized

#: Checked lines that the page shows, and pasted text that it gives back.
SHOWN, KEPT = 200, 1_000_000
_TOKEN = re.compile(r"[0-9A-Z]{10}")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*RAISERS)
def raise_lines(request: HttpRequest, days: Days) -> HttpResponseBase:
    """The form (filled in as the link asks: see `prefill`); its check; and the raising, once for each form."""
    if request.method != "POST":
        given = prefilled(viewer_of(request), request.GET)
        return _page(request, RaiseForm(initial=given.initial), raising.new_reference(), told=given.told)
    token = request.POST.get("token", "")
    token = token if _TOKEN.fullmatch(token) else raising.new_reference()
    viewer = viewer_of(request)
    own = raising.reference_of(viewer.organisation_id, token)
    if _is_mine(viewer, own):  # a second click, or the form sent again after going back
        return redirect("data-issues:submission", own)
    form = RaiseForm(request.POST)
    file = request.FILES.get("file")
    if not form.is_valid():
        return _page(request, form, token)
    try:
        content = _content(form, file)
        drafts = raising.read_drafts(content, file.name or "file" if file else "pasted", form.defaults())
        fair_use.spend(request.user, "lookups", len(drafts))
    except FileRefused as refused:
        form.add_error("lines", f"{refused.reason} {refused.resolution}")
        return _page(request, form, token)
    except fair_use.OverCap as over:
        form.add_error("lines", str(over))
        return _page(request, form, token)
    checked = raising.pre_check(viewer, drafts)
    if "check" in request.POST:
        return _page(request, form, token, checked, content)
    made = _record(request, days, form, checked, own)
    if made is None:
        return redirect("data-issues:submission", own)
    audit.note("data issues raised", request.user, submission=made.reference, lines=made.lines)
    return redirect("data-issues:submission", made.reference)


def _is_mine(viewer: Viewer, reference: str) -> bool:
    with scope(viewer):
        mine = Submission.objects.filter(reference=reference, raiser_org_id=viewer.organisation_id)
        return mine.exists()


def _record(
    request: HttpRequest, days: Days, form: RaiseForm, checked: list[raising.Checked], own: str
) -> Submission | None:
    """The new submission; None when the same form has made one at the same moment."""
    viewer, note = viewer_of(request), form.cleaned_data["note"]
    source = "FILE" if request.FILES else "PAGE"
    for reference in (own, raising.new_reference()):
        try:
            with scope(viewer):
                return raising.record(
                    viewer,
                    recorder_of(request),
                    checked,
                    reference,
                    source,
                    note,
                    days.today,
                    days.load.sequence,
                )
        except raising.ReferenceTaken:
            if _is_mine(viewer, own):
                return None
    raise RuntimeError("No free reference was found.")  # one in 32 ** 10


def _content(form: RaiseForm, file: UploadedFile[Any] | None) -> bytes:
    text = form.cleaned_data["lines"]
    if file is None:
        if not text.strip():
            raise FileRefused("There is no line.", "Enter at least one Device ID, or choose a file.")
        return bytes(text.encode("utf-8", "replace"))
    if text.strip():
        raise FileRefused("There are lines here and a file as well.", "Send one of them.")
    if (file.size or 0) > raising.LIMITS.file:
        raise FileRefused(
            "The file is too large.", f"At most {sized(raising.LIMITS.file)} are read: split it."
        )
    content = file.read()
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise FileRefused(
            "The file is a workbook or an archive.", "Save the sheet as CSV (UTF-8), and send that."
        )
    return bytes(content)


def _page(
    request: HttpRequest,
    form: RaiseForm,
    token: str,
    checked: list[raising.Checked] | None = None,
    content: bytes = b"",
    told: Sequence[str] = (),
) -> HttpResponseBase:
    context: dict[str, Any] = {"form": form, "token": token, "most": raising.LIMITS.requests, "told": told}
    context["text"] = form["lines"].value() or ""
    if checked is not None:
        counted = Counter(one.routed.route for one in checked)
        context |= {
            "checked": checked[:SHOWN],
            "total": len(checked),
            "sums": [(route.words, counted[route]) for route in Route if counted[route]],
            "text": content.decode("utf-8-sig", "replace") if len(content) <= KEPT else "",
            "kept": len(content) <= KEPT,
        }
    return render(request, "data_issues/raise.html", context, status=400 if form.errors else 200)
