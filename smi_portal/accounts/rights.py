"""What a person may do besides reading: one answer for pages, commands, schedules and the API.

Reading follows from the organisation alone (`viewer_for`). Everything here is read from the person as it is now,
so a right that is taken away is gone with the next request.
"""

from __future__ import annotations

from typing import cast

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from smi_portal.access.readers import Role
from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation

Anyone = Person | AnonymousUser


def person_of(request: HttpRequest) -> Person:
    """Who is signed in, or whose token was sent. Only for views that let nobody else in."""
    return cast(Person, request.user)


def is_administrator(person: Anyone) -> bool:
    """Whether the person administers their own organisation: active, so marked, of an organisation with a role."""
    return isinstance(person, Person) and _acts(person) and person.is_administrator


def is_dcc_operator(person: Anyone) -> bool:
    """Whether the person acts for DCC. Every active person of DCC does; who becomes one needs two operators."""
    return isinstance(person, Person) and _acts(person) and person.organisation.role is Role.DCC


def administers(person: Anyone, organisation: Organisation) -> bool:
    """Whether the person may manage this organisation's people and usage: its own administrators do."""
    return is_administrator(person) and person.organisation_id == organisation.pk  # type: ignore[union-attr]


def administrators_of(organisation: Organisation) -> list[Person]:
    """The active administrators of an organisation, by name: whom others are told to ask."""
    people = Person.objects.filter(organisation=organisation, is_active=True, is_administrator=True)
    return list(people.order_by("name", "email"))


def _acts(person: Person) -> bool:
    return person.is_active and person.organisation.role is not None
