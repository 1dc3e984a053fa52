"""Browsers that have signed in to an account before, known by a signed cookie; it opens nothing by itself."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

SALT = "smi.device"
AGE = 180 * 24 * 60 * 60  # seconds
#: How many people of one browser are remembered.
MOST = 8


def _account(email: str) -> str:
    return hashlib.sha256(email.lower().encode()).hexdigest()[:24]


def _known(request: HttpRequest) -> dict[str, str]:
    try:
        found = signing.loads(request.COOKIES.get(settings.SMI_DEVICE_COOKIE, ""), salt=SALT, max_age=AGE)
    except signing.BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def known_device(request: HttpRequest | None, email: str) -> str | None:
    """The browser's own name for this account, when it has signed in to it before."""
    return _known(request).get(_account(email)) if request is not None else None


def remember(request: HttpRequest, response: HttpResponseBase, email: str) -> None:
    """Let the browser be known to this account from now on."""
    known = _known(request)
    name = known.pop(_account(email), None) or secrets.token_urlsafe(12)
    kept = dict(list(known.items())[-(MOST - 1) :]) | {_account(email): name}
    response.set_cookie(
        settings.SMI_DEVICE_COOKIE,
        signing.dumps(kept, salt=SALT),
        max_age=AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
