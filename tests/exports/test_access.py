"""Hostile: what an export is about is its organisation's own, whatever the code asks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from reports.exports.models import Delivery, Export, ExportContent
from smi_portal.access.scope import scope

from .asking import ask, made, viewer

EVERYONE = ("M1", "M2", "S1", "DCC", "SECAS")


def refused(act: Callable[[], object]) -> bool:
    """Whether the database refuses it."""
    try:
        with transaction.atomic():
            act()
    except DatabaseError as error:
        assert "permission denied" in str(error) or "row-level security" in str(error), error  # noqa: PT017
        return True
    return False


@pytest.fixture
def two() -> None:
    """One export of M1 and one of S1."""
    ask("M1", question="map_id=MAPA")
    ask("S1", question="supplier_id=SUPA")


def test_each_organisation_reads_its_own_contents_and_no_others(two: None) -> None:
    for who in map(viewer, EVERYONE):
        own = {who.organisation_id} if who.organisation in {"M1", "S1"} else set()
        with scope(who):
            assert set(ExportContent.objects.values_list("organisation_id", flat=True)) == own


def test_nobody_reads_a_content_outside_a_scope(two: None) -> None:
    assert refused(lambda: list(ExportContent.objects.values_list("question")))
    assert refused(lambda: ExportContent.objects.update(question=""))


def test_nobody_writes_into_anothers(two: None) -> None:
    other = viewer("S1").organisation_id
    theirs = Export.objects.get(organisation_id=other)
    me = viewer("M1")
    mine = Export.objects.get(organisation_id=me.organisation_id)
    for who in map(viewer, ("M1", "DCC", "SECAS")):
        with scope(who):
            assert ExportContent.objects.filter(pk=theirs.pk).update(question="stolen") == 0
            assert refused(
                lambda: ExportContent(export_id=theirs.pk, organisation_id=other).save(force_insert=True)
            )
    with scope(me):
        assert refused(lambda: ExportContent.objects.filter(pk=mine.pk).update(organisation_id=other))
        assert refused(lambda: ExportContent.objects.filter(pk=mine.pk)._raw_delete("default"))


def test_the_readers_see_neither_the_jobs_nor_who_asked(two: None) -> None:
    for who in map(viewer, EVERYONE):
        with scope(who), connection.cursor() as cursor:
            for table in ("exports_export", "exports_delivery", "procrastinate_jobs", "procrastinate_events"):
                assert refused(lambda table=table: cursor.execute(f"SELECT count(*) FROM {table}")), table


def test_the_site_cannot_erase_the_history() -> None:
    made()
    assert refused(lambda: Delivery.objects.all()._raw_delete("default"))
    assert refused(lambda: Export.objects.all()._raw_delete("default"))
