"""Reports that arrive by themselves. As with exports: what runs one says nothing of the inventory, the rest is scoped."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from smi_portal.access.tables import SiteTable
from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation


class Rhythm(models.TextChoices):
    """How often. `Schedule.number` says which weekday (1 Monday), day of the month or Working Day of the month."""

    DAILY = "daily", "Every day"
    WEEKLY = "weekly", "Every week"
    MONTHLY = "monthly", "Every month, on a day"
    WORKING_DAY = "working_day", "Every month, on a Working Day"


class Standing(models.TextChoices):
    """What a schedule does. A stopped one says why, and can be resumed once that is mended."""

    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    STOPPED = "stopped", "Stopped"
    REMOVED = "removed", "Removed"


class Schedule(models.Model):
    """A report that a person gets regularly, or an organisation's monthly data dump."""

    access = SiteTable(verbs=("SELECT", "INSERT", "UPDATE"))

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="schedules")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="schedules")
    is_dump = models.BooleanField(
        default=False, help_text="The monthly data dump: as at month end, kept for SMI_DUMP_MONTHS."
    )
    report = models.CharField(max_length=20)
    form = models.CharField(max_length=10)
    rhythm = models.CharField(max_length=12, choices=Rhythm.choices)
    number = models.PositiveSmallIntegerField(default=1)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.ACTIVE)
    reason = models.TextField(blank=True, help_text="Why it stopped, in plain words; no data.")
    next_on = models.DateField(help_text="The next day (UTC) on which it is due.")
    dumped = models.DateField(null=True, help_text="The last month end of which there is a dump.")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(is_dump=True) & ~Q(standing="removed"),
                name="one_dump_an_organisation",
            ),
        )
        indexes = (
            models.Index(fields=["next_on"], name="schedules_due", condition=Q(standing="active")),
            models.Index(fields=["person", "made_at"], name="schedules_of_person"),
        )

    def __str__(self) -> str:
        return f"{self.report} {self.rhythm} {self.number}"


class ScheduleRun(models.Model):
    """One time that a schedule was due: at most one a day, and at most one mail about it."""

    access = SiteTable(verbs=("SELECT", "INSERT", "UPDATE"))

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="runs")
    due_on = models.DateField()
    export = models.ForeignKey(
        "exports.Export", null=True, on_delete=models.CASCADE, related_name="schedule_runs"
    )
    problem = models.TextField(blank=True, help_text="Why no file was asked for, in plain words; no data.")
    began_at = models.DateTimeField(auto_now_add=True)
    told_at = models.DateTimeField(null=True, help_text="When its mail was sent.")
    untold = models.PositiveSmallIntegerField(default=0, help_text="How often the mail could not be sent.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["schedule", "due_on"], name="a_schedule_once_a_day"),)
        indexes = (models.Index(fields=["began_at"], name="runs_to_tell", condition=Q(told_at__isnull=True)),)

    def __str__(self) -> str:
        return f"{self.schedule_id} on {self.due_on}"
