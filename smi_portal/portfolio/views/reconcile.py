"""Reconciling a ledger on the web: upload, how its columns are called, the answer, and what was kept before."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from reports.engine.run import CONTENT_TYPES
from smi_portal.access.scope import Viewer, scope
from smi_portal.inventory.models import ExtractLoad
from smi_portal.portfolio.asking import Refused, last_month, period
from smi_portal.portfolio.models import Reconciliation
from smi_portal.portfolio.reconcile import Options, evidence, reconcile
from smi_portal.portfolio.reconcile.mapping import FIELDS
from smi_portal.portfolio.views.common import PARTIES, as_file, for_portfolio, note, person_of

MOST_BYTES = 30_000_000
#: More lines take longer than a page should; `manage.py reconcile` has no limit.
MOST_LINES = 100_000


class LedgerForm(forms.Form):
    """A ledger, its period, a rate, and how its columns are called."""

    file = forms.FileField(
        label="Your ledger, invoice or asset register",
        allow_empty_file=True,
        error_messages={"required": "Choose a .csv or .xlsx file."},
    )
    start = forms.CharField(label="First day", max_length=40)
    end = forms.CharField(label="The day after the last", max_length=40)
    rate = forms.DecimalField(
        label="Pounds a day, for lines without a rate (optional)",
        required=False,
        min_value=Decimal(0),
        max_digits=12,
        decimal_places=8,
        error_messages={"invalid": "Write pounds a day as a number, such as 0.0345."},
    )
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
        """Not more than a page can bear."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(
                f"The file is larger than {MOST_BYTES // 1_000_000} MB: split it, or ask your operator to run "
                "“manage.py reconcile”, which has no limit."
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
        form = LedgerForm(initial={"start": usual.start, "end": usual.end}, names=list(saved))
        return _page(request, viewer, form)
    form = LedgerForm(request.POST, request.FILES, names=list(saved))
    if form.is_valid():
        try:
            kept = _reconcile(request, viewer, load, form, form.headings(saved))
            return redirect("reconcile:result", str(kept.pk))
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
    return as_file(response, f"reconciliation_{kept.period_from}_extract-{kept.extract_sequence}.xlsx")


def _page(request: HttpRequest, viewer: Viewer, form: LedgerForm, status: int = 200) -> HttpResponse:
    with scope(viewer):
        before = list(Reconciliation.objects.order_by("-made_at")[:100])
    context = {"form": form, "before": before, "most_lines": MOST_LINES}
    return render(request, "portfolio/reconcile.html", context, status=status)


def _reconcile(
    request: HttpRequest, viewer: Viewer, load: ExtractLoad, form: LedgerForm, headings: dict[str, str]
) -> Reconciliation:
    given = form.cleaned_data
    days = period(given["start"], given["end"], load)
    with _on_disk(given["file"]) as path:
        options = Options(headings, given["rate"], MOST_LINES)
        outcome = reconcile(viewer, path, days, options, lambda _message: None, given["file"].name)
        try:
            kept = evidence.keep(outcome, path, person_of(request))
        finally:
            outcome.spool.close()
    if given["save_as"].strip():
        used = dict(outcome.places.items())
        evidence.save_mapping(viewer, given["save_as"].strip(), used, person_of(request))
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
