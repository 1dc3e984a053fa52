"""Which extracts were loaded: the source of every page's freshness."""

from __future__ import annotations

from datetime import UTC, date

from django.db import models

from smi_portal.access.tables import Reference


class ExtractLoad(models.Model):
    """One package that was loaded. The newest by `sequence` is what the site shows."""

    access = Reference()

    extract_id = models.TextField(unique=True)
    sequence = models.BigIntegerField(unique=True)
    kind = models.TextField(help_text="full or delta")
    as_at = models.DateTimeField(help_text="The instant that the data describes (UTC).")
    content_hash = models.TextField(
        unique=True, help_text="SHA-256 over the package's files and their names."
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    report = models.JSONField(help_text="Rows in, changed, rejected; soft findings by kind.")

    class Meta:
        get_latest_by = "sequence"

    def __str__(self) -> str:
        return f"extract {self.sequence} as at {self.as_at:%Y-%m-%dT%H:%MZ}"

    @property
    def day(self) -> date:
        """The extract day: the UTC day of `as_at` (reports.md, term D)."""
        return self.as_at.astimezone(UTC).date()

    @classmethod
    def current(cls) -> ExtractLoad | None:
        """The load that the site shows now, or None before the first. Its long report is read when it is asked for."""
        return cls.objects.defer("report").order_by("-sequence").first()
