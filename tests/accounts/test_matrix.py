"""The matrix page: DCC alone, with a reason, at once; kept; and shown to the organisation with the reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from smi_portal.access.readers import FieldGroup
from smi_portal.accounts.matrix import releases
from smi_portal.accounts.models import Person, viewer_for
from smi_portal.inventory.models import Organisation
from tests.accounts.inviting import words
from tests.support.people import address, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/permissions/M2/supplier/"


def released(code: str) -> set[str]:
    viewer = viewer_for(Organisation.objects.get(organisation=code))
    assert viewer is not None
    return {group.value for group in viewer.released}


def post(client: Client, decision: str, reason: str = "Agreed in WG2, minute 7", page: str = PAGE) -> Any:
    return client.post(page, {"decision": decision, "reason": reason}, follow=True)


def test_released_and_revoked_at_once_with_the_record_kept() -> None:
    dcc, m2 = signed_in("DCC"), signed_in("M2")
    assert "has not been released to you" in words(m2.get("/account/what-you-may-see/"))
    assert "Released. M2 Ltd sees the supplier" in words(post(dcc, "release"))
    assert released("M2") == {"supplier"}
    page = words(m2.get("/account/what-you-may-see/"))
    assert "Agreed in WG2, minute 7" in page
    assert "Revoked. M2 Ltd no longer sees" in words(post(dcc, "revoke", "The MAP asked for it"))
    assert released("M2") == set()
    page = words(m2.get("/account/what-you-may-see/"))
    assert "Taken back on" in page
    assert "Agreed in WG2, minute 7" in page, "history is kept"
    history = words(dcc.get(PAGE))
    assert history.count(address("DCC")) == 2
    assert address("DCC") not in page, "who of DCC decided is DCC's matter"


def test_a_second_click_changes_nothing() -> None:
    dcc = signed_in("DCC")
    post(dcc, "release")
    assert "was released already" in words(post(dcc, "release"))
    assert words(dcc.get(PAGE)).count("minute 7") == 1


def test_a_reason_is_asked_for() -> None:
    dcc = signed_in("DCC")
    for reason in ("", "   "):
        assert "Enter the reason" in words(post(dcc, "release", reason))
    assert "at most 1,000 characters" in words(post(dcc, "release", "x" * 1001))
    assert released("M2") == set()


def test_the_reason_is_shown_as_text() -> None:
    dcc = signed_in("DCC")
    post(dcc, "release", "<script>alert(1)</script>")
    assert "<script>alert" not in signed_in("M2").get("/account/what-you-may-see/").content.decode()


@pytest.mark.parametrize("code", ["M2", "S1", "SECAS", "OTHER"])
def test_nobody_else_opens_or_changes_it(code: str) -> None:
    client = signed_in(code)
    for path in ("/permissions/", PAGE, "/permissions/NOSUCH/supplier/"):
        assert client.get(path).status_code == 403
        assert client.post(path, {"decision": "release", "reason": "mine"}).status_code in {403, 405}
    assert released("M2") == set()


def test_a_map_that_reaches_the_function_is_refused_by_the_database() -> None:
    """As if a page forgot to ask who is there."""
    organisation = Organisation.objects.get(organisation="M2")
    viewer = viewer_for(organisation)
    assert viewer is not None
    person = Person.objects.get(email=address("M2"))
    with pytest.raises(DatabaseError, match="permission denied"):
        releases.decide(person, viewer, organisation, FieldGroup.SUPPLIER, True, "mine")


def test_what_does_not_exist_is_not_found() -> None:
    dcc = signed_in("DCC")
    for path in ("/permissions/NOSUCH/supplier/", "/permissions/M2/secrets/", "/permissions/S1/supplier/"):
        assert dcc.get(path).status_code == 404


def test_the_matrix_lists_every_map_and_narrows() -> None:
    dcc = signed_in("DCC")
    page = words(dcc.get("/permissions/"))
    assert all(name in page for name in ("M0 Ltd", "M1 Ltd", "M2 Ltd"))
    assert "S1 Ltd" not in page
    assert "M1 Ltd" not in words(dcc.get("/permissions/?q=M2"))
    assert "None has" in words(dcc.get("/permissions/?q=%00zzz"))


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("M1", "Released to you on"),
        ("S1", "No field of these rows is held back"),
        ("SECAS", "No device, ever."),
        ("OTHER", "Only organisations that have completed DCC User Entry"),
    ],
)
def test_each_organisation_is_told_what_it_may_see(code: str, sentence: str) -> None:
    assert sentence in words(signed_in(code).get("/account/what-you-may-see/"))
