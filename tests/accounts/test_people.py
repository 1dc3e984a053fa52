"""Managing people: roles, deactivation, second steps; and two operators for whatever is DCC's."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from smi_portal.accounts.models import Invitation, Person, RoleRequest
from tests.accounts.inviting import CHIEF, CHOSEN, INVITE, NEW, administrator, change, link, words
from tests.accounts.signing import enter, make, set_up_app, who

pytestmark = pytest.mark.django_db


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
