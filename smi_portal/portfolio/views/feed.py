"""The change feed on screen: filters, summary by kind and week, events newest first, files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from smi_portal.access.scope import Viewer
from smi_portal.inventory.identifiers import normalise_device_id
from smi_portal.inventory.models import ExtractLoad
from smi_portal.portfolio.asking import Refused
from smi_portal.portfolio.feed import FIELDS, KINDS, Wanted, listing
from smi_portal.portfolio.feed.summary import by_kind_and_week
from smi_portal.portfolio.views.common import download, for_portfolio, in_plain_text, refuse_unknown

PAGE = 50
FILTERS = ("kind", "device_id", "effective_from", "effective_to", "extract")
MOST = 2**63 - 1


def day_field(label: str) -> forms.DateField:
    """A day, as the browser's own field sends it."""
    wrong = "Write the day as year, month and day, such as 2018-11-30."
    return forms.DateField(
        label=label, required=False, input_formats=["%Y-%m-%d"], error_messages={"invalid": wrong}
    )


class FeedForm(forms.Form):
    """The filters of the feed."""

    kind = forms.MultipleChoiceField(
        label="Kind",
        required=False,
        choices=[(kind, name) for kind, (name, _) in KINDS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "There is no kind “%(value)s”: choose from the list."},
    )
    device_id = forms.CharField(label="Device ID", required=False, max_length=40)
    effective_from = day_field("Effective from")
    effective_to = day_field("Effective to")
    extract = forms.IntegerField(
        label="Extract",
        required=False,
        min_value=0,
        max_value=MOST,
        error_messages={"invalid": "Write the extract's sequence, a whole number."},
    )

    def clean_device_id(self) -> str:
        """A Device ID in its stored form."""
        given = str(self.cleaned_data["device_id"]).strip()
        found = normalise_device_id(given)
        if given and found is None:
            raise forms.ValidationError(
                "Write a Device ID of 16 hexadecimal digits, such as 00-DB-12-34-56-78-90-A0."
            )
        return found or ""

    def clean(self) -> dict[str, Any]:
        """The range must not run backwards."""
        given = super().clean() or {}
        first, last = given.get("effective_from"), given.get("effective_to")
        if first and last and first > last:
            self.add_error("effective_to", f"The range ends before it begins ({first}): give a later day.")
        return given

    def wanted(self, after: int = 0) -> Wanted:
        """The question. Call once the form is valid."""
        given = self.cleaned_data
        return Wanted(
            after,
            tuple(given["kind"]),
            given["device_id"],
            given["effective_from"],
            given["effective_to"],
            given["extract"],
        )


@require_safe
@gzip_page
@for_portfolio()
def page(request: HttpRequest, viewer: Viewer, load: ExtractLoad) -> HttpResponse:
    """The feed. A question that cannot be answered: the same page with what is wrong, status 400."""
    form = FeedForm(request.GET)
    context: dict[str, Any] = {"form": form, "kinds": KINDS}
    try:
        refuse_unknown(request.GET, {*FILTERS, "before"})
        if form.is_valid():
            return render(request, "portfolio/feed.html", context | _answered(request, viewer, form))
    except Refused as refused:
        for key, sentences in refused.errors.items():
            form.add_error(key if key in form.fields else None, [f"{key}: {one}" for one in sentences])
    return render(request, "portfolio/feed.html", context, status=400)


@require_safe
@for_portfolio()
def feed_file(request: HttpRequest, viewer: Viewer, load: ExtractLoad, extension: str) -> HttpResponseBase:
    """The same events as a file, oldest first, all of them."""
    form = FeedForm(request.GET)
    try:
        refuse_unknown(request.GET, {*FILTERS, "after", "dialect"})
        if not form.is_valid():
            raise Refused({key: [str(one) for one in found] for key, found in form.errors.items()})
        found = listing(viewer, form.wanted(_cursor(request, "after")))
        return download(request, found, extension)
    except Refused as refused:
        return in_plain_text(refused)


def _answered(request: HttpRequest, viewer: Viewer, form: FeedForm) -> dict[str, Any]:
    wanted = form.wanted()
    before = _cursor(request, "before")
    found = listing(viewer, wanted, newest_first=True, limit=PAGE + 1, before=before)
    rows = list(found.rows())
    shown = rows[:PAGE]
    with_filters = request.GET.copy()
    with_filters.pop("before", None)
    query = _query(with_filters)
    applied = any(with_filters.getlist(name) != [""] and with_filters.getlist(name) for name in FILTERS)
    return {
        "events": [_event(row) for row in shown],
        "shows_suppliers": "supplier_after" in {column.key for column in found.columns},
        "summary": by_kind_and_week(viewer, wanted),
        "pages": {
            "first_url": f"?{query}" if before else "",
            "previous_url": "",
            "next_url": f"?{query}{'&' if query else ''}before={shown[-1]['cursor']}"
            if len(rows) > PAGE
            else "",
        },
        "downloads": [
            {"label": label, "hint": hint, "url": f"{reverse('changes:file', args=[form_])}?{query}{more}"}
            for label, hint, form_, more in (
                ("Excel", "With definitions", "xlsx", ""),
                ("CSV", "Opens in Excel", "csv", ""),
                ("CSV for machines", "Plain UTF-8", "csv", f"{'&' if query else ''}dialect=machine"),
            )
        ],
        "applied": applied,
        "clear_url": reverse("changes:feed"),
    }


def _event(row: dict[str, Any]) -> dict[str, Any]:
    """An event as a row of the page."""
    is_supplier = row["field"] == "supplier" and "supplier_after" in row
    return {
        **row,
        "kind_name": KINDS[row["kind"]][0],
        "field_name": FIELDS[row["field"]],
        "was": row["supplier_before"] if is_supplier else row["before"],
        "now": row["supplier_after"] if is_supplier else row["after"],
    }


def _query(given: QueryDict) -> str:
    return "&".join(part for part in given.urlencode().split("&") if part and not part.endswith("="))


def _cursor(request: HttpRequest, key: str) -> int:
    given = request.GET.get(key) or "0"
    if not (given.isascii() and given.isdigit()) or len(given) > 18:
        raise Refused({key: [f"{given[:40]!r} is no cursor: it is a whole number."]})
    return int(given)
