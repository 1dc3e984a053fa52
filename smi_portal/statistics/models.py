"""What may be shown, and whether it is: small numbers are gone before anything is stored."""

from __future__ import annotations

from django.db import models

from smi_portal.access.tables import SiteTable


class MonthlyTable(models.Model):
    """One table of one month, as published. Written once by the owner; no later load changes it (our design).

    `figures`: rows and columns by name, cells and totals; null = suppressed. Exact counts are never stored.
    """

    access = SiteTable(verbs=("SELECT",))

    month = models.CharField(max_length=7, help_text="YYYY-MM")
    cube = models.CharField(max_length=40)
    day = models.DateField(help_text="The last day of the month: what is counted is as at this day.")
    extract_sequence = models.BigIntegerField()
    built_at = models.DateTimeField(auto_now_add=True)
    figures = models.JSONField(null=True, help_text="NULL: too few to show any of it.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["month", "cube"], name="one_table_a_month"),)

    def __str__(self) -> str:
        return f"{self.cube} {self.month}"


class Publication(models.Model):
    """DCC's decision that anyone may see a month, or no longer may. The last one holds; rows are kept."""

    access = SiteTable(verbs=("SELECT", "INSERT"))

    month = models.CharField(max_length=7)
    public = models.BooleanField()
    decided_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.TextField(help_text="The person's email address.")

    def __str__(self) -> str:
        return f"{self.month}: {'public' if self.public else 'not public'}"
