"""People who sign in as a browser does, with a password and the codes of an app."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from typing import Any

from django.test import Client

from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation

PASSWORD = "walnut gravel teaspoon"
OTHER = "lantern oyster umbrella"


def make(
    email: str, organisation: str, *, administrator: bool = False, password: str | None = PASSWORD
) -> Person:
    """A person with a password."""
    found = Organisation.objects.get(organisation=organisation)
    return Person.objects.create_person(email, "Some One", found, password, is_administrator=administrator)


def enter(client: Client, email: str, password: str = PASSWORD, **more: Any) -> Any:
    """Post the sign-in form."""
    return client.post("/sign-in/", {"username": email, "password": password, **more.pop("data", {})}, **more)


def who(client: Client) -> str | None:
    """The address of whoever is signed in, as the account page says."""
    answer = client.get("/account/")
    if answer.status_code != 200:
        return None
    found = re.search(r"<dt>Email address</dt><dd>([^<]+)</dd>", answer.content.decode())
    return found.group(1) if found else None


def code_of(secret: str, ahead: int = 0) -> str:
    """The six digits of RFC 6238, worked out anew."""
    counter = int(time.time()) // 30 + ahead
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def set_up_app(client: Client, password: str = PASSWORD) -> str:
    """Set an app up as a person who has just signed in would; the key."""
    page = client.get("/account/second-step/app/")
    if page.status_code == 302:
        assert page["Location"].startswith("/account/confirm/"), page["Location"]
        client.post(page["Location"], {"password": password})
        page = client.get("/account/second-step/app/")
    found = re.search(r'<dd class="mono">([A-Z2-7]+)</dd>', page.content.decode())
    assert found, page.content.decode()
    answer = client.post("/account/second-step/app/", {"code": code_of(found.group(1))})
    assert answer.status_code == 302, answer.content.decode()
    return found.group(1)
