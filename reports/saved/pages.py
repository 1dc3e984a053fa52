"""The pages of saved views: save one, look after them all."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reports.engine.report import Report, report_for
from reports.saved import store
from reports.saved.forms import ViewForm
from reports.saved.models import SavedView
from reports.saved.questions import MOST_CHARACTERS, check, tidy
from smi_portal.access.declare import with_role
from smi_portal.access.entered import viewer_of
from smi_portal.access.scope import Viewer, scope

TAKEN = "There is a view of this report with that name already. Choose another name, or change that view."


@require_safe
@with_role
def all_views(request: HttpRequest) -> HttpResponse:
    """Every view that this person may use, and whether each can still be asked."""
    viewer, owner = _who(request)
    with scope(viewer):
        chosen = store.preferences(owner)
        found = list(store.views(owner))
    lines = [_line(viewer, owner, one, chosen.get(one.pk)) for one in found]
    return render(request, "saved/all.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@with_role
def new_view(request: HttpRequest, code: str) -> HttpResponse:
    """Save a question: the address's query string, checked before it is kept."""
    viewer, owner = _who(request)
    report = _report(viewer, code)
    query = tidy(request.GET)
    if len(query) > MOST_CHARACTERS:
        query = ""
        messages.error(request, "This question is too long to save: it names too many values.")
        return redirect("reports:report", report.code)
    form = _form(request, query, {"keep_day": True})
    checked = check(report.code, viewer, query)
    if request.method == "POST" and not checked.problems and form.is_valid():
        found = store.new(owner, report.code, form.cleaned_data["name"], _asked(form, query), False)
        if _stored(viewer, owner, found, form):
            messages.success(request, f"Saved as “{found.name}”.")
            return redirect(address(found))
    context = {"of": report, "form": form, "checked": checked, "query": query}
    return render(request, "saved/new.html", context, status=400 if form.errors or checked.problems else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@with_role
def edit_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, share, pin; the question itself is changed by saving over it from the report."""
    viewer, owner = _who(request)
    found = _found(viewer, owner, pk)
    if not store.may_change(owner, found):
        raise PermissionDenied("Only the person who made this view, or your administrator, can change it.")
    with scope(viewer):
        chosen = store.preferences(owner).get(found.pk)
    now = {
        "name": found.name,
        "shared": found.shared,
        "pinned": bool(chosen and chosen.pinned),
        "default": bool(chosen and chosen.default),
        "keep_day": True,
    }
    form = _form(request, found.query, now)
    if request.method == "POST" and form.is_valid():
        found.name, found.query = form.cleaned_data["name"], _asked(form, found.query)
        if _stored(viewer, owner, found, form):
            messages.success(request, f"“{found.name}” has been changed.")
            return redirect("saved:all")
    context = {"view": found, "form": form, "checked": check(found.report, viewer, found.query)}
    return render(request, "saved/edit.html", context, status=400 if form.errors else 200)


@require_POST
@with_role
def save_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the present question in the place of the view's."""
    viewer, owner = _who(request)
    found = _found(viewer, owner, pk)
    if not store.may_change(owner, found):
        raise PermissionDenied("Only the person who made this view, or your administrator, can change it.")
    query = tidy(QueryDict(request.POST.get("query", "")))
    problems = check(found.report, viewer, query).problems
    if problems or len(query) > MOST_CHARACTERS:
        messages.error(request, f"“{found.name}” was not changed. {' '.join(problems) or 'It is too long.'}")
        return redirect(address(found))
    found.query = query
    with scope(viewer):
        store.save(owner, found)
    messages.success(request, f"“{found.name}” now asks what you see here.")
    return redirect(address(found))


@require_POST
@with_role
def prefer(request: HttpRequest, pk: int) -> HttpResponse:
    """Pin or unpin a view, make it the one that the report opens with, or no longer."""
    viewer, owner = _who(request)
    found = _found(viewer, owner, pk)
    with scope(viewer):
        chosen = store.preferences(owner).get(found.pk)
        pinned, default = bool(chosen and chosen.pinned), bool(chosen and chosen.default)
        pinned = not pinned if "pin" in request.POST else pinned
        default = not default if "default" in request.POST else default
        store.prefer(owner, found, pinned=pinned, default=default)
    return redirect("saved:all")


@require_http_methods(["GET", "HEAD", "POST"])
@with_role
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then delete."""
    viewer, owner = _who(request)
    found = _found(viewer, owner, pk)
    if not store.may_change(owner, found):
        raise PermissionDenied("Only the person who made this view, or your administrator, can delete it.")
    if request.method == "POST":
        with scope(viewer):
            found.delete()
        messages.success(request, f"“{found.name}” has been deleted.")
        return redirect("saved:all")
    return render(request, "saved/delete.html", {"view": found})


def address(found: SavedView) -> str:
    """The report as the view asks for it."""
    query = QueryDict(found.query, mutable=True)
    query["view"] = str(found.pk)
    return f"{reverse('reports:report', args=[found.report])}?{query.urlencode(safe=',')}"


def _who(request: HttpRequest) -> tuple[Viewer, store.Owner]:
    viewer = viewer_of(request)
    return viewer, store.owner_of(request.user, viewer)


def _report(viewer: Viewer, code: str) -> Report:
    report = report_for(code)
    if report is None:
        raise Http404
    if viewer.role not in report.roles:
        raise PermissionDenied(f"{report.code} is not for your role ({viewer.role.words}).")
    return report


def _found(viewer: Viewer, owner: store.Owner, pk: int) -> SavedView:
    with scope(viewer):
        found = store.view(owner, pk)
    if found is None:
        raise Http404
    return found


def _form(request: HttpRequest, query: str, now: dict[str, Any]) -> ViewForm:
    data = request.POST if request.method == "POST" else None
    return ViewForm(data, initial=now, day=QueryDict(query).get("as_at", ""))


def _asked(form: ViewForm, query: str) -> str:
    asked = QueryDict(query, mutable=True)
    if not form.cleaned_data.get("keep_day", True):
        asked.pop("as_at", None)
    return asked.urlencode(safe=",")


def _stored(viewer: Viewer, owner: store.Owner, found: SavedView, form: ViewForm) -> bool:
    """Store the view and what the person does with it; False, with a message at the name, when that is taken."""
    given = form.cleaned_data
    found.shared = given["shared"]
    try:
        with scope(viewer):
            store.save(owner, found)
            store.prefer(owner, found, pinned=given["pinned"], default=given["default"])
    except store.NameTaken:
        form.add_error("name", TAKEN)
        return False
    return True


def _line(viewer: Viewer, owner: store.Owner, found: SavedView, chosen: Any) -> dict[str, Any]:
    checked = check(found.report, viewer, found.query)
    place = reverse("reports:report", args=[found.report])
    return {
        "view": found,
        "report": report_for(found.report),
        "url": address(found) if not checked.problems else "",
        "rest_url": f"{place}?{checked.rest}" if checked.rest is not None else "",
        "checked": checked,
        "mine": found.person_id == owner.person_id,
        "may_change": store.may_change(owner, found),
        "pinned": bool(chosen and chosen.pinned),
        "default": bool(chosen and chosen.default),
    }
