"""What each person used on each day. No party data: counts of a person's own requests."""

from __future__ import annotations

from django.db import models

from smi_portal.access.tables import SiteTable


class DailyUse(models.Model):
    """How much of one thing a person used on one day (of the site's time zone), and how often it was lifted."""

    access = SiteTable(verbs=("SELECT", "INSERT", "UPDATE"))

    person_id = models.BigIntegerField()
    organisation_id = models.IntegerField(help_text="The person's organisation on that day.")
    day = models.DateField()
    what = models.CharField(max_length=10, help_text="lookups or rows")
    used = models.BigIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0, help_text="Requests refused for the cap.")
    lifts = models.PositiveSmallIntegerField(default=0, help_text="Each lets the person use one more cap.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person_id", "what", "day"], name="one_use_a_person_a_day"),
        )
        indexes = (models.Index(fields=["organisation_id", "day"], name="use_of_organisation"),)

    def __str__(self) -> str:
        return f"{self.used} {self.what} on {self.day}"
