"""The access tests' world: the contract's, loaded once, and real transactions on the site's own connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.access.hostile import ATTACKER, A, state
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


@pytest.fixture(scope="module")
def secrets(access_world: None, django_db_blocker: Any) -> frozenset[str]:
    """Identifiers that the attacker may never see: devices, MPxNs, serials of others; any supplier; any post code."""
    with django_db_blocker.unblock(), connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT device_id, coalesce(mpxn, device_id) FROM {A}")
        everyones = {value for row in cursor.fetchall() for value in row}
        cursor.execute(
            f"SELECT device_id, mpxn, hub_id FROM {A} WHERE map_org_id = o.id UNION "
            "SELECT h.device_id, NULL, NULL FROM inventory_emptyhubperiod h WHERE h.map_org_id = o.id".replace(
                "o.id", "(SELECT id FROM inventory_organisation WHERE organisation = %s)"
            ),
            [ATTACKER, ATTACKER],
        )
        own = {value for row in cursor.fetchall() for value in row if value}
        cursor.execute("SELECT encode(inner_pad, 'hex'), encode(outer_pad, 'hex') FROM access_contextkey")
        keys = set(cursor.fetchone())
    assert len(own) > 50
    assert len(everyones - own) > 50
    return frozenset((everyones - own) | keys | {"ZZ1 1ZZ"})


@pytest.fixture
def unchanged(real: None) -> Iterator[None]:
    """Nothing that matters is different afterwards."""
    before = state()
    yield
    after = state()
    assert {name for name in after if after[name] != before.get(name)} == set()
