"""The exports' world: the contract's inventory, real transactions, and a store of files that goes with the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.support import world
from tests.support.loads import forget, load_tables
from tests.support.people import make_people

TABLES = (
    "fair_use_dailyuse, exports_delivery, exports_exportcontent, exports_export, "
    "exports_schedulecontent, exports_schedulerun, exports_schedule, "
    "procrastinate_periodic_defers, procrastinate_events, procrastinate_jobs, procrastinate_workers"
)


@pytest.fixture(scope="package", autouse=True)
def exports_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Load the world; M1 has both releases, M2 none."""
    with django_db_blocker.unblock():
        forget()
        load_tables(tmp_path_factory.mktemp("exports"), world.build(), world.AS_AT)
        make_people()
    yield
    with django_db_blocker.unblock():
        forget_exports()
        forget()


@pytest.fixture(autouse=True)
def real(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Transactions that really begin and end, since a worker is another connection; each test begins with no job."""
    with django_db_blocker.unblock():
        yield
        forget_exports()


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings: Any) -> Path:
    """Where this test's files are kept."""
    place = tmp_path / "files"
    entry: dict[str, Any] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(place), "file_permissions_mode": 0o600},
    }
    settings.STORAGES = {**settings.STORAGES, "exports": entry}
    return place


def forget_exports() -> None:
    """No export, no job, no schedule."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES} CASCADE")
