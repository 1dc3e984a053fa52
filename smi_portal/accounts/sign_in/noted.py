"""What the audit keeps of signing in besides sign-ins themselves: passwords, second steps, wrong codes."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa

from smi_portal import audit


def listen() -> None:
    """Connect the signals, once."""
    for signal, receiver in (
        (account.password_changed, password_changed),
        (account.password_set, password_changed),
        (account.password_reset, password_reset),
        (mfa.authenticator_added, step_added),
        (mfa.authenticator_removed, step_removed),
        (mfa.authentication_failed, code_refused),
    ):
        signal.connect(receiver, dispatch_uid=f"noted {signal} {receiver.__name__}")


def password_changed(sender: Any, user: Any, **kwargs: Any) -> None:
    """Somebody who was signed in chose a new password."""
    audit.note("password changed", person=user)


def password_reset(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """Somebody chose a new password with a mailed link: this browser is theirs from now on."""
    request.smi_known_to = user.email
    audit.note("password reset", person=user)


def step_added(sender: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    """A second step was set up."""
    audit.note("second step added", person=user, type=str(authenticator.type))


def step_removed(sender: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    """A second step was removed."""
    audit.note("second step removed", person=user, type=str(authenticator.type))


def code_refused(sender: Any, user: Any, **kwargs: Any) -> None:
    """The password was right and the code was not."""
    audit.note("code refused", person=user)
