"""What a person may do besides reading follows from the person as they are now."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from smi_portal.access.declare import administrators, entry_of, for_roles
from smi_portal.access.middleware import DenyByDefault
from smi_portal.access.readers import Role
from smi_portal.accounts import rights
from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation
from tests.support.people import address

pytestmark = pytest.mark.django_db


def person(code: str, **changes: object) -> Person:
    """An organisation's person, changed in memory."""
    found = Person.objects.select_related("organisation").get(email=address(code))
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def test_who_administers_and_who_acts_for_dcc() -> None:
    assert rights.is_administrator(person("M1", is_administrator=True))
    assert not rights.is_administrator(person("M1"))
    assert not rights.is_administrator(person("M1", is_administrator=True, is_active=False))
    assert not rights.is_administrator(person("M0", is_administrator=True)), "not a User"
    assert not rights.is_administrator(person("OTHER", is_administrator=True)), "no role"
    assert not rights.is_administrator(AnonymousUser())
    assert rights.is_dcc_operator(person("DCC"))
    assert not rights.is_dcc_operator(person("DCC", is_active=False))
    assert not rights.is_dcc_operator(person("SECAS", is_administrator=True))
    assert not rights.is_dcc_operator(AnonymousUser())


def test_one_administers_ones_own_organisation_alone() -> None:
    one, two = (Organisation.objects.get(organisation=code) for code in ("M1", "M2"))
    assert rights.administers(person("M1", is_administrator=True), one)
    assert not rights.administers(person("M1", is_administrator=True), two)
    assert not rights.administers(person("M1"), one)
    assert not rights.administers(person("DCC", is_administrator=True), one)


def test_whom_to_ask() -> None:
    one = Organisation.objects.get(organisation="M1")
    assert rights.administrators_of(one) == []
    Person.objects.filter(email=address("M1")).update(is_administrator=True)
    assert [found.email for found in rights.administrators_of(one)] == [address("M1")]
    Person.objects.filter(email=address("M1")).update(is_active=False)
    assert rights.administrators_of(one) == []


@pytest.mark.parametrize(
    ("declare", "welcome"),
    [
        (administrators, {"M1 administrator", "DCC administrator"}),
        (for_roles(Role.DCC), {"DCC", "DCC administrator"}),
        (for_roles(Role.MAP, Role.DCC, administrator=True), {"M1 administrator", "DCC administrator"}),
        (for_roles(Role.SUPPLIER), {"S1"}),
    ],
)
def test_a_view_can_be_narrowed_to_roles_and_administrators(declare: object, welcome: set[str]) -> None:
    @declare  # type: ignore[operator]
    def view(request: object) -> None: ...

    assert entry_of(view) is not None
    let_in = set()
    for code in ("M1", "M0", "S1", "DCC", "OTHER"):
        for administers in (False, True) if code in {"M1", "DCC", "M0"} else (False,):
            request = RequestFactory().get("/")
            request.user = person(code, is_administrator=administers)
            try:
                if DenyByDefault(lambda _: None).process_view(request, view, [], {}) is None:  # type: ignore[arg-type, return-value]
                    let_in.add(f"{code}{' administrator' if administers else ''}")
            except PermissionDenied:
                pass
    assert let_in == welcome
