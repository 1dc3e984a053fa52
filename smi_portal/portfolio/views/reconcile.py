"""Reconciling a ledger on the web: upload, how its columns are called, the answer, and what was kept before."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from reports.engine.run import CONTENT_TYPES
from smi_portal.access.entered import recorder_of
from smi_portal.access.scope import Viewer, scope
from smi_portal.accounts.rights import person_of
from smi_portal.inventory.models import ExtractLoad
from smi_portal.portfolio.asking import Period, Refused, last_month, period
from smi_portal.portfolio.models import Reconciliation
from smi_portal.portfolio.rates import RateField
from smi_portal.portfolio.reconcile import Options, evidence, jobs, reconcile
from smi_portal.portfolio.reconcile.mapping import FIELDS
from smi_portal.portfolio.reconcile.run import TooManyLines, headings_at_once
from smi_portal.portfolio.views.common import PARTIES, as_file, for_portfolio, note

#: A file of more bytes or lines is compared by the worker: it would take longer than a page should.
DIRECT_BYTES, DIRECT_LINES = 2_000_000, 50_000


class LedgerForm(forms.Form):
    """A ledger, its period, a rate, and how its columns are called."""

    file = forms.FileField(
        label="Your ledger, invoice or asset register",
        allow_empty_file=True,
        error_messages={"required": "Choose a .csv or .xlsx file."},
    )
    start = forms.CharField(
        label="First day",
        max_length=40,
        error_messages={"required": "Enter the first day, such as 2018-11-01."},
    )
    end = forms.CharField(
        label="The day after the last",
        max_length=40,
        error_messages={"required": "Enter the day after the last, such as 2018-12-01."},
    )
    rate = RateField(label="Pounds a day, for lines without a rate (optional)")
    saved = forms.ChoiceField(label="How its columns are called", required=False)
    save_as = forms.CharField(
        label="Keep this mapping under the name (optional)", required=False, max_length=80
    )

    def __init__(self, *args: Any, names: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = ("", "As below, or by usual headings")
        self.fields["saved"].choices = [usual, *((name, name) for name in names)]  # type: ignore[attr-defined]
        for field, meaning in FIELDS.items():
            self.fields[f"map_{field}"] = forms.CharField(
                label=f"{meaning[0].upper()}{meaning[1:]}", required=False, max_length=200
            )

    @property
    def mapping_fields(self) -> list[forms.BoundField]:
        """A field for each column that a ledger may have."""
        return [self[f"map_{field}"] for field in FIELDS]

    def clean_file(self) -> UploadedFile[Any]:
        """Not more than the site takes."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > settings.SMI_MAX_LEDGER:
            raise forms.ValidationError(
                f"The file is larger than {settings.SMI_MAX_LEDGER // 1_000_000} MB: split it, or ask your operator "
                "to run “manage.py reconcile”, which has no limit."
            )
        return file

    def headings(self, saved: dict[str, dict[str, str]]) -> dict[str, str]:
        """Field → heading: the saved mapping, with what was typed before it."""
        typed = {field: self.cleaned_data[f"map_{field}"].strip() for field in FIELDS}
        return saved.get(self.cleaned_data["saved"], {}) | {
            field: text for field, text in typed.items() if text
        }


@require_http_methods(["GET", "HEAD", "POST"])
@for_portfolio(PARTIES)
def start(request: HttpRequest, viewer: Viewer, load: ExtractLoad) -> HttpResponseBase:
    """The form, and what was kept before. A file that cannot be used: what is wrong, beside its field."""
    saved = evidence.mappings(viewer)
    usual = last_month(load.day)
    if request.method != "POST":
        first, end = usual.start.isoformat(), usual.end.isoformat()  # written as the hint asks for it
        form = LedgerForm(initial={"start": first, "end": end}, names=list(saved))
        return _page(request, viewer, form)
    form = LedgerForm(request.POST, request.FILES, names=list(saved))
    if form.is_valid():
        try:
            return _answer(request, viewer, load, form, form.headings(saved))
        except Refused as refused:
            places = {"from": "start", "to": "end", "file": "file"}
            for key, sentences in refused.errors.items():
                form.add_error(places.get(key), sentences)
    return _page(request, viewer, form, 400)


