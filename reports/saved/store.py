"""Reading and changing saved views. Every function runs inside `scope(viewer)`: other organisations' do not exist.

Inside an organisation a person sees their own views and the shared ones; any other is absent, not forbidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from reports.saved.models import Preference, SavedView
from smi_portal.access.scope import Viewer
from smi_portal.accounts.rights import is_administrator


class NameTaken(Exception):
    """There is such a view already."""


@dataclass(frozen=True)
class Owner:
    """Who acts: a person of an organisation, with the right to look after what it shares, or without."""

    person_id: int
    name: str
    organisation_id: int
    administrator: bool = False


def owner_of(person: Any, viewer: Viewer) -> Owner:
    """The signed-in person as an owner of views."""
    return Owner(person.pk, person.name, viewer.organisation_id, is_administrator(person))


def views(owner: Owner, report: str | None = None) -> QuerySet[SavedView]:
    """The views that this person may use, shared ones last, by name."""
    found = SavedView.objects.filter(Q(person_id=owner.person_id) | Q(shared=True))
    found = found.filter(organisation_id=owner.organisation_id)
    found = found.filter(report=report) if report else found
    return found.order_by("report", "shared", "name", "pk")


def view(owner: Owner, pk: int) -> SavedView | None:
    """One view that this person may use; None for any other, absent or somebody else's."""
    return views(owner).filter(pk=pk).first()


def may_change(owner: Owner, found: SavedView) -> bool:
    """The maker, and for a shared view an administrator of its organisation too."""
    return found.person_id == owner.person_id or (found.shared and owner.administrator)


def preferences(owner: Owner) -> dict[int, Preference]:
    """View → what this person does with it."""
    mine = Preference.objects.filter(person_id=owner.person_id, organisation_id=owner.organisation_id)
    return {one.view_id: one for one in mine}


def save(owner: Owner, found: SavedView) -> SavedView:
    """Store a new or changed view. Raises NameTaken."""
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise NameTaken from None
    if not found.shared:
        Preference.objects.filter(view=found).exclude(person_id=found.person_id).delete()
    return found


def new(owner: Owner, report: str, name: str, query: str, shared: bool) -> SavedView:
    """A view that is not stored yet."""
    return SavedView(
        organisation_id=owner.organisation_id,
        person_id=owner.person_id,
        made_by=owner.name,
        report=report,
        name=name,
        query=query,
        shared=shared,
    )


def prefer(owner: Owner, found: SavedView, *, pinned: bool, default: bool) -> None:
    """Pin or unpin the view, make or unmake it the report's first. One default a report: the last one wins."""
    mine = Preference.objects.filter(person_id=owner.person_id, organisation_id=owner.organisation_id)
    with transaction.atomic():
        if default:
            mine.filter(report=found.report, default=True).exclude(view=found).update(default=False)
        Preference.objects.update_or_create(
            organisation_id=owner.organisation_id,
            person_id=owner.person_id,
            view=found,
            defaults={"report": found.report, "pinned": pinned, "default": default},
        )


def default_view(owner: Owner, report: str) -> SavedView | None:
    """The view that this person's report opens with."""
    chosen = {"preferences__person_id": owner.person_id, "preferences__default": True}
    return views(owner, report).filter(**chosen).first()


def pinned(owner: Owner) -> list[SavedView]:
    """The views on this person's home page."""
    chosen = {"preferences__person_id": owner.person_id, "preferences__pinned": True}
    return list(views(owner).filter(**chosen))
