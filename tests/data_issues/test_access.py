"""Hostile: what the database itself refuses of data issues, whatever the code asks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from smi_portal.access.scope import scope
from smi_portal.data_issues.models import EVENT, LINE, Event, Line, Submission
from smi_portal.data_issues.post import deliver

from .conftest import act, lines_of, raise_as, w

pytestmark = pytest.mark.usefixtures("real")
TABLES = (Submission, Line, Event)


def refused(act: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            act()
    except DatabaseError as error:
        assert "permission denied" in str(error) or "row-level security" in str(error), error  # noqa: PT017
        return True
    return False


@pytest.fixture
def raised(real: None) -> None:
    """M1 raised a line that S1 was notified of, and one for DCC; S2 raised one of its own."""
    raise_as(
        "M1", w.OWN, cause="WRONG_MPXN", correction="import_mpxn", value=w.SPARE_MPAN, words="secret of M1"
    )
    raise_as("M1", w.ABSENT, cause="NOT_THERE", words="more of M1")
    raise_as("S2", w.FOREIGN, cause="DUPLICATE", words="secret of S2")
    deliver()
    act("S1", lines_of("S1")[0].line["reference"], "COMMENT", "secret of S1")


def test_each_party_reads_its_lines_and_no_others(raised: None) -> None:
    words = {}
    for who in ("M1", "M2", "S1", "S2", "DCC"):
        with scope(w.viewer(who)):
            words[who] = set(Line.objects.values_list("words", flat=True))
            words[who] |= set(Event.objects.exclude(words="").values_list("words", flat=True))
    assert words == {
        "M1": {"secret of M1", "more of M1"},
        "M2": set(),
        "S1": {"secret of M1", "secret of S1"},
        "S2": {"secret of S2"},
        "DCC": {"secret of M1", "more of M1", "secret of S1", "secret of S2"},
    }


def test_no_party_reads_who_the_others_are(raised: None) -> None:
    for who in ("M1", "S1"):
        with scope(w.viewer(who)):
            for column in ("raiser_org_id", "owner_org_id", "viewer_ids"):
                assert refused(lambda column=column: list(Line.objects.values_list(column)))
                assert refused(
                    lambda column=column: list(
                        Line.objects.filter(**{f"{column}__isnull": False}).values("id")
                    )
                )
            for column in ("viewer_ids", "made_by"):
                assert refused(lambda column=column: list(Event.objects.values_list(column)))
            assert Line.objects.values_list(*LINE).count() >= 1
            assert Event.objects.values_list(*EVENT).count() >= 1
    with scope(w.viewer("S1")):
        assert Submission.objects.count() == 0


def test_secas_reads_counts_and_nothing_that_names(raised: None) -> None:
    with scope(w.viewer("SECAS")):
        assert Line.objects.values_list("cause", "raised_on").count() == 3
        for column in ("device_id", "words", "raiser_org_id", "submission_id", "change", "reference"):
            assert refused(lambda column=column: list(Line.objects.values_list(column)))
        for column in ("words", "made_by", "by"):
            assert refused(lambda column=column: list(Event.objects.values_list(column)))
        assert refused(lambda: list(Submission.objects.values_list("pk")))


def test_nothing_is_changed_deleted_or_put_into_anothers_name(raised: None) -> None:
    for who in ("M1", "S1", "DCC", "SECAS"):
        with scope(w.viewer(who)):
            for model in TABLES:
                assert refused(lambda model=model: model.objects.update(id=1))
                assert refused(lambda model=model: model.objects.all()._raw_delete("default"))
    other, mine = w.viewer("S2").organisation_id, w.viewer("S1").organisation_id
    with scope(w.viewer("S1")), connection.cursor() as cursor:
        assert refused(
            lambda: cursor.execute(
                "INSERT INTO data_issues_submission (reference, raiser_org_id, source, note, lines, raised_on, recorded_at, "
                "made_by) VALUES ('X', %s, 'PAGE', '', 1, '2018-11-20', now(), 'x')",
                [other],
            )
        )
        insert = (
            "INSERT INTO data_issues_event (line_id, kind, by, words, on_day, sequence, recorded_at, made_by, viewer_ids) "
            "SELECT id, 'COMMENT', 'PARTY', 'x', '2018-11-20', 1, now(), '', %s FROM data_issues_line"
        )
        assert refused(lambda: cursor.execute(insert, [[other]]))
        assert not refused(lambda: cursor.execute(insert, [[mine]]))


def test_nobody_reads_outside_a_scope(raised: None) -> None:
    for model in TABLES:
        assert refused(lambda model=model: list(model.objects.values_list("pk")))
