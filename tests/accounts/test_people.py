"""Inviting and managing people: used once, for 72 hours, one's own organisation, two operators for DCC."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from smi_portal.accounts.models import Invitation, Person, RoleRequest
from smi_portal.accounts.people import invitations
from smi_portal.audit.chains import Pending
from smi_portal.inventory.models import Organisation
from tests.accounts.signing import PASSWORD, enter, make, set_up_app, who

pytestmark = pytest.mark.django_db
CHIEF = "chief@m1.example"
NEW = "new@somewhere.example"


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Any) -> Iterator[Callable[..., Any]]:
    """Post as a client does where transactions commit: the mail goes out. (The audit's own commits stay pending.)"""

    def post(client: Client, path: str, data: dict[str, str]) -> Any:
        with django_capture_on_commit_callbacks() as callbacks:
            answer = client.post(path, data, follow=True)
        for callback in callbacks:
            if not isinstance(callback, Pending):
                callback()
        return answer

    yield post


@pytest.fixture
def chief() -> Client:
    return administrator(CHIEF, "M1")


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


INVITE = {"name": "New Person", "email": NEW, "role": "member"}
CHOSEN = {"name": "New Person", "password1": PASSWORD, "password2": PASSWORD}


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


def change(client: Client, email: str, action: str) -> str:
    pk = Person.objects.get(email=email).pk
    return words(client.post(f"/people/{pk}/", {"action": action}, follow=True))


def test_roles_are_given_and_taken(chief: Client) -> None:
    make("mate@m1.example", "M1")
    mate = Client()
    enter(mate, "mate@m1.example")
    assert mate.get("/people/").status_code == 403
    assert "is an administrator now" in change(chief, "mate@m1.example", "administrator")
    assert mate.get("/people/").status_code == 200, "at once"
    assert "is a member now" in change(chief, "mate@m1.example", "member")
    assert mate.get("/people/").status_code == 403


def test_deactivating_ends_what_somebody_may_do_at_once(chief: Client) -> None:
    make("mate@m1.example", "M1")
    mate = Client()
    enter(mate, "mate@m1.example")
    assert "can no longer sign in" in change(chief, "mate@m1.example", "deactivate")
    assert who(mate) is None
    assert "not right" in words(enter(Client(), "mate@m1.example"))
    assert "can sign in again" in change(chief, "mate@m1.example", "reactivate")
    assert enter(Client(), "mate@m1.example").status_code == 302


def test_the_last_administrator_stays(chief: Client) -> None:
    assert "is the only administrator" in change(chief, CHIEF, "member")
    assert "You cannot deactivate yourself" in change(chief, CHIEF, "deactivate")
    assert "Choose one of the buttons" in change(chief, CHIEF, "nonsense")
    assert Person.objects.get(email=CHIEF).is_administrator


def test_a_lost_second_step_is_taken_back_by_an_administrator(chief: Client) -> None:
    make("mate@m1.example", "M1")
    mate = Client()
    enter(mate, "mate@m1.example")
    set_up_app(mate)
    assert "signs in with the password alone" in change(chief, "mate@m1.example", "second-step")
    assert who(mate) is None
    assert enter(Client(), "mate@m1.example")["Location"] == "/"
    assert "cannot take your own" in change(chief, CHIEF, "second-step")


def test_an_organisation_may_ask_everyone_for_a_second_step(chief: Client) -> None:
    make("mate@m1.example", "M1")
    mate = Client()
    enter(mate, "mate@m1.example")
    assert mate.get("/").status_code == 200
    chief.post("/people/second-step/", {"demand": "yes"})
    assert mate.get("/")["Location"] == chief.get("/")["Location"] == "/account/second-step/"
    set_up_app(chief)
    chief.post("/people/second-step/", {"demand": "no"})
    assert mate.get("/").status_code == 200


def test_dcc_opens_an_organisation_with_its_first_administrator(commit: Any) -> None:
    dcc = administrator("dee@dcc.example", "DCC")
    assert "M2 Ltd" in words(dcc.get("/organisations/?q=m2"))
    assert "No organisation has" in words(dcc.get("/organisations/?q=nowhere"))
    commit(dcc, "/organisations/M2/", {"name": "First", "email": "first@m2.example"})
    client = Client()
    client.post(link(), CHOSEN)
    assert client.get("/people/").status_code == 200
    assert Person.objects.get(email="first@m2.example").organisation.organisation == "M2"
    for code in ("M0", "OTHER"):
        refused = commit(dcc, f"/organisations/{code}/", {"name": "X", "email": "x@y.example"})
        assert "Nobody can be invited to it" in words(refused)
    assert dcc.get("/organisations/NOSUCH/").status_code == 404


def test_dccs_own_people_need_a_second_operator(commit: Any) -> None:
    dee, del_ = administrator("dee@dcc.example", "DCC"), administrator("del@dcc.example", "DCC")
    assert "once a second operator" in words(commit(dee, "/people/", INVITE))
    assert not mail.outbox, "nothing is sent before"
    waiting = f"invitation-{Invitation.objects.get().pk}"
    assert "You invited this person" in words(
        commit(dee, "/people/approvals/", {"what": waiting, "decision": "yes"})
    )
    assert not mail.outbox
    pk = Invitation.objects.get().pk
    assert "approves this invitation" in words(commit(dee, f"/people/invitations/{pk}/", {"action": "again"}))
    assert "Approved" in words(commit(del_, "/people/approvals/", {"what": waiting, "decision": "yes"}))
    client = Client()
    client.post(link(), CHOSEN)
    assert who(client) == NEW
    for what in ("", "invitation-", "invitation-x", "request-999", "invitation-" + "9" * 40):
        assert del_.post("/people/approvals/", {"what": what, "decision": "yes"}).status_code == 404


def test_no_way_around_through_the_organisations_page(commit: Any) -> None:
    dee = administrator("dee@dcc.example", "DCC")
    answer = commit(dee, "/organisations/DCC/", {"name": "X", "email": "x@y.example"})
    assert not mail.outbox
    assert Invitation.objects.get().needs_approval
    assert answer.status_code == 200
    make("plain@dcc.example", "DCC")
    plain = Client()
    enter(plain, "plain@dcc.example")
    assert "to your own organisation alone" in words(
        commit(plain, "/organisations/DCC/", {"name": "X", "email": "z@y.example"})
    )


@pytest.mark.parametrize("change_", [("administrator", "is_administrator"), ("reactivate", "is_active")])
def test_dccs_rights_are_asked_for_and_decided_by_another(commit: Any, change_: tuple[str, str]) -> None:
    action, field = change_
    dee, del_ = administrator("dee@dcc.example", "DCC"), administrator("del@dcc.example", "DCC")
    make("third@dcc.example", "DCC")
    if action == "reactivate":
        Person.objects.filter(email="third@dcc.example").update(is_active=False)
    assert "A second operator of DCC decides" in change(dee, "third@dcc.example", action)
    assert "asked for already" in change(dee, "third@dcc.example", action)
    assert not getattr(Person.objects.get(email="third@dcc.example"), field)
    what = {"what": f"request-{RoleRequest.objects.get().pk}", "decision": "yes"}
    assert "A second operator decides" in words(commit(dee, "/people/approvals/", what))
    assert not getattr(Person.objects.get(email="third@dcc.example"), field)
    assert "Granted" in words(commit(del_, "/people/approvals/", what))
    assert getattr(Person.objects.get(email="third@dcc.example"), field)
    assert "decided meanwhile" in words(commit(del_, "/people/approvals/", what))


def test_the_database_too_refuses_ones_own_approval() -> None:
    person = make("dee@dcc.example", "DCC")
    values = {"organisation": person.organisation, "email": NEW, "name": "N", "invited_by": person}
    for harm in (
        {"needs_approval": True, "approved_by": person},
        {"needs_approval": True, "token_hash": "x"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.create(**values, **harm)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleRequest.objects.create(
            person=make("b@dcc.example", "DCC"),
            change="administrator",
            asked_by=person,
            decided_by=person,
            decided_at=timezone.now(),
            granted=True,
        )
