"""Where a request came from, for the entries that it writes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path

from django.http import HttpRequest, HttpResponseBase

_origin: ContextVar[str | None] = ContextVar("audit_origin", default=None)


class KnowOrigin:
    """Middleware: entries written during a request carry its network address.

    Behind a proxy that is the proxy's own, unless the server in front of Django is told to trust it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        _origin.set(str(request.META.get("REMOTE_ADDR") or "unknown"))
        # Not reset: a streamed answer writes its last entry after this returns. The next request sets its own.
        return self.get_response(request)


def origin() -> str:
    """The request's network address, or the name of the command that runs."""
    return _origin.get() or f"command {' '.join([Path(sys.argv[0]).name, *sys.argv[1:2]])}"
