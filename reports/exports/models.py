"""Files that were asked for. What is needed to run a job stands in one table, what it is about in another.

The worker must find a job before it knows whose eyes to use, so `Export` is a table of the site and says nothing of
the inventory: who asked, for which report, how far it is. The question, the counts and the file's name are the
organisation's own: `ExportContent` is under row-level security.
"""

from __future__ import annotations

import uuid

from django.db import models

from reports.exports.schedule_models import Schedule, ScheduleRun
from smi_portal.access.tables import SiteTable, kept
from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation
from smi_portal.jobs import attempts

#: An organisation's own records, which stay: the history of its files.
OWN = kept(erased=False)


class State(models.TextChoices):
    """Where a file is. Only `READY` has a file that can be fetched."""

    QUEUED = attempts.QUEUED, "Waiting"
    RUNNING = attempts.RUNNING, "Being made"
    READY = "ready", "Ready"
    FAILED = attempts.FAILED, "Failed"
    CANCELLED = attempts.CANCELLED, "Cancelled"
    EXPIRED = "expired", "Expired"


class Export(attempts.Attempted):
    """A file that somebody asked for. Kept after the file has gone: it is the history."""

    access = SiteTable(verbs=("SELECT", "INSERT", "UPDATE"))

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exports")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="exports")
    schedule = models.ForeignKey(
        Schedule, null=True, on_delete=models.PROTECT, related_name="exports", help_text="What asked for it."
    )
    report = models.CharField(max_length=20, help_text="The report's code.")
    form = models.CharField(max_length=10, help_text="The file's format: a key of engine.run.FORMS.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    expires_at = models.DateTimeField(null=True, help_text="From when the file is no longer offered.")
    role = models.CharField(max_length=10, blank=True, help_text="The portal role it was made for.")
    groups = models.CharField(
        max_length=100, blank=True, help_text="Releases that the file's columns need, by comma."
    )
    key = models.CharField(max_length=100, blank=True, help_text="The file's name in the store; never shown.")

    class Meta:
        indexes = (
            models.Index(fields=["organisation", "-requested_at"], name="exports_of_organisation"),
            models.Index(fields=["expires_at"], name="exports_to_expire", condition=models.Q(state="ready")),
        )

    def __str__(self) -> str:
        return f"{self.report} {self.form} {self.state}"

    @property
    def is_dump(self) -> bool:
        """Whether it is a monthly data dump: kept longer, and no one person's use."""
        return self.schedule is not None and self.schedule.is_dump


class ExportContent(models.Model):
    """What an export is about, and what came out. Read inside the organisation's scope alone."""

    access = OWN

    export = models.OneToOneField(Export, primary_key=True, on_delete=models.CASCADE, related_name="content")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    question = models.TextField(
        blank=True, help_text="Day, inputs, order and dialect, written as a query string."
    )
    detail = models.TextField(
        blank=True, help_text="What exactly was wrong with the question, if it was that."
    )
    total = models.BigIntegerField(null=True, help_text="Rows that were promised.")
    done = models.BigIntegerField(default=0, help_text="Rows written so far.")
    cut_cells = models.IntegerField(default=0, help_text="Texts longer than an Excel cell, cut and marked.")
    size = models.BigIntegerField(null=True, help_text="Bytes of the finished file.")
    sha256 = models.CharField(max_length=64, blank=True)
    filename = models.TextField(blank=True)
    day = models.DateField(null=True, help_text="The as-at day that was answered.")
    extract_sequence = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return str(self.export_id)


class Delivery(models.Model):
    """A file that was handed to somebody: for the fair-use cap and the history."""

    access = SiteTable(verbs=("SELECT", "INSERT"))

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="deliveries")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["organisation", "at"], name="deliveries_of_organisation"),)

    def __str__(self) -> str:
        return f"{self.export_id} at {self.at:%Y-%m-%dT%H:%MZ}"


class ScheduleContent(models.Model):
    """What a schedule is about. Read inside the organisation's scope alone."""

    access = OWN

    schedule = models.OneToOneField(
        Schedule, primary_key=True, on_delete=models.CASCADE, related_name="content"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100, help_text="What its owner calls it.")
    question = models.TextField(blank=True, help_text="Inputs and order, written as a query string; no day.")

    def __str__(self) -> str:
        return str(self.schedule_id)


__all__ = ["Delivery", "Export", "ExportContent", "Schedule", "ScheduleContent", "ScheduleRun", "State"]
