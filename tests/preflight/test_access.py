"""Hostile: what the database itself lets each party read of the pre-flight's tables."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from smi_portal.access.scope import scope
from smi_portal.preflight.models import AddedDevice, OthersPoint, SparePoint

from . import conftest as w
from .conftest import viewer

pytestmark = pytest.mark.usefixtures("loaded")
TABLES = (AddedDevice, OthersPoint, SparePoint)


def refused(act: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            act()
    except DatabaseError as error:
        assert "permission denied" in str(error) or "row-level security" in str(error), error  # noqa: PT017
        return True
    return False


def rows(organisation: str) -> dict[str, set[str]]:
    with scope(viewer(organisation)), connection.cursor() as cursor:
        found = {}
        for table, column in (
            ("preflight_addeddevice", "device_id"),
            ("preflight_sparepoint", "mpxn"),
            ("preflight_otherspoint", "device_id"),
        ):
            try:
                with transaction.atomic():
                    cursor.execute(f"SELECT {column} FROM {table} WHERE true OR 1=1")
                    found[table.removeprefix("preflight_")] = {value for (value,) in cursor.fetchall()}
            except DatabaseError:
                found[table.removeprefix("preflight_")] = {"denied"}
        return found


def test_each_reads_its_own_rows_and_no_others() -> None:
    assert rows("S1") == {
        "addeddevice": {w.PENDING_OWN, w.UNLISTED},
        "sparepoint": {w.SPARE_MPAN},
        "otherspoint": {w.EXPORTING},
    }
    assert rows("S2") == {
        "addeddevice": {w.PENDING_FOREIGN},
        "sparepoint": {w.FOREIGN_SPARE},
        "otherspoint": set(),
    }
    assert rows("M1") == {"addeddevice": {w.OF_MAP}, "sparepoint": {"denied"}, "otherspoint": {"denied"}}
    assert rows("M2") == {"addeddevice": set(), "sparepoint": {"denied"}, "otherspoint": {"denied"}}


def test_nobody_reads_outside_a_scope_and_nobody_writes() -> None:
    for model in TABLES:
        assert refused(lambda model=model: list(model.objects.values_list("pk")))
        for who in ("S1", "M1", "DCC"):
            with scope(viewer(who)):
                assert refused(lambda model=model: model.objects.all()._raw_delete("default"))
    mine = viewer("S1").organisation_id
    with scope(viewer("S1")):
        assert refused(
            lambda: AddedDevice.objects.create(device_id="x", user_org_id=mine, device_type="ESME")
        )
    with scope(viewer("SECAS")):
        assert all(refused(lambda model=model: list(model.objects.values_list("pk"))) for model in TABLES)
