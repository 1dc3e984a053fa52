"""Tokens against someone who can run SQL as a reader, who reads the table, or who floods the way in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from smi_portal.access.readers import Reader
from smi_portal.access.scope import scope
from smi_portal.tokens import keys
from smi_portal.tokens.models import ApiToken
from tests.support.asking import viewer_of
from tests.support.tokens import make_token, problem_of, program, with_token

pytestmark = pytest.mark.django_db

STATEMENTS = (
    "SELECT digest FROM tokens_apitoken",
    "SELECT count(*) FROM tokens_apitoken",
    "UPDATE tokens_apitoken SET revoked_at = NULL",
    "UPDATE tokens_apitoken SET covers = ARRAY['MAP_001']",
    "DELETE FROM tokens_apitoken",
    "INSERT INTO tokens_pace (person_id, due) VALUES (1, now())",
    "UPDATE tokens_pace SET due = now()",
    "SELECT * FROM tokens_pace",
)


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("organisation", ["M2", "S1", "DCC", "SECAS"])
def test_no_reader_touches_tokens(organisation: str, statement: str) -> None:
    """SQL injected into a report runs as a reader, which has no grant on these tables."""
    make_token("M1")
    viewer = viewer_of(organisation)
    assert viewer is not None
    assert viewer.reader in Reader
    with (
        scope(viewer),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_what_is_stored_opens_nothing() -> None:
    """Whoever reads the table has no token: neither the hash nor its text in any form is taken."""
    text = make_token("M1")
    stored = ApiToken.objects.get().digest
    for guess in (stored, f"smi_{stored}", f"smi_{stored[:46]}", text.lower(), f" {text[1:]}", text + "\x00"):
        assert with_token(guess).get("/api/v1/").status_code == 401
    assert keys.digest(text) == stored


def test_a_token_in_the_address_opens_nothing() -> None:
    """Addresses are logged and shared: only the header counts."""
    from django.test import Client

    text = make_token("M1")
    for query in (f"?token={text}", f"?access_token={text}", f"?Authorization=Bearer+{text}"):
        assert Client().get(f"/api/v1/reports{query}").status_code == 401
    assert Client().post("/api/v1/reports", {"access_token": text}).status_code == 401


def test_refused_strangers_cost_no_write() -> None:
    """A flood of guesses fills no table, and mistyped ones do not even ask the database."""
    from django.test.utils import CaptureQueriesContext

    for guess, most in (("smi_" + "x" * 46, 0), (keys.make(), 1)):
        with CaptureQueriesContext(connection) as captured:
            assert with_token(guess).get("/api/v1/").status_code == 401
        assert len(captured) == most
        assert all(query["sql"].startswith("SELECT") for query in captured)


def test_odd_headers_are_no_failure() -> None:
    from django.test import Client

    for value in (
        "",
        "Bearer",
        "Bearer ",
        "bearer x y z",
        "\u00e9\u00e9",
        "Bearer " + "A" * 8000,
        "Token x",
        "\x7f",
    ):
        assert Client(headers={"Authorization": value}).get("/api/v1/").status_code == 401


def test_any_case_of_bearer() -> None:
    from django.test import Client

    text = make_token("M1")
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert Client(headers={"Authorization": f"{scheme} {text}"}).get("/api/v1/").status_code == 200
    assert program("M1").get("/api/v1/").status_code == 200


def test_unencrypted_requests_are_refused_and_never_led_on(settings: Any) -> None:
    """A program that was redirected would go on sending its token in clear, and nobody would notice."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^api/v1/"]
    client = program("M1")
    answer = client.get("/api/v1/reports")
    assert (answer.status_code, problem_of(answer)["kind"]) == (403, "https-needed")
    assert client.get("/api/v1/reports", secure=True).status_code == 200
    assert client.get("/reports/").status_code == 301
    text = (Path(settings.BASE_DIR) / "smi_portal/settings/production.py").read_text()
    assert 'SECURE_REDIRECT_EXEMPT = [r"^api/v1/"]' in text
