"""Saving a question, opening it, changing it: as its owner and a colleague do it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from reports.saved.models import Preference, SavedView
from smi_portal.access.scope import scope
from tests.support.asking import viewer_of
from tests.support.html import Page
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db

QUERY = "device_status=Commissioned&columns=device_id,device_status&rows=25"


def stored(organisation: str = "M1") -> list[SavedView]:
    """The organisation's views, oldest first."""
    viewer = viewer_of(organisation)
    assert viewer is not None
    with scope(viewer):
        return list(SavedView.objects.order_by("pk"))


def save(client: Client, name: str, query: str = QUERY, code: str = "MAP_001", **given: str) -> Any:
    """Save a view through the form; the answer."""
    return client.post(f"/views/new/{code}/?{query}", {"name": name, "keep_day": "true", **given})


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_save_open_and_go_on_from_it() -> None:
    client = signed_in("M1")
    page = text_of(client, f"/reports/MAP_001/?{QUERY}&after=")
    assert f"/views/new/MAP_001/?{QUERY}".replace("&", "&amp;") in page
    form = text_of(client, f"/views/new/MAP_001/?{QUERY}")
    assert "Device status: Commissioned" in form
    assert "Columns: Device ID, Device status" in form
    answer = save(client, "  Working   meters ")
    assert answer.status_code == 302
    (view,) = stored()
    assert (view.name, view.query, view.shared) == ("Working meters", QUERY, False)
    assert answer["Location"] == f"/reports/MAP_001/?{QUERY}&view={view.pk}"
    opened = text_of(client, answer["Location"])
    assert "Saved as “Working meters”." in opened
    assert "Views: Working meters</span>" in opened
    assert Page(opened).rows == Page(text_of(client, f"/reports/MAP_001/?{QUERY}")).rows
    changed = text_of(client, f"/reports/MAP_001/?{QUERY}&sort=device_status&view={view.pk}")
    assert "Views: Working meters (changed)</span>" in changed
    assert "Save over “Working meters”" in changed


def test_what_cannot_be_saved_is_said_first_with_a_way_out() -> None:
    client = signed_in("M1")
    answer = client.get(f"/views/new/MAP_001/?{QUERY}&nope=1")
    assert answer.status_code == 400
    page = answer.content.decode()
    summary = page[page.index('role="alert"') : page.index("<h1")]
    assert 'href="#asked"' in summary
    assert "nope" in summary
    assert 'id="asked"' in page
    rest = Page(page).links["Leave out what is wrong"]
    assert rest == f"?{QUERY}"
    assert client.get(f"/views/new/MAP_001/{rest}").status_code == 200
    assert save(client, "Kept", f"{QUERY}&nope=1").status_code == 400
    assert stored() == []


def test_apply_replaces_or_keeps() -> None:
    client = signed_in("M1")
    save(client, "Working")
    (view,) = stored()
    page = Page(text_of(client, "/reports/MAP_001/?manufacturer=Nobody&device_status=Pending"))
    assert page.links["Working"] == f"?{QUERY}&view={view.pk}"
    kept = page.links["Add it to the filters here: Working"]
    assert kept == f"?manufacturer=Nobody&{QUERY}"


def test_save_over() -> None:
    client = signed_in("M1")
    save(client, "Working")
    (view,) = stored()
    answer = client.post(
        f"/views/{view.pk}/question/", {"query": "device_status=Pending&after=x"}, follow=True
    )
    assert "now asks what you see here" in answer.content.decode()
    assert stored()[0].query == "device_status=Pending"
    client.post(f"/views/{view.pk}/question/", {"query": "colour=red"})
    assert stored()[0].query == "device_status=Pending"


def test_rename_and_delete() -> None:
    client = signed_in("M1")
    save(client, "Working")
    (view,) = stored()
    client.post(f"/views/{view.pk}/", {"name": "Other <b>name</b>"})
    assert "Other &lt;b&gt;name&lt;/b&gt;" in text_of(client, "/views/")
    assert "Delete the view “Other" in text_of(client, f"/views/{view.pk}/delete/")
    assert len(stored()) == 1
    client.post(f"/views/{view.pk}/delete/")
    assert stored() == []
    assert "No views yet" in text_of(client, "/views/")
    assert client.post(f"/views/{view.pk}/delete/").status_code == 404


@pytest.mark.parametrize(
    ("name", "says"),
    [("", "Enter a name for the view."), ("x" * 81, "80 characters at most"), ("a\x07b", "cannot be shown")],
)
def test_bad_names(name: str, says: str) -> None:
    answer = save(signed_in("M1"), name)
    assert answer.status_code == 400
    text = answer.content.decode()
    assert says in text
    assert 'href="#id_name"' in text
    assert stored() == []


