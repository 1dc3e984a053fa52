"""One table. The site adds to it and reads nothing; an organisation reads its own part; DCC reads all."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from smi_portal.access.readers import Reader
from smi_portal.access.tables import Scoped


class AuditEntry(models.Model):
    """One thing that was done. The n-th link of a chain: `mac` authenticates the row and the link before it.

    There are as many chains as writers at the same moment (see `chains`), so that no writer waits for another.
    Persons and organisations are written out, not referred to: the record outlives them.
    """

    access = Scoped(
        map="organisation_id",
        supplier="organisation_id",
        secas="organisation_id",
        adders=tuple(Reader),
        site_adds=True,
    )

    pk = models.CompositePrimaryKey("chain", "n")
    chain = models.UUIDField()
    n = models.BigIntegerField(help_text="1, 2, 3 … without a gap.")
    at = models.DateTimeField(help_text="By the clock of the process that wrote it (UTC).")
    kind = models.TextField()
    person_id = models.BigIntegerField(null=True)
    person = models.TextField(blank=True, help_text="Email address, as it was then.")
    organisation_id = models.IntegerField(null=True, help_text="Whose part it is; NULL = DCC's alone.")
    organisation = models.TextField(blank=True, help_text="The organisation's code, as it was then.")
    origin = models.TextField(blank=True, help_text="Network address, or the command's name.")
    details = models.JSONField(encoder=DjangoJSONEncoder)
    previous = models.CharField(max_length=64, blank=True, help_text="mac of link n-1; empty for the first.")
    mac = models.CharField(max_length=64, help_text="HMAC-SHA256, hexadecimal.")

    class Meta:
        indexes = (
            models.Index(fields=["at", "chain", "n"], name="audit_at"),
            models.Index(fields=["organisation_id", "at", "chain", "n"], name="audit_organisation_at"),
        )
        verbose_name_plural = "audit entries"
