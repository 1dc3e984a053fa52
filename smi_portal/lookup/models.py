"""Lists of identifiers that a person keeps."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from smi_portal.access.tables import kept
from smi_portal.inventory.fields import CodeField


class DeviceList(models.Model):
    """Identifiers as a person gave them, in their order, and what each was recognised as.

    What they name is looked up anew each time, as the viewer sees it then: nothing of the inventory is kept here.
    The arrays run side by side, one place a line. `repeats`: the line (from 1) that a line repeats, or 0. `why`:
    what is wrong or doubtful, or "". An unnamed list is kept for some days only (`lists.UNNAMED_DAYS`).
    """

    access = kept("organisation_ref")

    reference = CodeField()
    organisation_ref = models.IntegerField()
    person_ref = models.BigIntegerField(help_text="The person whose list it is.")
    name = models.CharField(max_length=100, blank=True)
    source = models.TextField(blank=True, help_text="What was read: file, sheet, column, rows left out.")
    made_at = models.DateTimeField(auto_now_add=True)
    given = ArrayField(models.TextField())
    kinds = ArrayField(CodeField())
    identifiers = ArrayField(CodeField())
    repeats = ArrayField(models.IntegerField())
    why = ArrayField(models.TextField())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["organisation_ref", "reference"], name="one_list_a_reference"),
        )
