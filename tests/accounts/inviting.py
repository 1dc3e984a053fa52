"""What the tests of people share: administrators, invitations by mail, changes made on a person's page."""

from __future__ import annotations

import re
from typing import Any

from django.core import mail
from django.test import Client

from smi_portal.accounts.models import Person
from tests.accounts.signing import PASSWORD, enter, make

CHIEF = "chief@m1.example"
NEW = "new@somewhere.example"
INVITE = {"name": "New Person", "email": NEW, "role": "member"}
CHOSEN = {"name": "New Person", "password1": PASSWORD, "password2": PASSWORD}


def administrator(email: str, organisation: str) -> Client:
    make(email, organisation, administrator=True)
    client = Client()
    enter(client, email)
    return client


def link() -> str:
    """The path in the newest mail."""
    found = re.search(r"(/account/invitation/\S+)", mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    return found.group(1)


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def change(client: Client, email: str, action: str) -> str:
    pk = Person.objects.get(email=email).pk
    return words(client.post(f"/people/{pk}/", {"action": action}, follow=True))
