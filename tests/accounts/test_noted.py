"""What is done to people and permissions is in the audit, with who did it and for whom; never a secret."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from smi_portal.accounts.models import Person
from tests.accounts.inviting import INVITE, NEW, administrator, change, link
from tests.accounts.noted import entries, kinds, told
from tests.accounts.signing import PASSWORD, enter, make, set_up_app, who

pytestmark = pytest.mark.django_db


def test_from_invitation_to_deactivation(commit: Any) -> None:
    chief = administrator("chief@m1.example", "M1")
    commit(chief, "/people/", INVITE)
    token = link().rstrip("/").rsplit("/", 1)[1]
    client = Client()
    client.post(link(), {"name": "N", "password1": PASSWORD, "password2": PASSWORD})
    Client().get("/account/invitation/nosuch/")
    set_up_app(client)
    for action in ("administrator", "member", "second-step", "deactivate", "reactivate"):
        change(chief, NEW, action)
    found = kinds()
    for kind in (
        "invited",
        "invitation accepted",
        "made administrator",
        "made member",
        "second step taken back",
        "deactivated",
        "let in again",
    ):
        assert f"{kind} M1" in found, kind
    assert "invitation refused" in found
    assert token not in told()
    assert PASSWORD not in told()


def test_the_lone_administrators_second_step_is_taken_back_by_command() -> None:
    make("chief@m1.example", "M1", administrator=True)
    client = Client()
    enter(client, "chief@m1.example")
    set_up_app(client)
    call_command("take_second_step", "chief@m1.example", "--reason", "Called back", verbosity=0)
    assert who(client) is None
    assert enter(Client(), "chief@m1.example")["Location"] == "/"
    assert "second step taken back M1" in kinds()
    with pytest.raises(CommandError, match="Nobody signs in with"):
        call_command("take_second_step", "x@y.example", "--reason", "x")
    assert Person.objects.filter(email="chief@m1.example").exists()


def test_who_may_not_enter_is_noted_once_signed_in() -> None:
    """A page of another role; strangers are only led to the sign-in page, and fill no audit."""
    make("mate@m1.example", "M1")
    mate = Client()
    enter(mate, "mate@m1.example")
    assert mate.get("/organisations/?q=secret").status_code == 403
    Client().get("/organisations/")
    (noted,) = [one for one in entries() if one.kind == "entry refused"]
    assert (noted.person, noted.organisation) == ("mate@m1.example", "M1")
    assert noted.details == {"method": "GET", "address": "/organisations/"}
