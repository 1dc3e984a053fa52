"""The pages that belong to no app: home, errors, and how fresh the data is on every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reports.engine.report import reports_for
from reports.saved.pages import address
from reports.saved.store import owner_of, pinned
from reports.views import card
from smi_portal import audit
from smi_portal.access.declare import public, signed_in
from smi_portal.access.scope import Viewer, scope
from smi_portal.accounts.models import Person
from smi_portal.backfill.reminders import reminders_for
from smi_portal.glossary import terms
from smi_portal.inventory.models import ExtractLoad
from smi_portal.tiles import Looking, tiles_for


@require_safe
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """What matters to this role this morning, and the reports that it may run; or, where there is none, why."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None:
        return render(request, "home.html")
    load = ExtractLoad.current()
    tiles = tiles_for(Looking(viewer, request.user, load.day, load)) if load else []
    with scope(viewer):
        views = [{"view": one, "url": address(one)} for one in pinned(owner_of(request.user, viewer))]
    reports = [card(report, viewer) for report in reports_for(viewer)]
    context = {"reports": reports, "reminders": reminders_for(viewer), "tiles": tiles, "pinned": views}
    return render(request, "home.html", context)


@require_safe
@public
def glossary(request: HttpRequest) -> HttpResponse:
    """The field's words, each explained in a sentence or two."""
    return render(request, "glossary.html", {"terms": terms()})


@require_safe
@public
def accessibility(request: HttpRequest) -> HttpResponse:
    """What was tested for accessibility, and what was not."""
    return render(request, "accessibility.html")


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The answer to every address that leads nowhere, and to every thing that is not the viewer's."""
    return render(request, "404.html", status=404)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The answer to who may not enter; noted in the audit where it is somebody who has signed in."""
    person = getattr(request, "user", None)
    if isinstance(person, Person):
        audit.note("entry refused", person, method=request.method, address=request.path[:200])
    return render(request, "403.html", {"exception": str(exception or "")}, status=403)


class OwnNotFound:
    """Shows our own "not found" in the demo too, where Django would print the site's addresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Only Http404; every other exception goes its way."""
        return not_found(request) if isinstance(exception, Http404) else None


class KeepPrivate:
    """No cache keeps a page: after sign-out neither the back button nor a shared machine shows it again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def freshness(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: which extract it shows; the one that its view has read, where it says so."""
    load = getattr(request, "extract_load", None) or ExtractLoad.current()
    if load is None:
        return {"freshness": None}
    return {"freshness": {"as_at": load.as_at, "sequence": load.sequence, "loaded_at": load.finished_at}}
