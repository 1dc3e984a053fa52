"""The second step: who must use one is led to it, codes work once, guessing is slowed down, secrets are sealed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from smi_portal.accounts.models import OrganisationSettings, Person
from tests.accounts.signing import PASSWORD, code_of, enter, make, set_up_app, who

pytestmark = pytest.mark.django_db
EMAIL = "someone@m1.example"


@pytest.fixture
def required(settings: Any) -> None:
    settings.SMI_REQUIRE_MFA = True


@pytest.mark.parametrize(
    ("organisation", "administrator", "led"),
    [
        ("M1", True, True),
        ("DCC", False, True),
        ("DCC", True, True),
        ("M1", False, False),
        ("SECAS", False, False),
    ],
)
def test_administrators_and_dcc_are_led_to_it(
    required: None, organisation: str, administrator: bool, led: bool
) -> None:
    make(EMAIL, organisation, administrator=administrator)
    client = Client()
    enter(client, EMAIL)
    for path in ("/", "/reports/", "/accessibility/"):
        answer = client.get(path)
        if led and path != "/accessibility/":
            assert (answer.status_code, answer["Location"]) == (302, "/account/second-step/")
        else:
            assert answer.status_code == 200
    if led:
        set_up_app(client)
        assert client.get("/").status_code == 200


def test_the_demos_setting_asks_nobody_but_an_organisation_may() -> None:
    member = make(EMAIL, "M1")
    make("chief@m1.example", "M1", administrator=True)
    client, chief = Client(), Client()
    enter(client, EMAIL)
    enter(chief, "chief@m1.example")
    assert client.get("/").status_code == chief.get("/").status_code == 200
    OrganisationSettings.objects.create(organisation=member.organisation, second_step=True)
    assert client.get("/")["Location"] == chief.get("/")["Location"] == "/account/second-step/"


def test_an_app_is_set_up_and_then_asked_for() -> None:
    make(EMAIL, "M1")
    client = Client()
    enter(client, EMAIL)
    secret = set_up_app(client)
    picture = client.get("/account/second-step/app/code.svg")
    assert picture.status_code == 404, "the secret is shown while it is set up, never again"
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored
    client.post("/sign-out/")
    answer = enter(client, EMAIL, data={"next": "/reports/"})
    assert answer["Location"].startswith("/sign-in/code/")
    assert who(client) is None, "half way is not in"
    assert client.get("/reports/").status_code == 302
    wrong = client.post("/sign-in/code/", {"code": "000000"})
    assert "This code is not right" in wrong.content.decode()
    answer = client.post(answer["Location"], {"code": code_of(secret, 1)})
    assert answer.status_code == 302
    assert who(client) == EMAIL


def test_a_code_works_once_also_in_another_process() -> None:
    make(EMAIL, "M1")
    client = Client()
    enter(client, EMAIL)
    secret = set_up_app(client)
    code = code_of(secret, 1)
    from django.core.cache import cache

    results = []
    for _ in range(2):
        cache.clear()  # the memory of one process
        browser = Client()
        enter(browser, EMAIL)
        browser.post("/sign-in/code/", {"code": code})
        results.append(who(browser))
    assert results == [EMAIL, None]


def test_guessing_codes_is_slowed_down_but_not_for_the_persons_own_browser() -> None:
    make(EMAIL, "M1")
    mine = Client()
    enter(mine, EMAIL)
    secret = set_up_app(mine)
    mine.post("/sign-out/")
    thief = Client()
    enter(thief, EMAIL)
    for _ in range(5):
        assert "not right" in thief.post("/sign-in/code/", {"code": "000000"}).content.decode()
    assert "too many attempts" in thief.post("/sign-in/code/", {"code": code_of(secret, 1)}).content.decode()
    enter(mine, EMAIL)
    mine.post("/sign-in/code/", {"code": code_of(secret, 1)})
    assert who(mine) == EMAIL


def test_a_recovery_code_lets_in_once() -> None:
    make(EMAIL, "M1")
    client = Client()
    enter(client, EMAIL)
    set_up_app(client)
    page = client.get("/account/second-step/codes/").content.decode()
    codes = [part.split("</li>")[0] for part in page.split("<li>")[1:] if part[:8].isdigit()]
    assert len(codes) == 10
    assert codes[0] in client.get("/account/second-step/codes.txt").content.decode()
    for expected in (EMAIL, None):
        browser = Client()
        enter(browser, EMAIL)
        browser.post("/sign-in/code/", {"code": codes[0]})
        assert who(browser) == expected


def test_who_must_use_one_keeps_the_last_one(required: None) -> None:
    make(EMAIL, "M1", administrator=True)
    client = Client()
    enter(client, EMAIL)
    set_up_app(client)
    answer = client.post("/account/second-step/app/remove/")
    assert "this is your only one" in answer.content.decode()
    assert Authenticator.objects.filter(type="totp").exists()
    Person.objects.filter(email=EMAIL).update(is_administrator=False)
    assert client.post("/account/second-step/app/remove/").status_code == 302
    assert not Authenticator.objects.exists(), "and the recovery codes with it"
    assert "your app was removed" in mail.outbox[-1].subject
    assert mail.outbox[-1].to == [EMAIL]


def test_who_must_use_one_keeps_the_last_passkey(required: None) -> None:
    person = make(EMAIL, "M1", administrator=True)
    client = Client()
    enter(client, EMAIL)
    key = Authenticator.objects.create(user=person, type="webauthn", data={"name": "K", "credential": {}})
    client.post(f"/account/second-step/passkeys/{key.pk}/remove/")
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_changing_it_later_asks_again_who_one_is() -> None:
    make(EMAIL, "M1")
    client = Client()
    enter(client, EMAIL)
    assert client.get("/account/second-step/app/").status_code == 200, "one has just signed in"
    session = client.session
    session["smi_signed_in_at"] -= 301
    session.save()
    answer = client.get("/account/second-step/app/")
    assert answer["Location"].startswith("/account/confirm/")
    assert (
        "not your password" in client.post(answer["Location"], {"password": "no no no no"}).content.decode()
    )
    assert client.post(answer["Location"], {"password": PASSWORD}).status_code == 302
    assert client.get("/account/second-step/app/").status_code == 200


NONSENSE = [
    "",
    "x",
    "null",
    "[]",
    "{}",
    "1",
    '{"id": 1}',
    '{"id":"a","rawId":"a","type":"public-key","response":{}}',
]


@pytest.mark.parametrize("credential", NONSENSE)
def test_a_nonsense_passkey_is_refused_with_words(credential: str) -> None:
    make(EMAIL, "M1")
    client = Client()
    assert json.loads(client.get("/sign-in/passkey/", headers={"accept": "application/json"}).content)
    assert client.post("/sign-in/passkey/", {"credential": credential}).status_code in {200, 302}
    assert who(client) is None
    enter(client, EMAIL)
    page = client.get("/account/second-step/passkeys/add/")
    assert page.status_code == 200
    answer = client.post("/account/second-step/passkeys/add/", {"name": "K", "credential": credential})
    assert answer.status_code == 200
    assert "There is a problem" in answer.content.decode()
