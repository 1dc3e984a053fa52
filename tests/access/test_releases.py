"""Releases decide which columns a MAP reads, so a MAP must not be able to make one: not even by hostile SQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, connections, transaction
from psycopg import sql

from smi_portal.access.readers import Reader, Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.access.signing import sign
from smi_portal.accounts.models import ReleaseDecision, viewer_for
from smi_portal.inventory.models import Organisation
from tests.support.asking import viewer_of

pytestmark = pytest.mark.usefixtures("real", "as_it_was")

INSERT = (
    'INSERT INTO accounts_releasedecision (organisation_id, "group", is_released, reason, decided_by, decided_at) '
    "VALUES (%s, 'supplier', true, 'I would like to', 'me', now())"
)


@pytest.fixture
def as_it_was(real: None) -> Iterator[None]:
    """Decisions that a test really adds are taken away again, by the owner."""
    last = ReleaseDecision.objects.using("owner").order_by("-pk").values_list("pk", flat=True).first() or 0
    yield
    ReleaseDecision.objects.using("owner").filter(pk__gt=last).delete()


def viewer(code: str) -> Viewer:
    found = viewer_of(code)
    assert found is not None
    return found


def organisation(code: str) -> Organisation:
    return Organisation.objects.get(organisation=code)


def attempt(who: Viewer | None, *before: str, target: str = "M2") -> str:
    """What the database says to a release that this viewer's transaction tries to make."""
    pk = organisation(target).pk
    try:
        with transaction.atomic():
            if who is None:
                _execute(*before, INSERT, pk=pk)
            else:
                with scope(who):
                    _execute(*before, INSERT, pk=pk)
    except DatabaseError as error:
        return str(error)
    return "done"


def _execute(*statements: str, pk: int) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, [pk] if "%s" in statement else None)


@pytest.mark.parametrize("code", ["M2", "S1", "SECAS"])
def test_who_is_not_dcc_releases_nothing(code: str) -> None:
    assert "permission denied" in attempt(viewer(code))


def test_outside_a_scope_nothing_is_released_or_read() -> None:
    assert "permission denied" in attempt(None)
    with pytest.raises(DatabaseError, match="permission denied"):
        ReleaseDecision.objects.exists()


@pytest.mark.parametrize("reader", [Reader.DCC, *(r for r in Reader if r.role is Role.MAP)])
def test_taking_on_another_role_does_not_help(reader: Reader) -> None:
    """The role alone opens nothing: the context still says who the transaction is for."""
    text = attempt(viewer("M2"), f"SET LOCAL ROLE {reader.value}")
    assert "row-level security" in text or "permission denied" in text


def test_a_context_of_ones_own_making_does_not_help() -> None:
    good = sign(Reader.MAP, viewer("M2").organisation_id)
    forged = good.replace("smi_map", "smi_dcc")
    text = attempt(viewer("M2"), f"SET LOCAL smi.context = '{forged}'", "SET LOCAL ROLE smi_dcc")
    assert "row-level security" in text


def test_dcc_releases_and_nobody_rewrites_what_was_decided() -> None:
    assert viewer_for(organisation("M2")).released == frozenset()  # type: ignore[union-attr]
    assert attempt(viewer("DCC")) == "done"
    assert viewer_for(organisation("M2")).released == {"supplier"}  # type: ignore[union-attr]
    for statement in (
        "UPDATE accounts_releasedecision SET is_released = false",
        "DELETE FROM accounts_releasedecision",
        "TRUNCATE accounts_releasedecision",
    ):
        with pytest.raises(DatabaseError, match="permission denied"), scope(viewer("DCC")):
            _execute(statement, pk=0)
    assert viewer_for(organisation("M2")).released == {"supplier"}  # type: ignore[union-attr]


def test_the_last_decision_holds() -> None:
    for is_released, expected in ((True, {"supplier"}), (False, set()), (True, {"supplier"})):
        with scope(viewer("DCC")):
            ReleaseDecision.objects.create(
                organisation=organisation("M2"),
                group="supplier",
                is_released=is_released,
                reason="To and fro",
                decided_by="dee@dcc.example",
            )
        assert viewer_for(organisation("M2")).released == expected  # type: ignore[union-attr]


def test_an_organisation_reads_its_own_decisions_alone() -> None:
    attempt(viewer("DCC"))
    with scope(viewer("M2")):
        assert {d.organisation_id for d in ReleaseDecision.objects.all()} == {organisation("M2").pk}
    with scope(viewer("M1")):
        assert organisation("M2").pk not in {d.organisation_id for d in ReleaseDecision.objects.all()}
    for code in ("S1", "SECAS"):
        with pytest.raises(DatabaseError, match="permission denied"), scope(viewer(code)):
            ReleaseDecision.objects.count()


def test_a_decision_without_a_reason_is_none() -> None:
    with pytest.raises(DatabaseError, match="a_decision_has_a_reason"), scope(viewer("DCC")):
        ReleaseDecision.objects.create(
            organisation=organisation("M2"), group="supplier", is_released=True, reason="", decided_by="d"
        )


def test_the_site_cannot_own_its_way_around() -> None:
    """No role of the site owns the table or its policies."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT tableowner FROM pg_tables WHERE tablename = {}").format(
                sql.Literal(ReleaseDecision._meta.db_table)
            )
        )
        assert cursor.fetchone()[0] not in {"smi_site", *(reader.value for reader in Reader)}
