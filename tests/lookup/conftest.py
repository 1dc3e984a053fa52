"""The contract's world, loaded once for the look-up's tests, and people who may ask about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.support import world
from tests.support.loads import forget, load_tables
from tests.support.people import make_people


@pytest.fixture(scope="package")
def lookup_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Load the world; M1 has both releases, M2 none."""
    with django_db_blocker.unblock():
        forget()
        load_tables(tmp_path_factory.mktemp("lookup"), world.build(), world.AS_AT)
        make_people()
    yield
    with django_db_blocker.unblock():
        forget()


@pytest.fixture
def loaded(lookup_world: None, db: None) -> None:
    """The world, in a transaction that is rolled back."""
