"""Who entered a view: what the middleware (or a token's admission) put on the request, with its type."""

from __future__ import annotations

from django.http import HttpRequest

from smi_portal.access.scope import Viewer


def viewer_of(request: HttpRequest) -> Viewer:
    """As whom the view reads. Only for views that are declared for a role or for tokens: others may have none."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]  # set before every such view is called
    return viewer


def recorder_of(request: HttpRequest) -> str:
    """Who records something, as records name them: the address of the person signed in."""
    return str(request.user)
