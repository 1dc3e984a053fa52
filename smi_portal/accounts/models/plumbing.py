"""What the site itself keeps: failed attempts, which the throttle counts, and the demo's mail."""

from __future__ import annotations

from django.db import models

from smi_portal.access.tables import SiteTable


class FailedAttempt(models.Model):
    """An attempt to sign in that failed, in one of the buckets that the throttle counts (a hash, no address)."""

    access = SiteTable(verbs=("SELECT", "INSERT", "DELETE"))

    bucket = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["bucket", "at"], name="attempts_of_a_bucket"),)


class DemoMail(models.Model):
    """A mail that the demo "sent": kept for its inbox page instead of leaving the machine."""

    access = SiteTable(verbs=("SELECT", "INSERT", "DELETE"))

    sent_at = models.DateTimeField(auto_now_add=True)
    recipients = models.TextField()
    subject = models.TextField()
    body = models.TextField()
