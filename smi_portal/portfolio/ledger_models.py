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
from smi_portal.jobs import attempts


class LedgerState(models.TextChoices):
    """How a job stands. Only `READY` has a result."""

    QUEUED = attempts.QUEUED, "Waiting"
    RUNNING = attempts.RUNNING, "Being compared"
    READY = "ready", "Compared"
    FAILED = attempts.FAILED, "Failed"
    CANCELLED = attempts.CANCELLED, "Cancelled"


class LedgerJob(attempts.Attempted):
    """A ledger that waits, is being compared, or was."""

    access = SiteTable(verbs=("SELECT", "INSERT", "UPDATE"))

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="ledger_jobs")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, help_text="The portal role for which it was asked.")
    state = models.CharField(max_length=10, choices=LedgerState.choices, default=LedgerState.QUEUED)

    class Meta:
        indexes = (models.Index(fields=["organisation", "-requested_at"], name="ledgers_of_organisation"),)


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
