"""The form with which a person makes a token."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django import forms

#: Days that a token may live, with the words of the choice.
LIVES = {7: "7 days", 30: "30 days", 90: "90 days", 180: "180 days", 365: "1 year"}


class TokenForm(forms.Form):
    """What it is called, what it covers, how long it lives. `form_key` makes a form that is sent twice one token."""

    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="The program that will use it, such as “nightly portfolio load”.",
        error_messages={
            "required": "Enter a name, so that you can tell this token from others.",
            "max_length": "Enter a name of at most 80 characters.",
        },
    )
    covers = forms.MultipleChoiceField(
        label="Reports and lists",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one report or list.",
            "invalid_choice": "“%(value)s” is not a report that you may run.",
        },
    )
    days = forms.TypedChoiceField(
        label="Expires after",
        choices=[(str(days), words) for days, words in LIVES.items()],
        coerce=int,
        initial="90",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how long the token lives.",
            "invalid_choice": "Choose one of the offered times.",
        },
    )
    form_key = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=lambda: secrets.token_hex(16))

    def __init__(self, reports: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        """`reports`: (code, title) of those that the person may run."""
        super().__init__(*args, **kwargs)
        self.fields["covers"].choices = list(reports)  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """One line, without control characters."""
        name: str = self.cleaned_data["name"]
        if not name.isprintable():
            raise forms.ValidationError("Enter a name without line breaks or control characters.")
        return name
