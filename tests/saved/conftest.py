"""The contract's world for saved views: loaded once; what a test saves is rolled back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation
from tests.support import world
from tests.support.loads import forget, load_tables
from tests.support.people import make_people

COLLEAGUE = "colleague@m1.example"


@pytest.fixture(scope="package", autouse=True)
def saved_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """M1 has both releases and two people, M2 none and one."""
    with django_db_blocker.unblock():
        forget()
        load_tables(tmp_path_factory.mktemp("saved"), world.build(), world.AS_AT)
        make_people()
        m1 = Organisation.objects.using("owner").get(organisation="M1")
        Person.objects.db_manager("owner").create_person(COLLEAGUE, "A Colleague", m1, None)
    yield
    with django_db_blocker.unblock():
        forget()


@pytest.fixture
def colleague(db: None) -> Client:
    """A browser in which M1's second person has signed in."""
    client = Client()
    client.force_login(Person.objects.get(email=COLLEAGUE))
    return client
