"""What is done to people and permissions is in the audit, with who did it and for whom; never a secret."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from smi_portal.access.scope import scope
from smi_portal.accounts.models import Person, viewer_for
from smi_portal.audit.models import AuditEntry
from smi_portal.inventory.models import Organisation
from tests.accounts.signing import PASSWORD, enter, make, set_up_app, who
from tests.accounts.test_people import INVITE, NEW, administrator, change, commit, link  # noqa: F401

pytestmark = pytest.mark.django_db


def entries() -> list[AuditEntry]:
    """What DCC reads in the audit, this test's transaction included."""
    viewer = viewer_for(Organisation.objects.get(organisation="DCC"))
    assert viewer is not None
    with scope(viewer):
        return list(AuditEntry.objects.order_by("at"))


def kinds() -> list[str]:
    """What was done, and whose part of the audit it is."""
    return [f"{one.kind} {one.organisation}".strip() for one in entries()]


def told() -> str:
    """Every text of the audit."""
    return str([(one.kind, one.person, one.details) for one in entries()])


def test_from_invitation_to_deactivation(commit: Any) -> None:  # noqa: F811
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
