"""The pre-flight's page: paste or upload requests, see which would be refused, why, and what to do."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from smi_portal import fair_use
from smi_portal.access.declare import with_role
from smi_portal.access.entered import viewer_of
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer
from smi_portal.attachments import csv_file
from smi_portal.inventory.models import ExtractLoad
from smi_portal.preflight.readers.limits import PAGE, sized
from smi_portal.preflight.readers.table import HELP
from smi_portal.preflight.visit import HEADINGS, SHOWN, Checked, judged, read_visit

SENDERS = (Role.SUPPLIER, Role.MAP)
#: Pasted text that the page gives back for correction.
KEPT = 200_000


@require_http_methods(["GET", "HEAD", "POST"])
@with_role
def check(request: HttpRequest) -> HttpResponseBase:
    """The form; after a POST its verdicts, on the page or as a file. Nothing is stored or sent anywhere."""
    viewer = viewer_of(request)
    if viewer.role not in SENDERS:
        raise PermissionDenied("The pre-flight is for those who send service requests: suppliers and MAPs.")
    text = request.POST.get("text", "")
    files = request.FILES.getlist("files")
    if request.method != "POST":
        return _page(request)
    if ExtractLoad.current() is None:
        return _page(request, "No extract has been loaded yet, so there is nothing to check against.", text)
    if not text.strip() and not files:
        return _page(request, "Paste requests or choose a file first.", text)
    if len(files) > PAGE.requests:
        return _page(request, f"Choose at most {PAGE.requests:,} files, or put them into a zip.", text)
    found = read_visit(text, files)
    try:
        checked = judged(request.user, viewer, found, as_file="csv" in request.POST)
    except fair_use.OverCap as over:
        return _page(request, str(over), text)
    if "csv" in request.POST:
        return _file(viewer, checked)
    return _page(request, "", text, checked)


def _file(viewer: Viewer, checked: Checked) -> HttpResponseBase:
    return csv_file("preflight", viewer, HEADINGS, checked.rows())


def _page(
    request: HttpRequest, error: str = "", text: str = "", checked: Checked | None = None
) -> HttpResponseBase:
    context = {
        "error": error,
        "text": text if len(text) <= KEPT else "",
        "checked": checked,
        "total": len(checked.verdicts) if checked else 0,
        "shown": SHOWN,
        "columns": HELP.items(),
        "most": PAGE.requests,
        "largest": sized(PAGE.file),
    }
    return render(request, "preflight/check.html", context, status=400 if error else 200)
