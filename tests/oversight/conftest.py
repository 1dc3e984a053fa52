"""Two MAPs, DCC and SECAS with an administrator and a member each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from smi_portal.accounts.models import Person
from smi_portal.audit.models import AuditEntry
from smi_portal.fair_use.models import DailyUse
from smi_portal.inventory.models import Organisation

PARTIES = {"OM1": "MAP", "OM2": "MAP", "OS1": "SUPPLIER", "ODCC": "DCC", "OSEC": "SECAS", "OOTH": "OTHER"}


def email(organisation: str, administrator: bool = False) -> str:
    return f"{'admin' if administrator else 'member'}@{organisation.lower()}.example"


@pytest.fixture(scope="package", autouse=True)
def parties(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Made by the owner, to stay for these tests. What earlier tests used and did is forgotten: DCC would see it."""
    with django_db_blocker.unblock():
        for model in (AuditEntry, DailyUse):
            model.objects.using("owner").all().delete()
        for code, kind in PARTIES.items():
            organisation = Organisation.objects.using("owner").create(
                organisation=code, name=f"The {code}", kind=kind, is_user=True
            )
            for administrator in (True, False):
                Person.objects.db_manager("owner").create_person(
                    email(code, administrator), code, organisation, None, is_administrator=administrator
                )
    yield
    with django_db_blocker.unblock():
        for model in (AuditEntry, DailyUse):
            model.objects.using("owner").all().delete()
        Person.objects.using("owner").filter(organisation__organisation__in=PARTIES).delete()
        Organisation.objects.using("owner").filter(organisation__in=PARTIES).delete()


def person(organisation: str, administrator: bool = False) -> Person:
    return Person.objects.get(email=email(organisation, administrator))


def browser(organisation: str, administrator: bool = False) -> Client:
    """A browser in which that person has signed in."""
    client = Client()
    client.force_login(person(organisation, administrator))
    return client
