"""Hostile: what the database itself refuses, whatever the code asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from smi_portal.access.scope import scope
from smi_portal.backfill import models
from smi_portal.backfill.models import ALLOWED, DECLARED, Allowance, Declaration, PublishedRow

from .conftest import D, viewer
from .saying import allow, capacity, declare, panel

pytestmark = pytest.mark.usefixtures("loaded")
FIRST, LAST = date(2018, 11, 19), date(2019, 4, 30)
SCOPED = [
    models.PanelDate,
    models.DailyCapacity,
    models.Declaration,
    models.Allowance,
    models.Publication,
    models.PublishedRow,
]


def refused(act: Callable[[], object]) -> bool:
    """Whether the database refuses it (no right, or a row that breaks the policy)."""
    try:
        with transaction.atomic():
            act()
    except DatabaseError as error:
        assert "permission denied" in str(error) or "row-level security" in str(error), error  # noqa: PT017
        return True
    return False


def publish_all() -> None:
    users = {user: viewer(user).organisation_id for user in ("S1", "S2")}
    with scope(viewer("SECAS")):
        made = models.Publication.objects.create(
            month="2018-11",
            version=1,
            published_on=D,
            day=D,
            extract_sequence=1,
            as_at="2019-01-31T00:00Z",
            made_by="x",
        )
        for user, pk in users.items():
            PublishedRow.objects.create(publication=made, user_org_id=pk, name=user, figures={"lost": 1})


def test_a_supplier_reads_its_own_rows_and_no_others() -> None:
    for user in ("S1", "S2"):
        declare(user, 5, reason=f"secret of {user}")
        allow(user, 3, FIRST, LAST)
    publish_all()
    for user in ("S1", "S2"):
        with scope(viewer(user)):
            own = {viewer_id(user)}
            for model in (Declaration, Allowance, PublishedRow):
                assert set(model.objects.values_list("user_org_id", flat=True)) == own
                assert model.objects.exclude(user_org_id__in=own).count() == 0


def viewer_id(user: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM inventory_organisation WHERE organisation = %s", [user])
        return int(cursor.fetchone()[0])


def test_a_supplier_cannot_declare_for_another_nor_allow_itself_anything() -> None:
    other = viewer("S2").organisation_id
    with scope(viewer("S1")):
        assert refused(
            lambda: Declaration.objects.create(
                user_org_id=other, version=1, declared=1, counted=1, declared_on=D, made_by="x"
            )
        )
        assert refused(
            lambda: Allowance.objects.create(
                user_org_id=viewer_id("S1"), version=1, daily_allowance=9, window_from=FIRST, window_to=LAST,
                confirmed_on=D, made_by="x",
            )
        )  # fmt: skip
        assert refused(lambda: models.PanelDate.objects.create(panel_date=LAST, decided_on=D, made_by="x"))
        assert refused(lambda: list(models.DailyCapacity.objects.all()))


def test_an_insert_that_reads_nothing_back_is_refused_too() -> None:
    """RETURNING asks the reading policy; without it the policy for adding stands alone."""
    other = viewer("S2").organisation_id
    insert = (
        "INSERT INTO backfill_declaration (user_org_id, version, declared, counted, declared_on, reason, made_by, "
        "recorded_at) VALUES (%s, 1, 1, 1, '2019-01-31', '', 'x', now())"
    )
    with scope(viewer("S1")), connection.cursor() as cursor:
        assert refused(lambda: cursor.execute(insert, [other]))
        assert not refused(lambda: cursor.execute(insert, [viewer_id("S1")]))


def test_dcc_cannot_declare_nor_publish_and_secas_can_do_neither_of_the_others() -> None:
    user = viewer("S1").organisation_id
    said = {"user_org_id": user, "version": 1, "made_by": "x"}
    with scope(viewer("DCC")):
        assert refused(lambda: Declaration.objects.create(**said, declared=1, counted=1, declared_on=D))
        assert refused(lambda: models.PanelDate.objects.create(panel_date=LAST, decided_on=D, made_by="x"))
    with scope(viewer("SECAS")):
        assert refused(lambda: Declaration.objects.create(**said, declared=1, counted=1, declared_on=D))
        assert refused(lambda: models.DailyCapacity.objects.create(per_day=1, set_on=D, made_by="x"))
        assert refused(lambda: list(models.DailyCapacity.objects.all()))


def test_what_was_said_is_never_changed_or_deleted() -> None:
    declare("S1", 5)
    allow("S1", 3, FIRST, LAST)
    capacity(5)
    panel()
    publish_all()
    for who in ("S1", "DCC", "SECAS"):
        with scope(viewer(who)):
            for model in SCOPED:
                assert refused(lambda model=model: model.objects.update(id=1))
                assert refused(lambda model=model: model.objects.all()._raw_delete("default"))


def test_secas_reads_the_columns_of_bkf_002_and_no_reason_count_note_or_name() -> None:
    declare("S1", 5, reason="commercially awkward")
    allow("S1", 3, FIRST, LAST)
    with scope(viewer("SECAS")):
        assert Declaration.objects.values_list(*DECLARED).count() == 1
        assert Allowance.objects.values_list(*ALLOWED).count() == 1
        for column in ("reason", "counted", "made_by", "recorded_at"):
            assert refused(lambda column=column: list(Declaration.objects.values_list(column)))
        for column in ("note", "made_by", "recorded_at"):
            assert refused(lambda column=column: list(Allowance.objects.values_list(column)))


def test_secas_reads_no_device_of_the_backfill() -> None:
    with scope(viewer("SECAS")), connection.cursor() as cursor:
        for table in ("inventory_backfillperiod", "inventory_assetperiod", "inventory_servicerequest"):
            assert refused(lambda table=table: cursor.execute(f"SELECT count(*) FROM {table}"))


def test_nobody_reads_outside_a_scope_and_a_map_reads_nothing() -> None:
    declare("S1", 5)
    for model in [*SCOPED, models.ReminderSent]:
        assert refused(lambda model=model: list(model.objects.values_list("pk")))
        with scope(viewer("M1")):
            assert refused(lambda model=model: list(model.objects.values_list("pk")))


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    for address in ("/backfill/", "/backfill/plan.csv", "/backfill/panel/2018-11/pack.xlsx"):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/sign-in/")
