"""Saved views of others do not exist: by address, by name, by number, and by SQL inside a scope."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from reports.saved.models import Preference, SavedView
from smi_portal.access.scope import scope
from tests.saved.test_pages import save, stored
from tests.support.asking import viewer_of
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db

SECRET = "Meters that we sell in May"
OTHERS = ("M2", "S1", "DCC", "SECAS")


@pytest.fixture
def secret() -> SavedView:
    """A shared view of M1 with a telling name."""
    save(signed_in("M1"), SECRET, shared="true", pinned="true")
    (view,) = stored("M1")
    return view


@pytest.mark.parametrize("organisation", OTHERS)
def test_absent_and_foreign_are_one_answer(secret: SavedView, organisation: str) -> None:
    """For DCC too: what a MAP keeps for itself is not the inventory."""
    client = signed_in(organisation)
    calls: list[Callable[[int], object]] = [
        lambda pk: client.get(f"/views/{pk}/"),
        lambda pk: client.post(f"/views/{pk}/", {"name": "x"}),
        lambda pk: client.get(f"/views/{pk}/delete/"),
        lambda pk: client.post(f"/views/{pk}/delete/"),
        lambda pk: client.post(f"/views/{pk}/prefer/", {"pin": ""}),
        lambda pk: client.post(f"/views/{pk}/question/", {"query": ""}),
    ]
    for call in calls:
        foreign, absent = call(secret.pk), call(secret.pk + 1000)
        assert foreign.status_code == absent.status_code == 404
        assert _steady(foreign.content) == _steady(absent.content)
    for address in ("/", "/views/", f"/reports/BKF_002/?view={secret.pk}"):
        assert SECRET not in client.get(address).content.decode()
    assert stored("M1") == [secret]


def _steady(content: bytes) -> str:
    """The page without its tokens, which differ in every answer."""
    text = content.decode()
    return "".join(part.split('"', 1)[-1] for part in text.split('name="csrfmiddlewaretoken" value="'))


@pytest.mark.parametrize("organisation", OTHERS)
def test_the_database_hides_and_guards_them(secret: SavedView, organisation: str) -> None:
    viewer, mine = viewer_of(organisation), viewer_of("M1")
    assert viewer is not None
    assert mine is not None
    with scope(viewer):
        assert not SavedView.objects.exists()
        assert not Preference.objects.exists()
        assert SavedView.objects.update(name="taken") == 0
        assert SavedView.objects.all().delete()[0] == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            _row(mine.organisation_id)  # in M1's name
        row = _row(viewer.organisation_id)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            SavedView.objects.filter(pk=row.pk).update(organisation_id=mine.organisation_id)
    assert stored("M1") == [secret]


def _row(organisation: int) -> SavedView:
    return SavedView.objects.create(
        organisation_id=organisation, person_id=1, made_by="", report="BKF_002", name="x"
    )


def test_outside_a_scope_there_are_none(secret: SavedView) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        SavedView.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("smi_site",)


def test_a_colleagues_own_view_is_absent_too(colleague: Client) -> None:
    save(colleague, "Private")
    (view,) = stored("M1")
    client = signed_in("M1")
    for suffix in ("", "delete/"):
        foreign, absent = (
            client.get(f"/views/{view.pk}/{suffix}"),
            client.get(f"/views/{view.pk + 9}/{suffix}"),
        )
        assert foreign.status_code == absent.status_code == 404
        assert _steady(foreign.content) == _steady(absent.content)
    assert "Private" not in client.get("/views/").content.decode()
    assert "Private" not in client.get("/reports/MAP_001/").content.decode()
    assert "Private" not in client.get(f"/reports/MAP_001/?view={view.pk}").content.decode()
    assert save(client, "Private").status_code == 302  # nor does its name stand in the way
