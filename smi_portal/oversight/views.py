"""The pages of the audit and of fair use."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from smi_portal import audit
from smi_portal.access.declare import with_role
from smi_portal.access.entered import viewer_of
from smi_portal.access.scope import scope
from smi_portal.accounts.rights import is_administrator, is_dcc_operator, person_of
from smi_portal.attachments import csv_file
from smi_portal.fair_use.caps import WHATS, What
from smi_portal.oversight import usage
from smi_portal.oversight.entries import HEADINGS, EntryFilter, lines, page_of, said

View = Callable[..., HttpResponseBase]


def overseers(view: View) -> View:
    """DCC operators, and administrators for their own organisation; 403 for anyone else."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (is_dcc_operator(request.user) or is_administrator(request.user)):
            raise PermissionDenied("This page is for the administrators of your organisation, and for DCC.")
        return view(request, *args, **kwargs)

    return with_role(entered)


@require_safe
@overseers
def audit_page(request: HttpRequest) -> HttpResponseBase:
    """What was done: by the organisation's own people, or, for DCC, by everyone."""
    viewer = viewer_of(request)
    form = EntryFilter(request.GET, viewer)
    if not form.is_valid():
        return render(request, "oversight/audit.html", {"form": form}, status=400)
    with scope(viewer):
        shown = page_of(form.entries(), request.GET.get("before", ""))
    rows = [{"entry": entry, "details": said(entry.details)} for entry in shown.lines]
    pages = {
        "first_url": "?" + _query(request) if request.GET.get("before") else "",
        "next_url": "?" + _query(request, before=shown.before) if shown.before else "",
    }
    context = {"form": form, "rows": rows, "pages": pages, "csv_query": _query(request)}
    return render(request, "oversight/audit.html", context)


@require_safe
@overseers
def audit_csv(request: HttpRequest) -> HttpResponseBase:
    """The same entries as a file; taking them is itself an entry."""
    viewer = viewer_of(request)
    form = EntryFilter(request.GET, viewer)
    if not form.is_valid():
        return _plain(form)
    asked = {key: value for key, value in form.cleaned_data.items() if value}
    audit.note("audit exported", request.user, filters=asked)
    return csv_file("audit", viewer, HEADINGS, lines(viewer, form.entries()))


@require_safe
@with_role
def usage_page(request: HttpRequest) -> HttpResponseBase:
    """What a person has used today and may still use; for those who oversee, everyone's use on a day."""
    person = person_of(request)
    context: dict[str, Any] = {"own": usage.own(person)}
    if is_dcc_operator(person) or is_administrator(person):
        form = usage.DayForm(request.GET)
        context["form"] = form
        if not form.is_valid():
            return render(request, "oversight/usage.html", context, status=400)
        context |= {"day": form.day, "today": form.is_today, "used": usage.of_day(person, form.day)}
        context["csv_query"] = _query(request)
    return render(request, "oversight/usage.html", context)


@require_safe
@overseers
def usage_csv(request: HttpRequest) -> HttpResponseBase:
    """Everyone's use over the last three months, a line for each person, day and thing."""
    person = person_of(request)
    if request.GET.keys() - {"day"}:
        return HttpResponse("This file has no filters.", status=400, content_type="text/plain; charset=utf-8")
    return csv_file("usage", viewer_of(request), usage.HEADINGS, usage.lines(person))


class LiftForm(forms.Form):
    """Why somebody may use more today."""

    reason = forms.CharField(
        label="Why this person needs more today",
        max_length=300,
        error_messages={
            "required": "Enter why this person needs more today: it is kept in the audit.",
            "max_length": "Say it in 300 characters at most.",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@overseers
def lift(request: HttpRequest, pk: int, what: str) -> HttpResponseBase:
    """Let a person use one more cap today. Absent people and other organisations' are the same 404."""
    acting = person_of(request)
    found = usage.person_of(acting, pk) if what in WHATS else None
    if found is None:
        raise Http404
    if found.pk == acting.pk:
        raise PermissionDenied("Somebody else must lift your own limit: another administrator, or DCC.")
    form = LiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        usage.lift(acting, found, _what(what), form.cleaned_data["reason"])
        messages.success(request, f"{found.name} may go on today. It is recorded in the audit.")
        return redirect("oversight:usage")
    context = {"form": form, "found": found, "use": usage.today_of(found, _what(what))}
    return render(request, "oversight/lift.html", context, status=400 if form.errors else 200)


def _what(text: str) -> What:
    return "lookups" if text == "lookups" else "rows"


def _query(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    query.pop("before", None)
    for key, value in changes.items():
        query[key] = value
    return query.urlencode()


def _plain(form: forms.Form) -> HttpResponse:
    lines = [str(sentence) for sentences in form.errors.values() for sentence in sentences]
    return HttpResponse("\n".join(lines), status=400, content_type="text/plain; charset=utf-8")
