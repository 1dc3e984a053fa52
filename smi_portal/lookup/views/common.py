"""What the look-up's pages share: who enters, and questions to the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.datastructures import MultiValueDict
from django.utils.http import urlencode

from reports.engine.ask import Ask, parse
from reports.engine.report import REGISTRY
from smi_portal.access.declare import with_role
from smi_portal.access.entered import viewer_of
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer
from smi_portal.inventory.models import ExtractLoad

View = Callable[..., HttpResponseBase]


def sees_devices(view: View) -> View:
    """For roles that see devices; SECAS never does. Before the first extract the page says so instead."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if viewer_of(request).role is Role.SECAS:
            raise PermissionDenied("Devices are not for your role (SECAS).")
        load = ExtractLoad.current()
        request.extract_load = load  # type: ignore[attr-defined]  # read once: for the question and the page's freshness
        if load is None:
            return render(request, "lookup/not_ready.html", {"page_title": "Find a device"})
        return view(request, *args, **kwargs)

    return with_role(entered)


def load_of(request: HttpRequest) -> ExtractLoad:
    """The extract that the page shows, as `sees_devices` has read it."""
    load: ExtractLoad = request.extract_load  # type: ignore[attr-defined]  # set before every such view is called
    return load


def question(code: str, viewer: Viewer, load: ExtractLoad | None = None, **given: str) -> Ask:
    """A checked question to a report, of this extract or the current one. Raises AskRefused."""
    asked = MultiValueDict({key: [value] for key, value in given.items() if value})
    return parse(REGISTRY[code], viewer, asked, load)


def refused_page(request: HttpRequest, sentences: Sequence[str], status: int) -> HttpResponse:
    """A page that says why something cannot be shown."""
    return render(request, "lookup/refused.html", {"sentences": sentences}, status=status)


def raise_url(**about: str) -> str:
    """Where a data issue about this is raised; empty where the site has no such page."""
    try:
        return f"{reverse('data-issues:raise')}?{urlencode(about)}"
    except NoReverseMatch:
        return ""
