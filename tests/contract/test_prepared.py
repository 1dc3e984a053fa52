"""What the worker works out after a load is what would be counted on asking, for its organisation's eyes alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from reports import prepared
from reports.engine.filters import filter_rows
from reports.engine.options import options_for
from reports.engine.summaries import summaries
from smi_portal.access.scope import scope
from smi_portal.inventory import kept
from smi_portal.inventory.models import ExtractLoad, KeptAnswer
from tests.contract.cases import CASES, Case
from tests.support.people import VIEWERS

PREPARED = [case for case in CASES if case.report.listed]


@pytest.fixture(scope="module", autouse=True)
def worked_out(contract_world: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A worker that has just started has been through."""
    with django_db_blocker.unblock():
        prepared._done.clear()
        assert prepared.prepare() == 6
        assert prepared.prepare() == 0
    yield
    with django_db_blocker.unblock():
        KeptAnswer.objects.using("owner").all().delete()
    prepared._done.clear()


@pytest.fixture(autouse=True)
def real(worked_out: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """No transaction around a test: the owner's connection sees what the site wrote."""
    with django_db_blocker.unblock():
        yield


def asked(case: Case) -> tuple[Any, Any]:
    """Filters and charts as the plain page has them, in a process that was not asked before."""
    cache.clear()
    ask = case.ask()
    with scope(ask.viewer):
        options = options_for(ask)
        return options, list(summaries(filter_rows(ask, options).rows))


def answers() -> Any:
    return KeptAnswer.objects.using("owner").order_by("organisation_ref", "key")


@pytest.mark.parametrize("case", PREPARED, ids=str)
def test_it_is_what_would_be_counted(case: Case) -> None:
    with CaptureQueriesContext(connection) as found:
        given = asked(case)
    assert not [query for query in found if "GROUP BY" in query["sql"]]  # nothing was counted
    written = list(answers().values_list())
    answers().delete()
    try:
        with CaptureQueriesContext(connection) as counted:
            assert asked(case) == given
        if given[0] or case.report.counts:
            assert [query for query in counted if "GROUP BY" in query["sql"]]
        assert not answers().exists()  # whoever asks writes nothing down
    finally:
        fields = [field.attname for field in KeptAnswer._meta.concrete_fields]
        answers().bulk_create(KeptAnswer(**dict(zip(fields, row, strict=True))) for row in written)
    assert [list(one) for one in given[0].values()] == [sorted(one) for one in given[0].values()]


def test_the_database_shows_them_to_their_organisation_alone() -> None:
    every = {case.organisation: case.viewer for case in PREPARED}
    assert set(every) == set(VIEWERS)
    for viewer in every.values():
        with scope(viewer):
            refs = set(KeptAnswer.objects.values_list("organisation_ref", flat=True))
            assert refs == {viewer.organisation_id}
            others = KeptAnswer.objects.exclude(organisation_ref=viewer.organisation_id)
            assert others.update(answer=[]) == 0
            assert others.delete()[0] == 0
    assert set(answers().values_list("organisation_ref", flat=True)) == {
        viewer.organisation_id for viewer in every.values()
    }


def test_who_may_see_more_or_less_is_not_given_what_was_prepared_before() -> None:
    """M1 has both releases. Without them it is asked with other eyes."""
    case = next(case for case in PREPARED if str(case) == "MAP_001-M1")
    released = asked(case)[0]
    eyes = case.viewer
    cache.clear()
    fewer = replace(eyes, released=frozenset())
    ask = replace(case.ask(), viewer=fewer)
    with scope(fewer):
        assert set(options_for(ask)) < set(released)


def test_another_release_of_the_code_answers_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(case for case in PREPARED if case.report.counts)
    with scope(case.viewer):
        KeptAnswer.objects.update(answer=[])
    assert asked(case)[1] == []
    monkeypatch.setattr(kept, "_release", lambda: "another")
    assert asked(case)[1] != []
    prepared._done.clear()
    KeptAnswer.objects.using("owner").all().delete()
    monkeypatch.undo()
    assert prepared.prepare() == 6


def test_answers_of_an_earlier_extract_go() -> None:
    load = ExtractLoad.current()
    assert load is not None
    viewer = PREPARED[0].viewer
    with scope(viewer):
        KeptAnswer.objects.create(
            organisation_ref=viewer.organisation_id, key="old", sequence=load.sequence - 1, answer=[]
        )
    prepared._done.clear()
    assert prepared.prepare() == 6
    assert not answers().filter(key="old").exists()


def test_a_report_that_fails_keeps_no_other_from_being_prepared(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = prepared._prepare

    def fails(report: Any, viewer: Any, load: Any) -> None:
        if report.code == "RSMI_001":
            raise ValueError("broken")
        real(report, viewer, load)

    monkeypatch.setattr(prepared, "_prepare", fails)
    answers().delete()
    prepared._done.clear()
    assert prepared.prepare() == 6
    assert "RSMI_001 could not be prepared for" in caplog.text
    assert answers().exists()


def test_a_database_that_is_away_ends_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked once, and not for every report of everybody; the next turn goes on."""
    asked_for = []

    def away(report: Any, viewer: Any, load: Any) -> None:
        asked_for.append(report.code)
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(prepared, "_prepare", away)
        prepared._done.clear()
        with pytest.raises(OperationalError):
            prepared.prepare()
    assert len(asked_for) == 1
    assert prepared.prepare() == 6


def test_a_turn_ends_and_the_next_goes_on() -> None:
    prepared._done.clear()
    answers().delete()
    assert prepared.prepare(turn=-1) == 0
    assert not answers().exists()
    assert prepared.prepare() == 6
