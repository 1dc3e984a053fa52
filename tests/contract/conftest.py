"""The contract's world: one inventory, loaded once for all of these tests, and people who may ask about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from smi_portal.lookup.models import DeviceList
from tests.contract.lists import make_lists
from tests.support import world
from tests.support.loads import forget, load_tables
from tests.support.people import make_people


@pytest.fixture(scope="package", autouse=True)
def contract_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Load the world; M1 has both releases, M2 none."""
    directory = tmp_path_factory.mktemp("contract")
    with django_db_blocker.unblock():
        forget()
        load_tables(directory, world.build(), world.AS_AT)
        make_people()
        make_lists()
    yield directory
    with django_db_blocker.unblock():
        DeviceList.objects.using("owner").all().delete()
        forget()
