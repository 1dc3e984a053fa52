"""Sign-ins, sign-outs and failures, from Django's own signals: whichever page or back end raises them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from smi_portal.audit import note


def listen() -> None:
    """Connect the signals, once."""
    for signal, receiver in (
        (user_logged_in, signed_in),
        (user_logged_out, signed_out),
        (user_login_failed, failed),
    ):
        signal.connect(receiver, dispatch_uid=f"audit {receiver.__name__}")


def signed_in(sender: Any, user: Any, **kwargs: Any) -> None:
    """Somebody signed in."""
    note("signed in", person=user)


def signed_out(sender: Any, user: Any, **kwargs: Any) -> None:
    """Somebody signed out. Nobody, when the session had ended before."""
    if user is not None:
        note("signed out", person=user)


def failed(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """A sign-in failed. What was typed as the address is kept; where it is an account's, so is whose."""
    typed = str(credentials.get("username") or credentials.get("email") or "")
    person = get_user_model()._default_manager.filter(email=typed.lower().replace("\x00", "")).first()
    note("sign-in failed", person=person, address=typed)
