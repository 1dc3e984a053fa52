"""Loads run for real, and commit: each test starts from an empty inventory and leaves one."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from smi_portal.inventory.loading.clear import clear
from smi_portal.inventory.loading.errors import LoadRefused
from smi_portal.inventory.loading.loader import LoadOptions, load
from smi_portal.inventory.loading.report import LoadReport
from smi_portal.inventory.models import Organisation

from .packages import Extract

Loader = Callable[..., LoadReport]


def quiet(_message: str) -> None:
    """Progress that nobody reads."""


def no_rebuild(_cursor: Any, _everything: bool, _progress: Callable[[str], None]) -> None:
    """These tests are about the facts; the periods have their own."""


def forget() -> None:
    """An inventory as a new installation has it."""
    clear(quiet)
    Organisation.objects.using("owner").all().delete()


@pytest.fixture
def inventory(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Commits are allowed; afterwards nothing is left."""
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            forget()


@pytest.fixture
def load_it(inventory: None, tmp_path: Path) -> Loader:
    """Load an Extract (or a path), with LoadOptions by keyword; without the period rebuild unless given."""
    numbers = itertools.count()

    def run(extract: Extract | Path, **options: Any) -> LoadReport:
        path = extract if isinstance(extract, Path) else extract.write(tmp_path / f"package{next(numbers)}")
        chosen = {"rebuild": no_rebuild, "vacuum": False, **options}
        return load(path, LoadOptions(**chosen), io.StringIO())

    return run


@pytest.fixture
def refused(load_it: Loader) -> Callable[..., LoadRefused]:
    """Load something that must be refused; what was said."""

    def run(extract: Extract | Path, **options: Any) -> LoadRefused:
        with pytest.raises(LoadRefused) as caught:
            load_it(extract, **options)
        return caught.value

    return run
