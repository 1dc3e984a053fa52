"""Forms of a forgotten and of a new password: allauth's, in this service's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.forms import ChangePasswordForm, ResetPasswordForm, ResetPasswordKeyForm
from django import forms

#: Field → its label, and what to say when it is left empty. The rules of a password stand once, above the form.
WORDS = {
    "email": ("Email address", "Enter your email address."),
    "oldpassword": ("Current password", "Enter your current password."),
    "password1": ("New password", "Enter a new password."),
    "password2": ("The same password again", "Enter the new password again."),
}


class ForgottenPassword(ResetPasswordForm):  # type: ignore[misc]  # allauth ships no types
    """The address to which the link goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields)
        self.fields["email"].error_messages["invalid"] = "Enter an email address, such as name@example.com."


class ChangePassword(ChangePasswordForm):  # type: ignore[misc]  # allauth ships no types
    """Of somebody who is signed in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields)


class NewPassword(ResetPasswordKeyForm):  # type: ignore[misc]  # allauth ships no types
    """Of somebody who came by the link in the mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields)


def _say(fields: Mapping[str, forms.Field]) -> None:
    for name, field in fields.items():
        field.label, field.error_messages["required"] = WORDS[name]
        field.help_text = ""
