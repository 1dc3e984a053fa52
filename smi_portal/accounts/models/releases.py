"""The data-permissions matrix: DCC's decisions to release a field group to a MAP, and to take it back."""

from __future__ import annotations

from django.db import models

from smi_portal.access.readers import FieldGroup, Reader, Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.access.tables import Scoped
from smi_portal.inventory.models import Organisation


class ReleaseDecision(models.Model):
    """DCC decided, at this moment, that a field group is released to an organisation, or is no longer.

    The last decision for an organisation and group holds (domain rule 4). Rows are only ever added, so they are
    also the record of what was released when, why and by whom. Only a transaction that the database knows to be
    DCC's may add one, and an organisation reads its own alone: see docs/decisions, "releases are decisions".
    """

    access = Scoped(map="organisation_id", everyone=(Reader.DCC,), adders=(Reader.DCC,))

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="release_decisions")
    group = models.CharField(max_length=20, choices=[(g.value, g.value) for g in FieldGroup])
    is_released = models.BooleanField()
    reason = models.TextField()
    decided_by = models.TextField(help_text="The operator's email address, or the command line.")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["organisation", "group", "-id"], name="last_decision"),)
        constraints = (
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_decision_has_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.group} {'→' if self.is_released else '⊘'} {self.organisation_id}"


def released_to(organisation_id: int, using: str = "default") -> frozenset[FieldGroup]:
    """The groups whose last decision releases them. Read it inside a scope that may see the decisions."""
    last = (
        ReleaseDecision.objects.using(using)
        .filter(organisation_id=organisation_id)
        .order_by("group", "-id")
        .distinct("group")
        .values_list("group", "is_released")
    )
    return frozenset(FieldGroup(group) for group, is_released in last if is_released)


def viewer_for(organisation: Organisation) -> Viewer | None:
    """The viewer that acts for this organisation now, or None when it may see nothing.

    Read afresh for each request: a revoked release or lost User status takes effect at once. A MAP's releases
    are read as that MAP, without any release. Not to be called inside a scope, which cannot be nested.
    """
    role = organisation.role
    if role is None:
        return None
    bare = Viewer(
        role=role,
        organisation_id=organisation.pk,
        organisation=organisation.organisation,
        organisation_name=organisation.name,
    )
    if role is not Role.MAP:
        return bare
    with scope(bare):
        released = released_to(organisation.pk)
    return Viewer(role, bare.organisation_id, bare.organisation, bare.organisation_name, released)
