"""Deciding a release as DCC, and what was decided. The database lets nobody else's transaction add a decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from smi_portal import audit
from smi_portal.access.readers import FieldGroup
from smi_portal.access.scope import Viewer, scope
from smi_portal.accounts.models import Person, ReleaseDecision, released_to
from smi_portal.inventory.models import Organisation

#: What is in each group, as people know it.
FIELDS = {
    FieldGroup.SUPPLIER: "the supplier of a meter, and since when",
    FieldGroup.PREMISES: "postcode and UPRN",
}
WHY_KEPT = {
    FieldGroup.SUPPLIER: "it is commercially sensitive",
    FieldGroup.PREMISES: "it is personal data",
}


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix: the last decision, if there was any."""

    group: FieldGroup
    last: ReleaseDecision | None

    @property
    def is_released(self) -> bool:
        """Whether the fields are shown now."""
        return self.last is not None and self.last.is_released

    @property
    def fields(self) -> str:
        """What is in the group, in words."""
        return FIELDS[self.group]

    @property
    def why_kept(self) -> str:
        """Why it is not shown without a release."""
        return WHY_KEPT[self.group]


def decide(
    by: Person, viewer: Viewer, organisation: Organisation, group: FieldGroup, released: bool, reason: str
) -> bool:
    """Record DCC's decision, in force with the next statement; False when it stood already.

    `viewer` is the operator's own; for any other role the database refuses (DatabaseError).
    """
    with scope(viewer):
        with connection.cursor() as cursor:  # two operators at once decide one after the other
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('release'), %s)", [organisation.pk])
        if (group in released_to(organisation.pk)) == released:
            return False
        ReleaseDecision.objects.create(
            organisation_id=organisation.pk,
            group=group.value,
            is_released=released,
            reason=reason,
            decided_by=by.email,
        )
        audit.note(
            "field released" if released else "field release revoked",
            person=by,
            organisation=organisation,
            group=group.value,
            reason=reason,
        )
    return True


def cells(viewer: Viewer, organisations: Iterable[int]) -> dict[int, list[Cell]]:
    """The matrix's row of each organisation, as far as the viewer may see it."""
    wanted = list(organisations)
    with scope(viewer):
        last = list(
            ReleaseDecision.objects.filter(organisation_id__in=wanted)
            .order_by("organisation_id", "group", "-id")
            .distinct("organisation_id", "group")
        )
    found = {(one.organisation_id, one.group): one for one in last}
    return {pk: [Cell(group, found.get((pk, group.value))) for group in FieldGroup] for pk in wanted}


def history(viewer: Viewer, organisation_id: int, group: FieldGroup | None = None) -> list[ReleaseDecision]:
    """Every decision about an organisation, the latest first, as far as the viewer may see it."""
    with scope(viewer):
        found = ReleaseDecision.objects.filter(organisation_id=organisation_id).order_by("-id")
        return list(found.filter(group=group.value) if group else found)
