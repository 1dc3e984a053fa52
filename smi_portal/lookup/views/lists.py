"""Many identifiers at once: pasted or uploaded, looked up together, kept, downloaded, used in any report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reports.catalogue.list_001 import FOUND, MALFORMED, NOT_FOUND, REPEATED
from reports.engine.filters import filter_rows
from reports.engine.inputs import DEVICES
from reports.engine.report import reports_for
from reports.engine.table import cell
from smi_portal import audit, fair_use
from smi_portal.access.entered import viewer_of
from smi_portal.access.scope import Viewer, scope
from smi_portal.fair_use import OverCap
from smi_portal.lookup import lists
from smi_portal.lookup.models import DeviceList
from smi_portal.lookup.reading import CannotRead, Reading, cells_of_file, cells_of_text, read_cells
from smi_portal.lookup.recognise import Kind
from smi_portal.lookup.views.common import question, raise_url, sees_devices

SHOWN = 50  # lines on a list's page; the rest are a click away
OUTCOMES = (FOUND, NOT_FOUND, MALFORMED, REPEATED)
KINDS = [("", "Recognise them")] + [
    (kind.value, f"{kind.words}s") for kind in Kind if kind is not Kind.NOTHING
]


class ListForm(forms.Form):
    """Identifiers pasted or in a file, what they are, and a name to keep them by."""

    pasted = forms.CharField(label="Paste identifiers", required=False, strip=False)
    file = forms.FileField(label="Or upload a file", required=False, allow_empty_file=True)
    kind = forms.ChoiceField(label="What they are", required=False, choices=KINDS)
    name = forms.CharField(label="Name, to keep the list", required=False, max_length=100)

    def read(self) -> Reading | None:
        """The identifiers, or None with the form's errors."""
        pasted, file = self.cleaned_data["pasted"], self.cleaned_data["file"]
        kind = self.cleaned_data["kind"]
        if bool(pasted.strip()) == isinstance(file, UploadedFile):
            words = (
                "Either paste them or upload a file, not both."
                if file
                else "Give at least one identifier, or upload a file."
            )
            self.add_error("pasted", words)
            return None
        field = "file" if file else "pasted"
        try:
            cells = cells_of_file(file, file.name or "") if file else cells_of_text(pasted)
            return read_cells(cells, Kind(kind) if kind else None)
        except CannotRead as problem:
            self.add_error(field, str(problem))
            return None


class NameForm(forms.Form):
    """A list's name."""

    name = forms.CharField(label="Name", required=False, max_length=100)


@require_http_methods(["GET", "HEAD", "POST"])
@sees_devices
def lists_page(request: HttpRequest) -> HttpResponseBase:
    """The form, and the person's lists; a list that was sent is made, and its page shown (or why not, 400)."""
    viewer = viewer_of(request)
    form = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    reading = form.read() if form.is_bound and form.is_valid() else None
    if reading is not None:
        lines = lists.recognised(reading.texts, reading.wanted)
        source = " ".join(
            [form.cleaned_data["file"].name[:100] if form.cleaned_data["file"] else "Pasted.", *reading.notes]
        )
        try:
            fair_use.spend(request.user, "lookups", len(lines.given))
            with scope(viewer):
                reference = lists.make(viewer, lines, form.cleaned_data["name"].strip(), source)
            audit.note("list made", request.user, viewer, reference=reference, lines=len(lines.given))
            return redirect("lookup:list", reference)
        except OverCap as over:
            form.add_error(None, str(over))
        except lists.TooMany:
            form.add_error(
                None, f"You keep {lists.MOST_LISTS} lists, the most there can be: delete some first."
            )
    with scope(viewer):
        held = lists.listed(viewer)
    context = {"form": form, "lists": held, "days": lists.UNNAMED_DAYS, "most": lists.MOST_LINES}
    return render(request, "lookup/lists.html", context, status=400 if form.errors else 200)


@require_safe
@sees_devices
def list_page(request: HttpRequest, reference: str) -> HttpResponseBase:
    """One list: how many lines have which outcome, the first of them, and what can be done with it."""
    viewer = viewer_of(request)
    with scope(viewer):
        held = _held(viewer, reference)
        record = lists.mine(viewer).defer("given", "kinds", "identifiers", "repeats", "why").get(pk=held.pk)
        context = _summary(viewer, record)
    return render(request, "lookup/list.html", context)


@require_POST
@sees_devices
def rename(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Name the list, which keeps it."""
    viewer, form = viewer_of(request), NameForm(request.POST)
    name = form.cleaned_data["name"].strip() if form.is_valid() else ""
    with scope(viewer):
        held = _held(viewer, reference)
        if not form.errors:
            lists.rename(viewer, held, name)
    if form.errors:
        messages.error(request, "The name can have 100 characters at most, none of them a control character.")
    else:
        messages.success(request, f"The list is kept as “{name}”." if name else "The list has no name now.")
    return redirect("lookup:list", held.reference)


@require_POST
@sees_devices
def delete(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Delete the list. A second click finds it gone, and says the same."""
    viewer = viewer_of(request)
    with scope(viewer):
        held = lists.held_by(viewer, reference)
        if held is not None:
            lists.forget(viewer, held)
    messages.success(request, "The list is deleted.")
    return redirect("lookup:lists")


def _held(viewer: Viewer, reference: str) -> lists.Held:
    held = lists.held_by(viewer, reference)
    if held is None:
        raise Http404
    return held


def _summary(viewer: Viewer, record: DeviceList) -> dict[str, Any]:
    """Counts, the first lines, and links. Call inside the viewer's scope."""
    ask = question("LIST_001", viewer, devices=record.reference)
    found = filter_rows(ask).rows
    counted = dict(found.query.order_by().values_list("outcome").annotate(n=Count("*")))
    return {
        "list": record,
        "ask": ask,
        "total": sum(counted.values()),
        "outcomes": [
            {
                "name": name,
                "count": counted.get(name, 0),
                "url": _report("LIST_001", devices=record.reference, outcome=name),
            }
            for name in OUTCOMES
        ],
        "titles": [column.title for column in found.columns],
        "lines": [[cell(row[key]) for key in found.keys] for row in found.values().filter(line__lte=SHOWN)],
        "all_url": _report("LIST_001", devices=record.reference),
        "downloads": [
            {"label": label, "url": _file(extension, record.reference)}
            for extension, label in (("xlsx", "Excel"), ("csv", "CSV"))
        ],
        "reports": [
            {
                "code": report.code,
                "title": report.title,
                "url": _report(report.code, devices=record.reference),
            }
            for report in reports_for(viewer)
            if DEVICES in report.every_input
        ],
        "raises": _raises(record.reference, counted),
        "days": lists.UNNAMED_DAYS,
    }


def _raises(reference: str, counted: dict[str, int]) -> list[dict[str, str]]:
    """Links that raise data issues about lines of the list: those found, and those that are missing."""
    offered = ((FOUND, "the devices that were found"), (NOT_FOUND, "Device IDs that are missing"))
    return [
        {"words": words, "url": url}
        for outcome, words in offered
        if counted.get(outcome) and (url := raise_url(devices=reference, outcome=outcome))
    ]


def _report(code: str, **inputs: str) -> str:
    return f"{reverse('reports:report', args=[code])}?{urlencode(inputs)}"


def _file(extension: str, reference: str) -> str:
    address = reverse("reports:download", args=["LIST_001", extension])
    return f"{address}?{urlencode({'devices': reference})}"
