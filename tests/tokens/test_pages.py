"""A person's own tokens: made once, shown once, listed, revoked; and nobody else's."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from smi_portal.accounts.models import Person
from smi_portal.tokens import keys
from smi_portal.tokens.models import ApiToken
from smi_portal.tokens.views import MOST
from tests.support.people import address, signed_in
from tests.support.tokens import make_token, program, with_token

pytestmark = pytest.mark.django_db
PAGE = "/account/tokens/"


def sent(client: Client, **changes: Any) -> Any:
    """The form as a person sends it, after opening the page."""
    key = re.search(r'name="form_key" value="([^"]+)"', client.get(PAGE).content.decode())
    assert key is not None
    given = {"name": "nightly load", "covers": ["MAP_001", "RSMI_001"], "days": "30", "form_key": key[1]}
    return client.post(PAGE, {**given, **changes})


def shown(response: Any) -> str:
    """The token on the page, in clear."""
    found = re.search(r'value="(smi_\w+)"', response.content.decode())
    assert found is not None
    return found[1]


def test_a_token_is_made_works_and_is_never_shown_again() -> None:
    client = signed_in("M1")
    response = sent(client)
    text = shown(response)
    assert response["Cache-Control"] == "private, no-store"
    assert keys.is_well_formed(text)
    assert with_token(text).get("/api/v1/reports/MAP_001/rows?limit=1").status_code == 200
    assert with_token(text).get("/api/v1/reports/RSMI_002/rows?limit=1").status_code == 403
    listed = client.get(PAGE).content.decode()
    assert text not in listed
    assert f"smi_…{text[-4:]}" in listed
    assert "nightly load" in listed
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM tokens_apitoken t")
        (row,) = (row for (row,) in cursor.fetchall() if "nightly load" in row)
    assert text not in row
    assert text[4:-4] not in row
    assert keys.digest(text) in row


def test_how_long_it_lives() -> None:
    client = signed_in("M1")
    sent(client, days="7")
    token = ApiToken.objects.get()
    assert abs(token.expires_at - datetime.now(UTC) - timedelta(days=7)) < timedelta(minutes=1)
    ApiToken.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    text = client.get(PAGE).content.decode()
    assert "Expired" in text
    assert "/revoke/" not in text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": ""}, "Enter a name"),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"name": "two\nlines"}, "without line breaks"),
        ({"name": "\x00"}, "Null characters"),
        ({"covers": []}, "Choose at least one report"),
        ({"covers": ["BKF_001"]}, "“BKF_001” is not a report that you may run"),
        ({"covers": ["<script>"]}, "“&lt;script&gt;” is not a report"),
        ({"days": ""}, "Choose how long"),
        ({"days": "100000"}, "Choose one of the offered times"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(changes: dict[str, Any], says: str) -> None:
    response = sent(signed_in("M1"), **changes)
    text = response.content.decode()
    assert response.status_code == 400
    assert "There is a problem" in text
    assert says in text
    assert "<title>Error: " in text
    if "name" not in changes:
        assert 'value="nightly load"' in text
    if "covers" not in changes:
        assert re.search(r'value="MAP_001" checked', text)
    assert not ApiToken.objects.exists()


def test_a_form_sent_twice_makes_one_token() -> None:
    """The second answer cannot show it again, and says what to do."""
    client = signed_in("M1")
    first = sent(client, form_key="the same")
    second = sent(client, form_key="the same")
    assert shown(first)
    assert second.status_code == 302
    assert "made by your first click" in client.get(PAGE).content.decode()
    assert ApiToken.objects.count() == 1
    assert shown(sent(signed_in("M2"), form_key="the same", covers=["MAP_001"])), "another person's form"


def test_revoking() -> None:
    client, text = signed_in("M1"), make_token("M1")
    token = ApiToken.objects.get()
    page = client.get(f"{PAGE}{token.pk}/revoke/")
    assert page.status_code == 200
    assert with_token(text).get("/api/v1/").status_code == 200, "asking is not revoking"
    assert client.post(f"{PAGE}{token.pk}/revoke/").status_code == 302
    assert with_token(text).get("/api/v1/").status_code == 401
    token.refresh_from_db()
    when = token.revoked_at
    assert client.post(f"{PAGE}{token.pk}/revoke/").status_code == 302, "a second click does no harm"
    token.refresh_from_db()
    assert token.revoked_at == when
    listed = client.get(PAGE).content.decode()
    assert "Revoked" in listed
    assert "was revoked" in client.get(f"{PAGE}{token.pk}/revoke/").content.decode()


@pytest.mark.parametrize("who", ["M2", "DCC", "OTHER"])
def test_another_persons_token_is_not_there(who: str) -> None:
    make_token("M1")
    token, client = ApiToken.objects.get(), signed_in(who)
    for verb in ("get", "post"):
        foreign = getattr(client, verb)(f"{PAGE}{token.pk}/revoke/")
        absent = getattr(client, verb)(f"{PAGE}{token.pk + 9999}/revoke/")
        huge = getattr(client, verb)(f"{PAGE}{10**30}/revoke/")
        assert foreign.status_code == absent.status_code == huge.status_code == 404
        assert _body(foreign) == _body(absent)
    token.refresh_from_db()
    assert token.revoked_at is None
    assert f"…{token.hint}" not in client.get(PAGE).content.decode()


def _body(response: Any) -> str:
    return re.sub(r'csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())


def test_when_it_was_last_used() -> None:
    client, text = signed_in("M1"), make_token("M1")
    assert ">never<" in client.get(PAGE).content.decode()
    with_token(text).get("/api/v1/")
    used = ApiToken.objects.get().last_used_at
    assert used is not None
    assert datetime.now(UTC) - used < timedelta(minutes=1)
    with_token(text).get("/api/v1/")
    assert ApiToken.objects.get().last_used_at == used, "noted to the minute"
    ApiToken.objects.update(last_used_at=used - timedelta(minutes=2))
    with_token(text).get("/api/v1/")
    assert ApiToken.objects.get().last_used_at > used
    assert ">never<" not in client.get(PAGE).content.decode()


def test_a_refused_request_is_no_use() -> None:
    program("M0").get("/api/v1/")
    assert ApiToken.objects.get().last_used_at is None


def test_most_tokens() -> None:
    for _ in range(MOST):
        make_token("M1")
    response = sent(signed_in("M1"))
    assert response.status_code == 400
    assert f"You have {MOST} working tokens" in response.content.decode()
    ApiToken.objects.filter(pk=ApiToken.objects.first().pk).update(revoked_at=datetime.now(UTC))
    assert shown(sent(signed_in("M1")))


def test_who_sees_nothing_can_make_none_but_revoke() -> None:
    client = signed_in("M0")
    text = client.get(PAGE).content.decode()
    assert "a token would open nothing" in text
    assert (
        client.post(PAGE, {"name": "x", "covers": ["MAP_001"], "days": "7", "form_key": "k"}).status_code
        == 400
    )
    make_token("M0")
    assert client.post(f"{PAGE}{ApiToken.objects.get().pk}/revoke/").status_code == 302
    assert ApiToken.objects.get().state == "revoked"


def test_each_role_is_offered_its_own_reports() -> None:
    offered = {
        who: set(re.findall(r'name="covers" value="(\w+)"', signed_in(who).get(PAGE).content.decode()))
        for who in ("M1", "S1", "SECAS", "DCC")
    }
    assert offered["SECAS"] == {"BKF_002"}
    assert "BKF_001" not in offered["M1"]
    assert "MAP_001" not in offered["S1"]
    assert "CHANGES" in offered["M1"] & offered["S1"]
    assert {"CHANGES", "RENTAL_DAYS"} <= offered["DCC"]
    assert "RECONCILE" in (offered["M1"] & offered["S1"]) - offered["DCC"]
    assert len(offered["DCC"]) == 13


def test_forged_forms_are_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(Person.objects.get(email=address("M1")))
    assert client.post(PAGE, {"name": "x"}).status_code == 403


def test_the_site_keeps_what_was_revoked() -> None:
    """The site's role may not delete a token."""
    from django.db import ProgrammingError, transaction

    make_token("M1")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        ApiToken.objects.all().delete()
