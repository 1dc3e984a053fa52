"""What is typed to invite somebody, and to accept an invitation."""

from __future__ import annotations

from typing import Any

from django import forms

EMAIL = {
    "required": "Enter the email address.",
    "invalid": "Enter an email address, such as name@example.com.",
}
NAME = {"required": "Enter the name.", "max_length": "Enter a name of at most 200 characters."}


class InviteForm(forms.Form):
    """Whom to ask in."""

    name = forms.CharField(label="Name", max_length=200, error_messages=NAME)
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        error_messages=EMAIL,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label="They will be",
        choices=[("member", "Member: runs reports"), ("administrator", "Administrator: also manages people")],
        error_messages={"invalid_choice": "Choose member or administrator."},
    )


class FirstAdministratorForm(forms.Form):
    """Whom DCC asks in to administer an organisation."""

    name = forms.CharField(label="Name", max_length=200, error_messages=NAME)
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        error_messages=EMAIL,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class AcceptForm(forms.Form):
    """A new person's name and password."""

    name = forms.CharField(
        label="Your name",
        max_length=200,
        error_messages=NAME | {"required": "Enter your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password1 = forms.CharField(
        label="Choose a password",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Choose a password."},
    )
    password2 = forms.CharField(
        label="The same password again",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Enter the password a second time."},
    )

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        given = super().clean() or {}
        if given.get("password1") and given.get("password2") and given["password1"] != given["password2"]:
            self.add_error("password2", "The two passwords are not the same. Enter them again.")
        return given
