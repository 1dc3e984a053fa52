"""allauth's hooks: invitation only, one message for every failure, our throttle, secrets encrypted at rest."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from smi_portal.accounts.models import Person
from smi_portal.accounts.sign_in import devices, second_step, throttle

#: The session's key for when it began, in seconds; `middleware` sets it.
STARTED = "smi_signed_in_at"
WRONG = "The email address or the password is not right. Check both and try again."
WAIT = (
    "There have been too many attempts from where you are. Wait five minutes and try again, or use "
    "“I have forgotten my password”: the link in that mail lets you in at once."
)
WRONG_CODE = "This code is not right. Enter the newest code that your app shows, or a recovery code."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Signing in with a password."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": WRONG,
        "account_inactive": WRONG,
        "too_many_login_attempts": WAIT,
        "rate_limited": "There have been too many requests. Wait a minute and try again.",
        "incorrect_password": "This is not your password. Check it and try again.",
        "enter_current_password": "This is not your present password. Check it and try again.",
        "incorrect_code": WRONG_CODE,
        "invalid_password_reset": "This link has been used or is too old. Ask for a new one.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: people are invited."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """The person, or None for every reason alike; ValidationError when the throttle asks to wait."""
        email = str(credentials.get("email") or "").lower()
        attempt = throttle.begin(attempt_buckets(self, request, "password", email))
        if attempt is None:
            raise self.validation_error("too_many_login_attempts")
        person = authenticate(request, **credentials)
        AuthenticationBackend.unstash_authenticated_user()  # a deactivated person is told nothing else
        if person is not None:
            attempt.succeeded()
        return person

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Whether the person signed in has typed their own password again."""
        found = self.authenticate(context.request, email=cast(Person, user).email, password=password)
        return found is not None and found.pk == user.pk

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not of somebody who has just signed in: they would type the same password twice."""
        just_now = time.time() - context.request.session.get(STARTED, 0) < settings.SMI_FRESH_SIGN_IN
        return not just_now and super().is_reauthentication_required(app=app, **kwargs)

    def format_email_subject(self, subject: str) -> str:
        """Mails say where they come from."""
        return f"SMI Portal: {subject}"

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell a person, at the address that they sign in with, what was changed about their sign-in."""
        address = email or cast(Person, user).email
        super().send_notification_mail(template_prefix, user, context, address)


def attempt_buckets(
    adapter: DefaultAccountAdapter, request: HttpRequest, kind: str, email: str
) -> list[throttle.Bucket]:
    """Where the attempt of this request is counted."""
    address = str(adapter.get_client_ip(request))
    return throttle.buckets(kind, email, address, devices.known_device(request, email))


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """The second step."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": WRONG_CODE,
        "cannot_delete_authenticator": (
            "You must use a second step, and this is your only one. Add another first, then remove this one."
        ),
    }

    def encrypt(self, text: str) -> str:
        """Seeds are worth as much as passwords: the database alone does not give them away."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises cryptography's InvalidToken once SECRET_KEY has changed: second steps are then set up anew."""
        return _box().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of somebody who must use one."""
        person = Person.objects.select_related("organisation__settings").get(pk=authenticator.user_id)
        return not (second_step.must_use(person) and second_step.is_last(authenticator))

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        """A name to begin with; people may change it."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}"


def _box() -> Fernet:
    key = hashlib.sha256(b"smi.second-step:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
