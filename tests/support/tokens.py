"""Programs of the test world's people, each with a token."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from reports.engine.report import catalogue
from smi_portal.accounts.models import Person
from smi_portal.tokens import keys
from smi_portal.tokens.models import ApiToken
from tests.support.people import address

API = "/api/v1/"


def make_token(organisation: str, covers: Iterable[str] | None = None, days: float = 30, **more: Any) -> str:
    """A token of the organisation's person, in clear; it covers everything unless said otherwise."""
    text = keys.make()
    ApiToken.objects.create(
        person=Person.objects.get(email=address(organisation)),
        name=f"{organisation}'s program",
        digest=keys.digest(text),
        hint=keys.hint(text),
        covers=[*(report.code for report in catalogue()), "CHANGES", "RENTAL_DAYS", "RECONCILE"]
        if covers is None
        else list(covers),
        expires_at=timezone.now() + timedelta(days=days),
        form_key=secrets.token_hex(16),
        **more,
    )
    return text


def program(organisation: str, covers: Iterable[str] | None = None, **more: Any) -> Client:
    """A client that sends a new token with each request."""
    return with_token(make_token(organisation, covers, **more))


def with_token(text: str) -> Client:
    """A client that sends this token."""
    return Client(headers={"Authorization": f"Bearer {text}"})


def body_of(response: Any) -> bytes:
    """The answer's bytes, streamed or not."""
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def problem_of(response: Any) -> dict[str, Any]:
    """An error's problem details, checked for the form that all of them have."""
    assert response["Content-Type"] == "application/problem+json", body_of(response)[:500]
    found: dict[str, Any] = json.loads(response.content)
    assert found["status"] == response.status_code
    assert found["title"]
    assert found["detail"]
    kind = found["type"].partition("/api/#")[2]
    assert kind, found["type"]
    return {**found, "kind": kind, "named": {error["name"] for error in found.get("errors", ())}}


def walk(client: Client, path: str) -> Iterator[dict[str, Any]]:
    """The pages from this address on, each by the address that the one before gave."""
    following: str | None = path
    while following:
        response = client.get(following)
        assert response.status_code == 200, response.content
        page = json.loads(response.content)
        assert (response.headers.get("Link") is None) == (page["next"] is None)
        yield page
        following = page["next"] and page["next"].removeprefix("http://testserver")
