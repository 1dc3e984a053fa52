"""A package that is large enough for committed steps, and loading it so: what their tests share."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from smi_portal.inventory.demo.package import Options, write_demo_extract
from smi_portal.inventory.loading import apply, steps
from smi_portal.inventory.loading.clear import clear
from smi_portal.inventory.loading.loader import LoadOptions, load
from smi_portal.inventory.loading.report import LoadReport
from smi_portal.inventory.models import AssetPeriod, Organisation
from smi_portal.inventory.periods import parts

from . import whole
from .conftest import forget, quiet

SIZE = 60  # devices of a part: some parts of meters and of others, in an extract this small
Rows = dict[str, list[str]]


class Told(io.StringIO):
    """Progress that somebody reads: `told` hears each line."""

    def __init__(self, told: Callable[[str], None] = quiet) -> None:
        super().__init__()
        self.told = told

    def write(self, text: str) -> int:
        self.told(text)
        return super().write(text)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A full extract of about 400 devices, every planned oddity among them."""
    out = tmp_path_factory.mktemp("steps")
    write_demo_extract(out, Options(premises=90, seed=11))
    return out / "0001-full"


def load_whole(package: Path) -> LoadReport:
    """Load in one transaction."""
    whole.number_anew()
    return load(package, LoadOptions(vacuum=False), io.StringIO())


def load_in_steps(package: Path, told: Callable[[str], None] = quiet) -> str:
    """Load in steps; what it said. Whoever calls has made the package large."""
    whole.number_anew()
    out = Told(told)
    load(package, LoadOptions(vacuum=False), out)
    assert "in 2 hands" in out.getvalue()
    return out.getvalue()


@pytest.fixture(scope="module")
def expected(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, package: Path
) -> Iterator[tuple[Rows, set[tuple[Any, ...]]]]:
    """What one transaction makes of the package; the organisations then stay, as after `clear_inventory`."""
    with django_db_blocker.unblock():
        forget()
        shape = whole.shape()
        load_whole(package)
        rows = whole.rows()
        clear(quiet)
    assert all(rows[name] for name in ("inventory_assetperiod", "inventory_emptyhubperiod"))
    yield rows, shape
    with django_db_blocker.unblock():
        forget()


@pytest.fixture
def in_steps(
    expected: object, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A cleared inventory, and a package of this size is large. Commits are real."""
    monkeypatch.setattr(steps, "FROM_PARTS", 1)
    monkeypatch.setattr(parts, "SIZE", SIZE)
    monkeypatch.setattr(apply, "LARGE", 100)
    with django_db_blocker.unblock():
        yield
        clear(quiet)


def seen_by_readers() -> dict[str, int]:
    """Rows that any reader sees, in the scope of any organisation, of all tables that a load fills."""
    from smi_portal.access.scope import Viewer, scope
    from smi_portal.inventory.models import AssociationPeriod, BackfillPeriod, Certificate, EmptyHubPeriod
    from tests.support.asking import viewer_of

    seen: dict[str, int] = {}
    for code in Organisation.objects.using("owner").values_list("organisation", flat=True):
        viewer: Viewer | None = viewer_of(code)
        if viewer is None:
            continue
        with scope(viewer), connections["default"].cursor() as cursor:
            for model in (AssetPeriod, AssociationPeriod, EmptyHubPeriod, BackfillPeriod, Certificate):
                table = model._meta.db_table
                cursor.execute(
                    "SELECT has_any_column_privilege(current_user, %s::regclass, 'SELECT')", [table]
                )
                if cursor.fetchone()[0]:
                    cursor.execute(f"SELECT count(device_id) FROM {table}")
                    seen[f"{code} {table}"] = cursor.fetchone()[0]
    return seen
