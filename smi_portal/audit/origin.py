"""Where a request came from, for the entries that it writes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

_origin: ContextVar[str | None] = ContextVar("audit_origin", default=None)


class KnowOrigin:
    """Middleware: entries written during a request carry its network address.

    Behind proxies that the settings trust it is the one that the outermost of them saw.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        _origin.set(client_of(request))
        # Not reset: a streamed answer writes its last entry after this returns. The next request sets its own.
        return self.get_response(request)


def client_of(request: HttpRequest) -> str:
    """The network address of who asks: what the trusted proxies say, or else who is connected to us.

    Each proxy adds at the end of X-Forwarded-For whom it was asked by, so what stands before our own proxies' part
    is the asker's word and is not looked at.
    """
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    named = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if trusted and len(named) >= trusted:
        return named[-trusted][:60]
    return str(request.META.get("REMOTE_ADDR") or "unknown")


def origin() -> str:
    """The request's network address, or the name of the command that runs."""
    return _origin.get() or f"command {' '.join([Path(sys.argv[0]).name, *sys.argv[1:2]])}"
