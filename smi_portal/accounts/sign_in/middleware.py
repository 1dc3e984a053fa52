"""Rules of a session: how long it lasts, in which browser, and that a second step comes first where it must."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from smi_portal import audit
from smi_portal.access.declare import entry_of
from smi_portal.accounts.models import Person
from smi_portal.accounts.sign_in import devices, second_step
from smi_portal.accounts.sign_in.adapter import STARTED

#: Seconds from signing in after which a session ends, however busy it is.
ABSOLUTE = 12 * 60 * 60
#: Seconds after which a session that is used is saved again. Its age counts from there, so that it may end so much
#: earlier than SESSION_COOKIE_AGE after the last request, and never later; a write at every request would tell no more.
SAVED_EVERY = 30
SAVED = "smi_saved"
BROWSER = "smi_browser"
ENDED = "smi_session_ended"
#: Why a session was ended, as the sign-in page says it.
REASONS = {
    "absolute": "You were signed out: nobody stays signed in for longer than 12 hours. Sign in again to go on.",
    "browser": "You were signed out, because your session was used from a different browser. Sign in again. "
    "If that was not you, change your password.",
    "idle": "You were signed out, because you did nothing for 15 minutes or ended the session elsewhere. "
    "Sign in again to go on.",
}

#: The same for the audit.
WHY = {"absolute": "older than 12 hours", "browser": "used from a different browser"}


def listen() -> None:
    """Stamp every session that begins."""
    user_logged_in.connect(stamp, dispatch_uid="stamp the session")


def stamp(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Note when and with which browser a session began; the browser is known from now on."""
    request.session[STARTED] = int(time.time())
    request.session[BROWSER] = _browser(request)
    request.smi_known_to = user.email  # type: ignore[attr-defined]


class SessionRules:
    """Ends sessions that are too old or have changed browsers, and leads to the second step who must have one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        reason = _why_it_ends(request) if request.user.is_authenticated else None
        if reason:
            audit.note("session ended", person=request.user, why=WHY[reason])
            logout(request)
            request.session[ENDED] = reason
        elif request.user.is_authenticated:
            _keep(request)
        response = self.get_response(request)
        known_to = getattr(request, "smi_known_to", None)
        if known_to:
            devices.remember(request, response, known_to)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """None to go on; the page that sets up a second step for who must use one and has none."""
        entry, person = entry_of(view), request.user
        if (
            entry is None
            or entry.anonymous
            or entry.token
            or not entry.second_step
            or not isinstance(person, Person)
        ):
            return None
        if second_step.must_use(person) and not second_step.has(person):
            return redirect("mfa_index")
        return None


def _keep(request: HttpRequest) -> None:
    now = int(time.time())
    if not 0 <= now - request.session.get(SAVED, 0) < SAVED_EVERY:
        request.session[SAVED] = now


def why_ended(request: HttpRequest) -> str | None:
    """Why the visitor has to sign in again, told once; None when there is nothing to tell."""
    reason = request.session.pop(ENDED, None)
    return REASONS.get(reason) if reason else None


def _why_it_ends(request: HttpRequest) -> str | None:
    started = request.session.get(STARTED)
    if not isinstance(started, int) or not 0 <= time.time() - started < ABSOLUTE:
        return "absolute"
    return None if request.session.get(BROWSER) == _browser(request) else "browser"


def _browser(request: HttpRequest) -> str:
    return hashlib.sha256(request.META.get("HTTP_USER_AGENT", "").encode()).hexdigest()[:16]
