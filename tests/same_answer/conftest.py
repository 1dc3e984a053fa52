"""The world of the same answers: the contract's, with a home that only M1, S1 and DCC may know of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from tests.same_answer import theirs
from tests.support import world
from tests.support.loads import forget, load_tables
from tests.support.people import make_people


@pytest.fixture(scope="package", autouse=True)
def same_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Load it once; M1 has both releases, M2 none."""
    with django_db_blocker.unblock():
        forget()
        load_tables(tmp_path_factory.mktemp("same"), theirs.tables(), world.AS_AT)
        make_people()
        theirs.make_administrators()
    yield
    with django_db_blocker.unblock():
        forget()


@pytest.fixture(autouse=True)
def places(tmp_path: Path, settings: Any) -> None:
    """Files of this test's own; and no limit that an earlier question could have reached."""
    entry: dict[str, Any] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path / "files")},
    }
    settings.STORAGES = {**settings.STORAGES, "exports": entry}
    settings.SMI_API_REQUESTS_PER_MINUTE = 1_000_000
