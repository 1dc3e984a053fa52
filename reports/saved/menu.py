"""Saved views on a report's page: which there are, which one is shown, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from reports.engine.report import Report
from reports.saved import store
from reports.saved.models import SavedView
from reports.saved.questions import PLAIN, merged, tidy
from smi_portal.access.scope import Viewer


@dataclass(frozen=True)
class Menu:
    """`views`: each with the link that replaces the present filters and the one that keeps them."""

    views: list[dict[str, Any]] = field(default_factory=list)
    current: SavedView | None = None
    changed: bool = False
    may_change: bool = False
    is_default: bool = False
    query: str = ""
    save_url: str = ""
    plain_url: str = ""


def menu(request: HttpRequest, viewer: Viewer, report: Report) -> Menu:
    """The menu of this page. Call inside the viewer's scope."""
    owner, query = store.owner_of(request.user, viewer), tidy(request.GET)
    found = list(store.views(owner, report.code))
    chosen = request.GET.get("view", "")
    current = next((one for one in found if str(one.pk) == chosen), None)
    opens_with = store.preferences(owner).get(current.pk) if current else None
    return Menu(
        views=[_entry(one, request.GET, current) for one in found],
        current=current,
        changed=current is not None and _sorted(current.query) != _sorted(query),
        may_change=current is not None and store.may_change(owner, current),
        is_default=bool(opens_with and opens_with.default),
        query=query,
        save_url=f"{reverse('saved:new', args=[report.code])}?{query}",
        plain_url=f"?view={PLAIN}",
    )


def opening(request: HttpRequest, viewer: Viewer, report: Report) -> str | None:
    """Where the bare address of a report leads a person who chose a view for it; None = nowhere else.

    Call inside the viewer's scope. The page then says which view it shows, and offers the plain report.
    """
    if request.GET:
        return None
    found = store.default_view(store.owner_of(request.user, viewer), report.code)
    return None if found is None else _to(found.query, found)


def _entry(found: SavedView, present: QueryDict, current: SavedView | None) -> dict[str, Any]:
    return {
        "view": found,
        "url": _to(found.query, found),
        "keep_url": f"?{merged(present, found.query)}",
        "current": found == current,
    }


def _to(query: str, found: SavedView) -> str:
    return f"?{query}{'&' if query else ''}{urlencode({'view': found.pk})}"


def _sorted(query: str) -> list[tuple[str, list[str]]]:
    return sorted((key, sorted(values)) for key, values in QueryDict(query).lists())
