"""The form under which a view is saved or changed."""

from __future__ import annotations

from typing import Any

from django import forms

from reports.saved.models import NAME_LENGTH


class ViewForm(forms.Form):
    """A name, who may use it, and where it shows."""

    name = forms.CharField(
        label="Name",
        max_length=NAME_LENGTH,
        help_text="Such as “Commissioned in the North”.",
        error_messages={
            "required": "Enter a name for the view.",
            "max_length": f"The name is too long: {NAME_LENGTH} characters at most.",
        },
    )
    shared = forms.BooleanField(
        label="Everyone in my organisation may use it",
        required=False,
        help_text="They get their own rows, by their own rights. Only you and your administrators can change it.",
    )
    pinned = forms.BooleanField(label="Pin it to my home page", required=False)
    default = forms.BooleanField(label="Open the report with it, for me", required=False)
    keep_day = forms.BooleanField(
        label="Keep the as-at day",
        required=False,
        help_text="Unticked, the view always shows the latest day.",
    )

    def __init__(self, *args: Any, day: str = "", may_share: bool = True, **kwargs: Any) -> None:
        """`day`: the as-at day in the question; without one there is nothing to keep."""
        super().__init__(*args, **kwargs)
        if day:
            self.fields["keep_day"].label = f"Keep the as-at day, {day}"
        else:
            del self.fields["keep_day"]
        if not may_share:
            del self.fields["shared"]

    def clean_name(self) -> str:
        """One line, without stray spaces."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not name.isprintable():
            raise forms.ValidationError("The name holds characters that cannot be shown: type it again.")
        return name
