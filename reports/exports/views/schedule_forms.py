"""What a person fills in to have a report regularly."""

from __future__ import annotations

from typing import Any

from django import forms

from reports.engine.run import FORMS
from reports.exports.schedule_models import Rhythm
from reports.exports.schedules.calendar import MOST, WEEKDAYS
from reports.exports.schedules.keeping import Kept

#: Rhythm → the field that holds its number.
NUMBERS: dict[str, str] = {Rhythm.WEEKLY: "weekday", Rhythm.MONTHLY: "day", Rhythm.WORKING_DAY: "working_day"}
FORM_CHOICES = [(key, form.words) for key, form in FORMS.items()]


class ScheduleForm(forms.Form):
    """Name, format and rhythm. The number that belongs to the chosen rhythm is read, the others are not."""

    name = forms.CharField(
        label="Name",
        max_length=100,
        error_messages={"required": "Give it a name, such as “New installations”."},
    )
    form = forms.ChoiceField(
        label="Format", choices=FORM_CHOICES, initial="xlsx", error_messages={"required": "Choose a format."}
    )
    rhythm = forms.ChoiceField(
        label="How often", choices=Rhythm.choices, error_messages={"required": "Choose how often."}
    )
    weekday = forms.ChoiceField(
        label="Weekday", required=False, choices=[(str(n), name) for n, name in enumerate(WEEKDAYS, 1)]
    )
    day = forms.IntegerField(label="Day of the month", required=False)
    working_day = forms.IntegerField(label="Working Day of the month", required=False)

    @staticmethod
    def of(kept: Kept) -> dict[str, object]:
        """What the form shows of a schedule that there is."""
        field = NUMBERS.get(kept.schedule.rhythm)
        shown = {"name": kept.content.name, "form": kept.schedule.form, "rhythm": kept.schedule.rhythm}
        return shown | ({field: kept.schedule.number} if field else {})

    def clean(self) -> dict[str, Any]:
        """Give the rhythm its one number."""
        found = super().clean() or {}
        field = NUMBERS.get(found.get("rhythm", ""))
        number = 1
        if field is not None:
            most = MOST[Rhythm(found["rhythm"])]
            given = str(found.get(field) or "")
            number = int(given) if given.isdigit() else 0
            if not 1 <= number <= most:
                self.add_error(field, f"Enter a whole number from 1 to {most}.")
        return {
            "name": found.get("name"),
            "form": found.get("form"),
            "rhythm": found.get("rhythm"),
            "number": number,
        }


class DumpForm(forms.Form):
    """Format, and the Working Day from which the dump of the month before is made."""

    form = forms.ChoiceField(label="Format", choices=FORM_CHOICES, initial="csv.zip")
    number = forms.IntegerField(
        label="Working Day of the month",
        initial=1,
        min_value=1,
        max_value=MOST[Rhythm.WORKING_DAY],
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            f"Enter a whole number from 1 to {MOST[Rhythm.WORKING_DAY]}.",
        ),
    )
