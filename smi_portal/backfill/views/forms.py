"""The backfill's forms. They read what was typed; whether it may be recorded is `rules`' to say."""

from __future__ import annotations

from typing import Any

from django import forms

from smi_portal.days import day_field

#: PostgreSQL's integer: no programme has more meters.
MOST = 2_147_483_647


class Number(forms.IntegerField):
    """A whole number from 0, typed with or without thousands separators."""

    def __init__(self, label: str, whole: str, **kwargs: Any) -> None:
        messages = {
            "required": f"Enter {whole}.",
            "invalid": f"Enter {whole} as a whole number, such as 1200.",
            "min_value": f"Enter {whole} as a whole number, 0 or more.",
            "max_value": f"Enter {whole} as a number that is not above {MOST:,}.",
        }
        widget = forms.TextInput(attrs={"inputmode": "numeric"})
        super().__init__(
            label=label, min_value=0, max_value=MOST, error_messages=messages, widget=widget, **kwargs
        )

    def to_python(self, value: Any) -> int | None:
        """Take the separators out before reading the number."""
        return super().to_python(value.replace(",", "").replace(" ", "") if isinstance(value, str) else value)


class DeclarationForm(forms.Form):
    """A declaration or its correction. `shown` is the count that the page showed."""

    declared = Number("MAP IDs to put in", "how many MAP IDs you must put in")
    reason = forms.CharField(
        label="Why it is not the count, or why it changes", required=False, max_length=500
    )
    shown = forms.IntegerField(required=False, widget=forms.HiddenInput)


class AllowanceForm(forms.Form):
    """An allowance and its window."""

    daily_allowance = Number("SRV 8.4 a day", "the daily allowance")
    window_from = day_field("First day", "the first day of the window")
    window_to = day_field("Last day", "the last day of the window")
    note = forms.CharField(label="Note to the User (optional)", required=False, max_length=500)


class CapacityForm(forms.Form):
    """DCC's daily capacity."""

    per_day = Number("SRV 8.4 that DCC can take a day", "the daily capacity")
    note = forms.CharField(label="Note (optional)", required=False, max_length=500)


class PanelDateForm(forms.Form):
    """The Panel's date."""

    panel_date = day_field("Finish by", "the Panel date")
    note = forms.CharField(label="Where the Panel decided it (optional)", required=False, max_length=500)


class PublishForm(forms.Form):
    """Publication of a month; a note is required for a correction."""

    note = forms.CharField(label="What this version corrects", required=False, max_length=500)


class PlanForm(forms.Form):
    """How a User wants its plan: which days, and how much slack."""

    days = forms.ChoiceField(
        label="Send on",
        choices=[("working", "Working Days only"), ("all", "All days")],
        required=False,
        error_messages={"invalid_choice": "Choose Working Days only, or all days."},
    )
    slack = Number("Days to keep free at the end", "how many days to keep free", required=False)
