"""The access tests' world: the contract's, loaded once, and real transactions on the site's own connection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.support import world
from tests.support.loads import forget, load_tables
from tests.support.people import make_people


@pytest.fixture(scope="package", autouse=True)
def access_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Load the world; M1 has both releases, M2 none."""
    with django_db_blocker.unblock():
        forget()
        load_tables(tmp_path_factory.mktemp("access"), world.build(), world.AS_AT)
        make_people()
    yield
    with django_db_blocker.unblock():
        forget()


@pytest.fixture
def real(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Transactions that really begin and end, as on the site. What a test writes, it must take back."""
    with django_db_blocker.unblock():
        yield
