"""Inviting: used once, for 72 hours, to one's own organisation; nobody is told who has an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from smi_portal.accounts.models import Invitation, Person
from smi_portal.accounts.people import invitations
from smi_portal.inventory.models import Organisation
from tests.accounts.inviting import CHIEF, CHOSEN, INVITE, NEW, administrator, link, words
from tests.accounts.signing import enter, make, set_up_app, who

pytestmark = pytest.mark.django_db


def test_an_invitation_from_mail_to_first_page(chief: Client, commit: Any) -> None:
    assert "An invitation is on its way" in words(commit(chief, "/people/", INVITE))
    assert mail.outbox[-1].to == [NEW]
    path = link()
    token = path.rstrip("/").rsplit("/", 1)[1]
    assert not Invitation.objects.filter(token_hash__contains=token).exists(), "the token is not kept"
    client = Client()
    page = client.get(path)
    assert "You will use SMI Portal for M1 Ltd" in words(page)
    assert "The two passwords are not the same" in words(client.post(path, CHOSEN | {"password2": "other"}))
    assert "at least 12 characters" in words(
        client.post(path, {"name": "N", "password1": "short", "password2": "short"})
    )
    client.post(path, CHOSEN)
    assert who(client) == NEW
    made = Person.objects.get(email=NEW)
    assert (made.organisation.organisation, made.is_administrator) == ("M1", False)
    again = Client().get(path)
    assert again.status_code == 404
    assert "works once, for 72 hours" in words(again)
    assert Client().post(path, CHOSEN).status_code == 404


def test_the_new_person_meets_the_second_step_first_where_it_must_be(
    chief: Client, commit: Any, settings: Any
) -> None:
    commit(chief, "/people/", INVITE | {"role": "administrator"})
    settings.SMI_REQUIRE_MFA = True
    client = Client()
    client.post(link(), CHOSEN)
    assert client.get("/")["Location"] == "/account/second-step/"
    set_up_app(client)
    assert client.get("/").status_code == 200


def test_an_unusable_invitation_reads_the_same_whatever_the_reason(chief: Client, commit: Any) -> None:
    pages = {words(Client().get("/account/invitation/nosuchtoken/"))}
    commit(chief, "/people/", INVITE)
    expired = link()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    pages.add(words(Client().get(expired)))
    commit(chief, "/people/", INVITE | {"email": "b@x.example"})
    withdrawn = link()
    pk = Invitation.objects.get(email="b@x.example").pk
    assert "Taken back" in words(commit(chief, f"/people/invitations/{pk}/", {"action": "withdraw"}))
    pages.add(words(Client().get(withdrawn)))
    make("taken@s1.example", "S1")
    commit(chief, "/people/", INVITE | {"email": "taken@s1.example"})
    taken = Invitation.objects.get(email="taken@s1.example")
    taken.token_hash = invitations.hash_of("known")
    taken.save()
    pages.add(words(Client().get("/account/invitation/known/")))
    assert len(pages) == 1


def test_it_works_for_72_hours(chief: Client, commit: Any) -> None:
    commit(chief, "/people/", INVITE)
    left = Invitation.objects.get().expires_at - timezone.now()
    assert timedelta(hours=71, minutes=59) < left <= timedelta(hours=72)


def test_sending_again_makes_the_first_link_useless(chief: Client, commit: Any) -> None:
    commit(chief, "/people/", INVITE)
    first = link()
    commit(chief, f"/people/invitations/{Invitation.objects.get().pk}/", {"action": "again"})
    assert link() != first
    assert Client().get(first).status_code == 404
    assert Client().get(link()).status_code == 200


def test_inviting_tells_nobody_who_has_an_account(chief: Client, commit: Any) -> None:
    """An address of another organisation and a new one: the same answer; only its owner learns more, by mail."""
    make("taken@s1.example", "S1")
    said = {
        words(commit(chief, "/people/", INVITE | {"email": email}))
        .replace(email, "X")
        .split("People Everyone")[0]
        for email in ("taken@s1.example", "fresh@s1.example")
    }
    assert len(said) == 1
    bodies = {m.to[0]: m.body for m in mail.outbox}
    assert "has an account here already" in bodies["taken@s1.example"]
    assert "/account/invitation/" not in bodies["taken@s1.example"]
    assert "/account/invitation/" in bodies["fresh@s1.example"]


def test_a_colleague_is_not_invited_twice(chief: Client, commit: Any) -> None:
    make("here@m1.example", "M1")
    assert "is one of your people already" in words(
        commit(chief, "/people/", INVITE | {"email": "HERE@m1.example"})
    )
    for _ in range(2):
        commit(chief, "/people/", INVITE)
    assert invitations.waiting_for(Organisation.objects.get(organisation="M1")).count() == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Enter the name."),
        ({"name": "N", "email": "no", "role": "member"}, "Enter an email address, such as"),
        ({"name": "N", "email": NEW, "role": "owner"}, "Choose member or administrator."),
        ({"name": "N" * 201, "email": NEW, "role": "member"}, "at most 200 characters"),
    ],
)
def test_bad_input_is_named(chief: Client, commit: Any, data: dict[str, str], sentence: str) -> None:
    assert sentence in words(commit(chief, "/people/", data))
    assert not mail.outbox


def test_members_and_other_organisations_are_kept_out(chief: Client, commit: Any) -> None:
    commit(chief, "/people/", INVITE)
    pk, mine = Invitation.objects.get().pk, Person.objects.get(email=CHIEF).pk
    make("member@m1.example", "M1")
    member, other = Client(), administrator("chief@m2.example", "M2")
    enter(member, "member@m1.example")
    assert member.get("/people/").status_code == member.post("/people/", INVITE).status_code == 403
    for path in (f"/people/invitations/{pk}/", "/people/invitations/999999/"):
        assert other.post(path, {"action": "withdraw"}).status_code == 404
    for path in (f"/people/{mine}/", "/people/999999/"):
        assert other.get(path).status_code == other.post(path, {"action": "deactivate"}).status_code == 404
    assert "New Person" not in words(other.get("/people/"))
    assert member.get("/people/approvals/").status_code == other.get("/organisations/").status_code == 403


def test_the_site_cannot_make_an_organisation_a_user(chief: Client) -> None:
    """Organisations come from the extract alone; see also tests/access/test_next_request.py."""
    one = Organisation.objects.get(organisation="M1")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        one.save()
