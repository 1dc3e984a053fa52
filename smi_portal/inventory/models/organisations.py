"""Parties, as the extract names them."""

from __future__ import annotations

from django.db import models

from smi_portal.access.readers import Role
from smi_portal.access.tables import Reference
from smi_portal.inventory.fields import CodeField


class Organisation(models.Model):
    """A party of the extract's organisations.csv. Never deleted (people and audit refer to it): see `in_extract`.

    The integer id is what row-level security compares; it stays the same from load to load.
    """

    access = Reference()

    organisation = CodeField(unique=True, help_text="The party's code, as in the extract.")
    name = models.TextField()
    kind = CodeField(help_text="MAP, SUPPLIER, SECAS, DCC or OTHER.")
    is_user = models.BooleanField(help_text="Has completed DCC User Entry.")
    in_extract = models.BooleanField(default=True, help_text="False once a later extract no longer lists it.")

    def __str__(self) -> str:
        return f"{self.name} ({self.organisation})"

    @property
    def role(self) -> Role | None:
        """The portal role, or None for a party that may see nothing (OTHER; a MAP or supplier not a User)."""
        if not self.in_extract or self.kind not in Role.__members__:
            return None
        role = Role(self.kind)
        needs_user_entry = role in {Role.MAP, Role.SUPPLIER}
        return role if self.is_user or not needs_user_entry else None
