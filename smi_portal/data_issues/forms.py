"""The forms of the data-issue pages."""

from __future__ import annotations

from typing import Any

from django import forms

from smi_portal.data_issues.kinds import Cause
from smi_portal.data_issues.raising import CHANGES

CORRECTIONS = {
    "status": "Status (no Communications Hub)",
    "hub_status": "Status of a Communications Hub",
    "import_mpxn": "Import MPxN",
    "secondary_import_mpan": "Secondary import MPAN",
    "export_mpan": "Export MPAN",
    "map_id": "MAP ID",
    "manufacturer": "Manufacturer",
    "model": "Model",
    "smets_chts_version": "SMETS or CHTS version",
    "firmware_version": "Firmware version",
    "esme_variant": "ESME variant",
    "delete": "Delete the device (value: yes)",
}
assert set(CORRECTIONS) == set(CHANGES)  # noqa: S101  (a new column of a change needs a name here)


class RaiseForm(forms.Form):
    """Lines, and what holds for all that do not say it themselves."""

    lines = forms.CharField(required=False, strip=False, max_length=5_000_000)
    cause = forms.ChoiceField(
        label="What is wrong",
        required=False,
        choices=[("", "As each line says"), *((cause.value, cause.words) for cause in Cause)],
        error_messages={"invalid_choice": "Choose one of the causes."},
    )
    correction = forms.ChoiceField(
        label="What should be there instead",
        required=False,
        choices=[("", "No correction, or as each line says"), *CORRECTIONS.items()],
        error_messages={"invalid_choice": "Choose what should be there instead."},
    )
    value = forms.CharField(label="The right value", required=False, max_length=200)
    words = forms.CharField(label="In your own words (optional)", required=False, max_length=2_000)
    note = forms.CharField(label="A name for this submission (optional)", required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        """A correction needs its value, and a value its correction."""
        found = super().clean() or {}
        if found.get("correction") and not found.get("value"):
            self.add_error("value", "Enter the right value, or choose no correction.")
        if found.get("value") and not found.get("correction") and "correction" not in self.errors:
            self.add_error("correction", "Choose what the value is of.")
        return found

    def defaults(self) -> dict[str, str]:
        """The cells of a line that says nothing itself."""
        data = self.cleaned_data
        found = {"cause": data["cause"], "words": data["words"]}
        if data["correction"]:
            found[data["correction"]] = data["value"]
        return {name: value for name, value in found.items() if value}


class ActForm(forms.Form):
    """What someone does with a line. `seen`: the last event on the page from which it was sent."""

    words = forms.CharField(required=False, max_length=4_000)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