@require_safe
@for_portfolio(PARTIES)
def result(request: HttpRequest, viewer: Viewer, load: ExtractLoad, kept_id: str) -> HttpResponse:
    """One reconciliation: its totals, what it was made from, its workbook."""
    kept = _kept(viewer, kept_id)
    facts = [(label, text) for label, text in kept.facts]
    context = {"kept": kept, "facts": facts, "load": load, "readable": evidence.is_readable(viewer, kept)}
    return render(request, "portfolio/reconciliation.html", context)


@require_safe
@for_portfolio(PARTIES)
def result_file(request: HttpRequest, viewer: Viewer, load: ExtractLoad, kept_id: str) -> HttpResponseBase:
    """The workbook as it was made."""
    kept = _kept(viewer, kept_id)
    if not evidence.is_readable(viewer, kept):
        raise Http404
    note(request, "reconciliation downloaded", reconciliation=str(kept.pk))
    response = StreamingHttpResponse(evidence.workbook(viewer, kept), content_type=CONTENT_TYPES["xlsx"])
    return as_file(response, evidence.filename(viewer, kept))


def _page(request: HttpRequest, viewer: Viewer, form: LedgerForm, status: int = 200) -> HttpResponse:
    with scope(viewer):
        before = list(Reconciliation.objects.order_by("-made_at")[:100])
    context = {
        "form": form,
        "before": before,
        "under_way": jobs.recent(viewer),
        "most_megabytes": settings.SMI_MAX_LEDGER // 1_000_000,
    }
    return render(request, "portfolio/reconcile.html", context, status=status)


def _answer(
    request: HttpRequest, viewer: Viewer, load: ExtractLoad, form: LedgerForm, headings: dict[str, str]
) -> HttpResponseBase:
    """To the result of a small ledger, or to the page of a large one. Raises Refused."""
    given = form.cleaned_data
    days = period(given["start"], given["end"], load)
    options = Options(headings, given["rate"])
    with _on_disk(given["file"]) as path:
        heads = headings_at_once(path, options, given["file"].name)
        place = _place(request, viewer, path, given["file"].name, days, options)
    if name := given["save_as"].strip():
        used = {field: heads.titles[at] for field, at in heads.places.items()} if heads else headings
        evidence.save_mapping(viewer, name, used, recorder_of(request))
    return redirect(*place)


def _place(
    request: HttpRequest, viewer: Viewer, path: Path, name: str, days: Period, options: Options
) -> tuple[str, str]:
    """Where the answer is, or will be."""
    if path.stat().st_size <= DIRECT_BYTES:
        try:
            kept = _reconcile(request, viewer, path, name, days, replace(options, most_lines=DIRECT_LINES))
            return "reconcile:result", str(kept.pk)
        except TooManyLines:  # a packed workbook may hold many in few bytes
            pass
    job = jobs.request(person_of(request), viewer, path, name, days, options)
    return "reconcile:ledger", str(job.pk)


def _reconcile(
    request: HttpRequest, viewer: Viewer, path: Path, name: str, days: Period, options: Options
) -> Reconciliation:
    outcome = reconcile(viewer, path, days, options, lambda _step: None, name)
    try:
        kept = evidence.keep(outcome, path, recorder_of(request))
    finally:
        outcome.spool.close()
    note(request, "ledger reconciled", reconciliation=str(kept.pk), period=str(days), file=kept.file)
    return kept


@contextmanager
def _on_disk(file: UploadedFile[Any]) -> Iterator[Path]:
    """The upload under a name with its own ending; gone afterwards."""
    ending = Path(file.name or "").suffix.lower()[:8]
    with tempfile.NamedTemporaryFile(prefix="smi-ledger-", suffix=ending) as target:
        for chunk in file.chunks():
            target.write(chunk)
        target.flush()
        yield Path(target.name)


def _kept(viewer: Viewer, key: str) -> Reconciliation:
    try:
        wanted = uuid.UUID(key)
    except ValueError:
        raise Http404 from None
    with scope(viewer):
        found = Reconciliation.objects.filter(pk=wanted).first()
    if found is None:
        raise Http404
    return found
