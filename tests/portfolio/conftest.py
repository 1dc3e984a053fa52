"""Packages that are really loaded, one after the other, and the portfolio asked as its commands ask it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.support.loads import forget


@pytest.fixture
def real(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Loads commit, and each question has its own transaction, as on the site."""
    with django_db_blocker.unblock():
        forget()
        try:
            yield
        finally:
            forget()


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where packages are written."""
    return tmp_path_factory.mktemp("packages")
