"""The API tests' world: the contract's, loaded once; M1 has both releases, M2 none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from tests.support import world
from tests.support.loads import forget, load_tables
from tests.support.people import make_people


@pytest.fixture(scope="package", autouse=True)
def api_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Load the world."""
    with django_db_blocker.unblock():
        forget()
        load_tables(tmp_path_factory.mktemp("api"), world.build(), world.AS_AT)
        make_people()
    yield
    with django_db_blocker.unblock():
        forget()


@pytest.fixture(autouse=True)
def brisk(settings: Any) -> None:
    """A pace that no test meets by accident."""
    settings.SMI_API_REQUESTS_PER_MINUTE = 100_000
