"""Forms of signing in. One message for every failure: none tells whether an account exists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.core.exceptions import ValidationError

from smi_portal.accounts.sign_in import throttle
from smi_portal.accounts.sign_in.adapter import AccountAdapter, attempt_buckets


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """Email address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Email address"
        self.fields["login"].error_messages["required"] = "Enter your email address."
        self.fields["login"].error_messages["invalid"] = "Enter an email address, such as name@example.com."
        self.fields["password"].label = "Password"
        self.fields["password"].help_text = ""
        self.fields["password"].error_messages["required"] = "Enter your password."

    def add_prefix(self, field_name: str) -> str:
        """Browsers and password managers know the address as `username`."""
        return str(super().add_prefix("username" if field_name == "login" else field_name))


class CodeForm(AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """The second step by a code: of the app, or a recovery code."""

    reauthentication = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code"
        self.fields["code"].error_messages["required"] = "Enter the code that your app shows."

    def clean_code(self) -> str:
        """The code, once an authenticator of the person accepts it. Counted as passwords are."""
        adapter = cast(AccountAdapter, get_adapter())
        attempt = throttle.begin(attempt_buckets(adapter, context.request, "code", self.user.email))
        if attempt is None:
            raise adapter.validation_error("too_many_login_attempts")
        code = self.cleaned_data["code"].replace(" ", "")
        for found in Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN):
            if found.wrap().validate_code(code) and _not_used_before(found, code):
                found.user = self.user
                self.authenticator = found
                attempt.succeeded()
                return str(code)
        self._emit_authentication_failed(
            Authenticator(user=self.user, type=Authenticator.Type.TOTP),
        )
        raise adapter.validation_error("incorrect_code")


def _not_used_before(found: Authenticator, code: str) -> bool:
    """Whether this is the code's first use; allauth asks one process's memory, this asks the database."""
    if found.type != Authenticator.Type.TOTP:
        return True
    used = throttle.Bucket(f"used|{found.pk}|{code}", 1, timedelta(minutes=3))
    return throttle.begin([used]) is not None


class ConfirmCodeForm(CodeForm, ReauthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """The same, to confirm that it is still you."""

    save = ReauthenticateForm.save
    _emit_authentication_failed = ReauthenticateForm._emit_authentication_failed


class Refusing:
    """Whatever a library trips over in what a browser claims to be a passkey is a refusal, never an error of ours."""

    def _refusing(self, check: Callable[[], Any]) -> Any:
        try:
            return check()
        except ValidationError:
            raise
        except Exception as error:
            raise ValidationError("That passkey was not accepted. Try again, or use another way.") from error


class PasskeyForm(Refusing, AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """The second step by a passkey."""

    def clean_credential(self) -> Authenticator:
        """The passkey that answered; ValidationError otherwise."""
        return self._refusing(super().clean_credential)


class SignInPasskeyForm(Refusing, LoginWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """A passkey in place of the password."""

    def clean_credential(self) -> Authenticator:
        """The passkey that answered; ValidationError otherwise."""
        return self._refusing(super().clean_credential)


class ConfirmPasskeyForm(Refusing, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """A passkey to confirm that it is still you."""

    def clean_credential(self) -> Authenticator:
        """The passkey that answered; ValidationError otherwise."""
        return self._refusing(super().clean_credential)


class AddPasskeyForm(Refusing, AddWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """A passkey's name; and whether it may replace the password too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "A name for it"
        self.fields["passwordless"].label = "Sign in with this passkey alone, without the password"
        self.fields["passwordless"].help_text = "It then asks for your PIN, face or fingerprint."
        self.fields["credential"].error_messages["required"] = (
            "The browser did not hand over a passkey. Try again."
        )
        self.fields["credential"].error_messages["invalid"] = "That passkey was not accepted. Try again."

    def clean(self) -> dict[str, Any]:
        """The new passkey; ValidationError when it is none."""
        return cast(dict[str, Any], self._refusing(super().clean))
