"""Single sign-on against a real (small) OpenID Connect provider: it speaks for its own organisation alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client

from smi_portal.accounts.models import Person
from smi_portal.settings.base import origin_of
from tests.accounts.signing import enter, make, set_up_app, who

jwt = pytest.importorskip("jwt", reason="django-allauth[socialaccount] is not installed: run make setup")
pytestmark = pytest.mark.django_db
EMAIL = "ash@m1.example"
LOGIN = "/account/single-sign-on/northmoor/login/"


class Provider(BaseHTTPRequestHandler):
    """Discovery, token and userinfo; what it says of the user is the server's `claims`."""

    def do_GET(self) -> None:
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        if self.path.endswith("/.well-known/openid-configuration"):
            ends = {
                "authorization_endpoint": "authorize",
                "token_endpoint": "token",
                "userinfo_endpoint": "me",
            }
            self.answer(
                {name: f"{base}/{end}" for name, end in ends.items()} | {"issuer": base, "jwks_uri": base}
            )
        elif self.headers.get("Authorization") == "Bearer opaque":
            self.answer(self.server.claims)  # type: ignore[attr-defined]

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.tokens.append(sent)  # type: ignore[attr-defined]
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        claims = {"iss": base, "aud": "us", "exp": 9_999_999_999, "iat": 0} | self.server.claims  # type: ignore[attr-defined]
        said = {"access_token": "opaque", "token_type": "Bearer", "id_token": jwt.encode(claims, "k" * 32)}
        self.answer(said)

    def answer(self, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def provider(settings: Any) -> Iterator[Any]:
    """The provider of M1, as the settings name it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.claims, server.tokens = {"sub": "1", "email": EMAIL, "email_verified": True}, []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.SOCIALACCOUNT_PROVIDERS = _settings(server, "M1")
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def _settings(server: Any, organisation: str) -> dict[str, Any]:
    app = {
        "provider_id": "northmoor",
        "name": "Northmoor",
        "client_id": "us",
        "secret": "hush",
        "settings": {
            "server_url": f"http://127.0.0.1:{server.server_address[1]}",
            "organisation": organisation,
        },
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def sign_in(client: Client) -> Any:
    """There and back again, as a browser goes."""
    away = urlsplit(client.post(LOGIN)["Location"])
    asked = parse_qs(away.query)
    assert away.path == "/authorize"
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://testserver" + LOGIN + "callback/"]
    return client.get(f"{LOGIN}callback/", {"code": "once", "state": asked["state"][0]})


def refused(answer: Any) -> bool:
    return answer.status_code == 403 and "You are not signed in" in answer.content.decode()


def test_an_invited_person_is_signed_in_and_again(provider: Any) -> None:
    make(EMAIL, "M1")
    for _ in range(2):
        client = Client()
        assert sign_in(client).status_code == 302
        assert who(client) == EMAIL
    assert SocialAccount.objects.count() == 1
    assert not SocialToken.objects.exists()
    assert provider.tokens[0]["code_verifier"]
    assert "Sign in with Northmoor" in Client().get("/sign-in/").content.decode()


@pytest.mark.parametrize(
    "claims", [{"email_verified": False}, {"email": "nobody@m1.example"}, {"email": None}]
)
def test_who_was_not_invited_is_refused_and_no_account_is_made(provider: Any, claims: dict[str, Any]) -> None:
    make(EMAIL, "M1")
    provider.claims |= claims
    before = Person.objects.count()
    client = Client()
    assert refused(sign_in(client))
    assert who(client) is None
    assert Person.objects.count() == before
    assert not SocialAccount.objects.exists()


def test_a_service_does_not_sign_in_another_organisations_people(provider: Any) -> None:
    """Or any organisation's provider could claim anybody's address."""
    make("bo@s1.example", "S1")
    provider.claims |= {"email": "bo@s1.example"}
    client = Client()
    assert refused(sign_in(client))
    assert who(client) is None


def test_a_connected_person_is_refused_once_the_service_is_another_organisations(
    provider: Any, settings: Any
) -> None:
    make(EMAIL, "M1")
    sign_in(Client())
    settings.SOCIALACCOUNT_PROVIDERS = _settings(provider, "M2")
    assert refused(sign_in(Client()))


def test_a_deactivated_person_is_refused(provider: Any) -> None:
    make(EMAIL, "M1")
    sign_in(Client())
    Person.objects.filter(email=EMAIL).update(is_active=False)
    client = Client()
    assert refused(sign_in(client))
    assert who(client) is None


def test_the_second_step_is_asked_for_all_the_same(provider: Any) -> None:
    make(EMAIL, "M1")
    first = Client()
    enter(first, EMAIL)
    set_up_app(first)
    client = Client()
    assert sign_in(client)["Location"].startswith("/sign-in/code/")
    assert who(client) is None


def test_a_made_up_state_and_an_error_of_the_service_end_on_a_plain_page(provider: Any) -> None:
    make(EMAIL, "M1")
    client = Client()
    client.post(LOGIN)
    for query in ({"code": "x", "state": "made up"}, {"error": "access_denied"}, {}):
        answer = client.get(f"{LOGIN}callback/", query, follow=True)
        assert answer.status_code == 403
        assert who(client) is None


def test_where_a_form_may_lead() -> None:
    assert (
        origin_of("https://login.northmoor.example:8443/realms/x") == "https://login.northmoor.example:8443"
    )
