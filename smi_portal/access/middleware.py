"""Deny by default: a view that does not say who may enter lets nobody in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

from smi_portal.access.declare import Entry, entry_of
from smi_portal.access.readers import Role

#: Where `viewer_for(organisation)` lives. Named, not imported: accounts is above access in the layers.
VIEWER_FOR = "smi_portal.accounts.models.viewer_for"
#: What lets programs in by their API tokens, or answers why not.
ADMIT = "smi_portal.tokens.entry.admit"


class DenyByDefault:
    """Lets a request through only as its view declares, and puts the viewer on it as `request.viewer`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """None to go on; a redirect to sign-in for strangers; 403 otherwise."""
        entry = entry_of(view)
        if entry is None:
            raise PermissionDenied("This page does not say who may enter it.")
        if entry.token:
            refused: HttpResponseBase | None = import_string(ADMIT)(request, entry.cost)
            return refused
        person = request.user
        viewer = import_string(VIEWER_FOR)(person.organisation) if person.is_authenticated else None
        request.viewer = replace(viewer, person_id=person.pk) if viewer else None  # type: ignore[attr-defined]
        if entry.anonymous:
            return None
        if not person.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if entry.needs_role and request.viewer is None:  # type: ignore[attr-defined]
            raise PermissionDenied(
                "Your organisation has not completed DCC User Entry, so it sees nothing here."
            )
        _narrowed(entry, request)
        return None


def _narrowed(entry: Entry, request: HttpRequest) -> None:
    """403 for those whom the view's declaration leaves out by role, or because they do not administer."""
    viewer = request.viewer  # type: ignore[attr-defined]
    if entry.roles and (viewer is None or viewer.role not in entry.roles):
        names = Role.listed(sorted(entry.roles, key=lambda role: role.words))
        raise PermissionDenied(f"This page is for another role: {names}.")
    if entry.administrator and not getattr(request.user, "is_administrator", False):
        raise PermissionDenied("This page is for the administrators of your organisation.")
