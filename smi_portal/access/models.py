"""The database's side of the signed context."""

from __future__ import annotations

from django.db import models

from smi_portal.access.tables import OwnerOnly


class ContextKey(models.Model):
    """The padded keys with which the database checks a signed context. One row; readable by the owner alone."""

    access = OwnerOnly()

    inner_pad = models.BinaryField()
    outer_pad = models.BinaryField()
