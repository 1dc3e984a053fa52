"""Tokens with which a person's programs come in, and the pace at which each person's may ask."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from smi_portal.access.tables import SiteTable
from smi_portal.accounts.models import Person


class ApiToken(models.Model):
    """A token of one person, for some reports, until a day. It gives never more than the person may see now.

    Of the token itself only a hash is kept. A row is never deleted by the site: what was revoked stays listed.
    """

    access = SiteTable(verbs=("SELECT", "INSERT", "UPDATE"))

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80, help_text="What the person calls it: the program that uses it.")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token, hexadecimal.")
    hint = models.CharField(max_length=4, help_text="The token's last letters, to tell it by.")
    covers = ArrayField(models.CharField(max_length=40), help_text="Codes of the reports that it may run.")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True, help_text="To the minute.")
    refused_at = models.DateTimeField(
        null=True, help_text="When its refused use was last put into the audit."
    )
    form_key = models.CharField(max_length=64, unique=True, help_text="Makes a form sent twice one token.")

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"{self.name} (…{self.hint})"

    @property
    def state(self) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "active" if timezone.now() < self.expires_at else "expired"

    @property
    def ended_at(self) -> datetime | None:
        """When it stopped to work, or None while it works."""
        return self.revoked_at or (self.expires_at if self.state == "expired" else None)


class Pace(models.Model):
    """How far ahead of its allowed pace a person's programs are: one row each, written at every request.

    Not logged by the database (see the migration): a crash may forget it, and no request waits for the disk.
    """

    access = SiteTable(verbs=("SELECT", "INSERT", "UPDATE"))

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="+")
    due = models.DateTimeField(help_text="When all requests so far would have been made at the even pace.")

    def __str__(self) -> str:
        return f"{self.pk}: {self.due:%H:%M:%S}"
