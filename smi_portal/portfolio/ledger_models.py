"""Ledgers that are compared in the background. What is needed to run a job stands in one table, the ledger in others.

The worker must find a job before it knows whose eyes to use, so `LedgerJob` says nothing of any device: who asked, how
it stands. The file and all that is said of it are the organisation's own, under row-level security, and the file's
pieces are deleted as soon as the job has ended, however it ended.
"""

from __future__ import annotations

import uuid

from django.db import models

from smi_portal.access.tables import SiteTable, kept
from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation


class LedgerState(models.TextChoices):
    """How a job stands. Only `READY` has a result."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Being compared"
    READY = "ready", "Compared"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


#: States from which a job still goes on by itself.
UNFINISHED = (LedgerState.QUEUED, LedgerState.RUNNING)


class LedgerJob(models.Model):
    """A ledger that waits, is being compared, or was."""

    access = SiteTable(verbs=("SELECT", "INSERT", "UPDATE"))

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="ledger_jobs")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, help_text="The portal role for which it was asked.")
    state = models.CharField(max_length=10, choices=LedgerState.choices, default=LedgerState.QUEUED)
    reason = models.TextField(blank=True, help_text="Why it is tried again, in plain words; no data.")
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, help_text="When the present attempt began.")
    beat_at = models.DateTimeField(null=True, help_text="When the attempt last said that it lives.")
    finished_at = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(default=0, help_text="Counts every start.")
    failures = models.PositiveIntegerField(default=0, help_text="Attempts that failed; some make it final.")

    class Meta:
        indexes = (models.Index(fields=["organisation", "-requested_at"], name="ledgers_of_organisation"),)

    @property
    def unfinished(self) -> bool:
        """Whether it waits or is being compared."""
        return self.state in UNFINISHED


class Ledger(models.Model):
    """What a job is about, how far it is, and what came out. Period: `period_from ≤ day < period_to`."""

    access = kept()

    job = models.OneToOneField(LedgerJob, primary_key=True, on_delete=models.CASCADE, related_name="ledger")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.TextField(help_text="The file's name.")
    size = models.BigIntegerField(help_text="Its bytes.")
    sha256 = models.CharField(max_length=64)
    period_from = models.DateField()
    period_to = models.DateField()
    rate = models.TextField(blank=True, help_text="Pounds a day, as a decimal; blank = none.")
    headings = models.JSONField(default=dict, help_text="Field → heading.")
    step = models.TextField(blank=True, help_text="What is being done.")
    done = models.BigIntegerField(default=0, help_text="Lines.")
    total = models.BigIntegerField(null=True, help_text="Lines; known when the file has been read once.")
    problem = models.TextField(blank=True, help_text="What was wrong with the file, if it was that.")
    result = models.UUIDField(null=True, help_text="The reconciliation that was kept.")


class LedgerPart(models.Model):
    """A piece of the file, compressed, in order; there only until the job has ended."""

    access = kept()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ledger = models.ForeignKey(Ledger, on_delete=models.CASCADE, related_name="parts")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.IntegerField()
    body = models.BinaryField()