def test_a_name_is_taken_once_a_report_in_any_case() -> None:
    client = signed_in("M1")
    save(client, "Working")
    answer = save(client, "WORKING")
    assert answer.status_code == 400
    assert "with that name already" in answer.content.decode()
    assert 'value="WORKING"' in answer.content.decode()  # nothing typed is lost
    assert save(client, "working", code="RSMI_001", query="").status_code == 302
    assert save(client, "working", shared="true").status_code == 302
    assert len(stored()) == 3


@pytest.mark.parametrize("query", ["colour=red", "columns=nonsense", "as_at=tomorrow", "sort=-x"])
def test_what_cannot_be_asked_cannot_be_saved(query: str) -> None:
    client = signed_in("M1")
    answer = client.get(f"/views/new/MAP_001/?{query}")
    assert answer.status_code == 400
    assert "Save the view</button>" not in answer.content.decode()
    assert save(client, "Wrong", query).status_code == 400
    assert stored() == []


def test_a_report_of_another_role_or_none() -> None:
    client = signed_in("SECAS")
    assert save(client, "x", "", "MAP_001").status_code == 403
    assert save(client, "x", "", "NOSUCH").status_code == 404
    assert save(client, "All of it", "", "BKF_002").status_code == 302
    assert [view.name for view in stored("SECAS")] == ["All of it"]


def test_the_as_at_day_is_kept_or_not() -> None:
    client = signed_in("M1")
    save(client, "Then", "as_at=2018-11-05")
    client.post("/views/new/MAP_001/?as_at=2018-11-05&rows=25", {"name": "Always"})
    assert [view.query for view in stored()] == ["as_at=2018-11-05", "rows=25"]


def test_a_very_long_question_is_refused_in_words() -> None:
    client = signed_in("M1")
    answer = client.get(
        "/views/new/MAP_001/?" + "&".join(f"manufacturer={n:050}" for n in range(200)), follow=True
    )
    assert "too long to save" in answer.content.decode()


def test_pinned_views_are_on_the_home_page() -> None:
    client = signed_in("M1")
    save(client, "Working", pinned="true")
    home = Page(text_of(client, "/"))
    assert home.links["Working"].startswith(f"/reports/MAP_001/?{QUERY}&view=")
    (view,) = stored()
    client.post(f"/views/{view.pk}/prefer/", {"pin": ""})
    assert "Working" not in Page(text_of(client, "/")).links


def test_a_report_opens_with_its_default_view_and_says_so() -> None:
    client = signed_in("M1")
    save(client, "Working", default="true")
    save(client, "Other", "device_status=Pending", default="true")
    first, second = stored()
    assert client.get("/reports/MAP_001/")["Location"] == f"?device_status=Pending&view={second.pk}"
    opened = text_of(client, f"/reports/MAP_001/?device_status=Pending&view={second.pk}")
    assert "This report opens with your view “Other”" in opened
    plain = Page(text_of(client, "/reports/MAP_001/?view=none"))
    assert plain.links.get("Show it without") is None
    assert client.get("/reports/RSMI_001/").status_code == 200
    client.post(f"/views/{second.pk}/prefer/", {"default": ""})
    assert client.get("/reports/MAP_001/").status_code == 200
    assert Preference.objects.none() is not None
    client.post(f"/views/{first.pk}/prefer/", {"default": ""})
    assert client.get("/reports/MAP_001/").status_code == 302
    # A file is asked for by its own address, and never changed by a preference.
    assert client.get("/reports/MAP_001/download.csv").status_code == 200


def test_shared_views(colleague: Client) -> None:
    client = signed_in("M1")
    save(client, "Ours", shared="true")
    save(client, "Mine")
    ours, mine = stored()
    shown = text_of(colleague, "/views/")
    assert "Ours" in shown
    assert "made by A Person" in shown
    assert "Mine" not in shown
    assert colleague.get(f"/views/{mine.pk}/").status_code == 404
    assert colleague.get(f"/views/{ours.pk}/").status_code == 403
    assert colleague.post(f"/views/{ours.pk}/delete/").status_code == 403
    assert colleague.post(f"/views/{ours.pk}/question/", {"query": ""}).status_code == 403
    colleague.post(f"/views/{ours.pk}/prefer/", {"pin": "", "default": ""})
    assert "Ours" in Page(text_of(colleague, "/")).links
    assert "Ours" not in Page(text_of(client, "/")).links  # each person pins for themselves
    client.post(f"/views/{ours.pk}/", {"name": "Ours"})  # no longer shared
    assert "Ours" not in Page(text_of(colleague, "/")).links
    assert colleague.get("/reports/MAP_001/").status_code == 200
