"""The accounts' tests: organisations and one person each, without devices, made once and taken away again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from pytest_django import DjangoDbBlocker

from smi_portal.accounts.models import Person, ReleaseDecision
from smi_portal.audit.chains import Pending
from smi_portal.inventory.models import Organisation
from tests.accounts.inviting import CHIEF, administrator
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


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Any) -> Iterator[Callable[..., Any]]:
    """Post as a client does where transactions commit: the mail goes out. (The audit's own commits stay pending.)"""

    def post(client: Client, path: str, data: dict[str, str]) -> Any:
        with django_capture_on_commit_callbacks() as callbacks:
            answer = client.post(path, data, follow=True)
        for callback in callbacks:
            if not isinstance(callback, Pending):
                callback()
        return answer

    yield post


@pytest.fixture
def chief() -> Client:
    """A browser in which M1's administrator has signed in."""
    return administrator(CHIEF, "M1")


def _forget() -> None:
    tables = ", ".join(model._meta.db_table for model in (ReleaseDecision, Person, Organisation))
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")
