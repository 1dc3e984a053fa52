"""How many findings of data quality each party had at each load."""

from __future__ import annotations

from django.db import models

from smi_portal.access.tables import Scoped
from smi_portal.inventory.fields import CodeField


class FindingCount(models.Model):
    """A party's findings of one kind, counted on the day of one load. `finding` is '' in the row that says that it
    was counted at all. DCC's rows are those of no organisation."""

    access = Scoped(map="organisation_ref", supplier="organisation_ref")

    sequence = models.BigIntegerField(help_text="Of the load.")
    day = models.DateField()
    organisation_ref = models.IntegerField(null=True)
    finding = CodeField()
    findings = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["organisation_ref", "sequence", "finding"],
                name="one_finding_count",
                nulls_distinct=False,
            ),
        )
