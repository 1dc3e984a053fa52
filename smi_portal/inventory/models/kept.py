"""Answers that take long, worked out after a load before anybody asks."""

from __future__ import annotations

from django.db import models

from smi_portal.access.tables import kept
from smi_portal.inventory.fields import CodeField


class KeptAnswer(models.Model):
    """One answer for one organisation, from one extract: what its charts or a filter's choices count.

    `key` says what was asked, by whose eyes, of which extract and day, by which release of the code.
    """

    access = kept("organisation_ref")

    pk = models.CompositePrimaryKey("organisation_ref", "key")
    organisation_ref = models.IntegerField()
    key = CodeField()
    sequence = models.BigIntegerField(help_text="Of the load that it was worked out from.")
    answer = models.JSONField()
