"""The accounts' tests: organisations and one person each, without devices, made once and taken away again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from smi_portal.accounts.models import Person, ReleaseDecision
from smi_portal.inventory.models import Organisation
from tests.support.people import make_people

#: Code → kind, is a User.
ORGANISATIONS = {
    "M1": ("MAP", True),
    "M2": ("MAP", True),
    "M0": ("MAP", False),
    "S1": ("SUPPLIER", True),
    "S2": ("SUPPLIER", True),
    "DCC": ("DCC", False),
    "SECAS": ("SECAS", False),
    "OTHER": ("OTHER", True),
}


@pytest.fixture(scope="package", autouse=True)
def organisations(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """M1 has both releases, M2 none; nobody administers anything until a test says so."""
    with django_db_blocker.unblock():
        _forget()
        for code, (kind, is_user) in ORGANISATIONS.items():
            Organisation.objects.using("owner").create(
                organisation=code, name=f"{code} Ltd", kind=kind, is_user=is_user
            )
        make_people()
    yield
    with django_db_blocker.unblock():
        _forget()


def _forget() -> None:
    tables = ", ".join(model._meta.db_table for model in (ReleaseDecision, Person, Organisation))
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")
