"""Signing in: one message for every failure, slowed down without locking others out, sessions that end."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from smi_portal.accounts.models import FailedAttempt, Person
from smi_portal.accounts.sign_in import middleware, throttle
from smi_portal.accounts.sign_in.adapter import STARTED
from tests.accounts.noted import entries
from tests.accounts.signing import OTHER, PASSWORD, enter, make, who

pytestmark = pytest.mark.django_db
EMAIL = "someone@m1.example"
WRONG = "The email address or the password is not right"
WAIT = "too many attempts from where you are"


@pytest.fixture
def person() -> Person:
    return make(EMAIL, "M1")


def test_the_right_password_lets_in_and_out_again(person: Person) -> None:
    client = Client()
    answer = enter(client, EMAIL.upper(), data={"next": "/reports/"})
    assert (answer.status_code, answer["Location"]) == (302, "/reports/")
    assert who(client) == EMAIL
    person.refresh_from_db()
    assert person.last_login is not None
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert who(client) is None


def test_next_never_leads_elsewhere(person: Person) -> None:
    assert enter(Client(), EMAIL, data={"next": "https://evil.example/"})["Location"] == "/"


def test_every_failure_reads_the_same(person: Person) -> None:
    """Unknown, wrong password, deactivated, no password: the same page, so none tells who exists."""
    make("closed@m1.example", "M1")
    Person.objects.filter(email="closed@m1.example").update(is_active=False)
    make("none@m1.example", "M1", password=None)
    pages = set()
    for email, password in [
        (EMAIL, "not this one at all"),
        ("nobody@m1.example", PASSWORD),
        ("closed@m1.example", PASSWORD),
        ("none@m1.example", PASSWORD),
    ]:
        answer = enter(Client(), email, password)
        assert answer.status_code == 200
        text = answer.content.decode().replace(email, "X")
        assert WRONG in text
        pages.add(text.split("<main", 1)[1].replace(str(answer.context["csrf_token"]), ""))
    assert len({page[:2000] for page in pages}) == 1


def test_an_unknown_address_costs_as_much_as_a_wrong_password(person: Person) -> None:
    """The hasher runs once in each case."""
    from django.contrib.auth import hashers

    counted = []
    hasher = hashers.get_hasher()
    original = type(hasher).encode
    try:
        type(hasher).encode = lambda self, *a, **k: (counted.append(1), original(self, *a, **k))[1]
        enter(Client(), EMAIL, "not this one at all")
        wrong = len(counted)
        enter(Client(), "nobody@m1.example", "not this one at all")
        unknown = len(counted) - wrong
    finally:
        type(hasher).encode = original
    assert wrong == unknown == 1


def test_guessing_is_slowed_down_and_the_wait_ends(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    for _ in range(5):
        assert WRONG in enter(client, EMAIL, "guess guess guess").content.decode()
    assert WAIT in enter(client, EMAIL).content.decode(), "the right password too, from there"
    later = timezone.now() + timedelta(minutes=6)
    monkeypatch.setattr(throttle.timezone, "now", lambda: later)
    assert enter(client, EMAIL).status_code == 302


def test_waiting_does_not_make_the_wait_longer(person: Person) -> None:
    client = Client()
    for _ in range(5):
        enter(client, EMAIL, "guess guess guess")
    before = FailedAttempt.objects.count()
    for _ in range(5):
        enter(client, EMAIL, "guess guess guess")
    assert FailedAttempt.objects.count() == before


def test_nobody_locks_anybody_else_out(person: Person) -> None:
    """Neither from elsewhere, nor from the same office once one has signed in there before."""
    known = Client(REMOTE_ADDR="192.0.2.7")
    assert enter(known, EMAIL).status_code == 302
    known.post("/sign-out/")
    attacker = Client(REMOTE_ADDR="192.0.2.7")  # the same office
    for _ in range(8):
        enter(attacker, EMAIL, "guess guess guess")
    assert WAIT in enter(attacker, EMAIL).content.decode()
    assert enter(known, EMAIL).status_code == 302, "the browser is known to the account"
    assert enter(Client(REMOTE_ADDR="198.51.100.9"), EMAIL).status_code == 302, "another place"


def test_trying_many_accounts_from_one_place_is_slowed_down() -> None:
    client = Client()
    for number in range(30):
        assert WRONG in enter(client, f"n{number}@m1.example").content.decode()
    assert WAIT in enter(client, "n31@m1.example").content.decode()


def test_many_places_guessing_at_one_account_are_slowed_down_but_the_owner_is_not(person: Person) -> None:
    known = Client()
    enter(known, EMAIL)
    known.post("/sign-out/")
    for number in range(25):
        client = Client(REMOTE_ADDR=f"203.0.113.{number}")
        for _ in range(4):
            assert WRONG in enter(client, EMAIL, "guess guess guess").content.decode()
    assert WAIT in enter(Client(REMOTE_ADDR="203.0.113.99"), EMAIL, "guess guess guess").content.decode()
    assert enter(known, EMAIL).status_code == 302


def test_a_known_browser_may_not_guess_for_ever_and_its_cookie_is_of_one_account(person: Person) -> None:
    make("other@m1.example", "M1")
    known = Client()
    enter(known, EMAIL)
    known.post("/sign-out/")
    for _ in range(5):
        enter(known, EMAIL, "guess guess guess")
    assert WAIT in enter(known, EMAIL).content.decode()
    stranger = Client()
    for _ in range(5):
        enter(stranger, "other@m1.example", "guess guess guess")
    assert WAIT in enter(known, "other@m1.example").content.decode(), "not known to the other account"


def test_a_forged_browser_cookie_is_ignored(person: Person) -> None:
    client = Client()
    client.cookies["smi-browser"] = "eyJhIjoiYiJ9:forged:signature"
    assert enter(client, EMAIL).status_code == 302


def test_a_session_ends_after_fifteen_idle_minutes_and_says_so(person: Person) -> None:
    client = Client()
    enter(client, EMAIL)
    assert client.session.get_expiry_age() == 15 * 60
    session = client.session
    row = session.get_session_cookie_age() and client.cookies["sessionid"].value
    from django.contrib.sessions.models import Session

    Session.objects.filter(session_key=row).update(expire_date=timezone.now() - timedelta(seconds=1))
    answer = client.get("/account/", follow=True)
    assert answer.redirect_chain[-1][0] == "/sign-in/?next=/account/"
    assert "did nothing for 15 minutes" in answer.content.decode()


def test_a_session_ends_after_twelve_hours_however_busy(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    enter(client, EMAIL)
    now = time.time()
    monkeypatch.setattr(middleware.time, "time", lambda: now + 12 * 3600 - 5)
    assert who(client) == EMAIL
    monkeypatch.setattr(middleware.time, "time", lambda: now + 12 * 3600 + 5)
    answer = client.get("/account/", follow=True)
    assert "longer than 12 hours" in answer.content.decode()
    monkeypatch.undo()
    assert who(client) is None, "the session is gone, not only refused"


def test_a_stolen_session_ends_when_the_browser_is_another(person: Person) -> None:
    client = Client(HTTP_USER_AGENT="Mine/1.0")
    enter(client, EMAIL)
    thief = Client(HTTP_USER_AGENT="Theirs/2.0")
    thief.cookies["sessionid"] = client.cookies["sessionid"].value
    answer = thief.get("/account/", follow=True)
    assert "used from a different browser" in answer.content.decode()
    assert who(client) is None
    ended = [one for one in entries() if one.kind == "session ended"]
    assert [(one.person, one.details) for one in ended] == [(EMAIL, {"why": "used from a different browser"})]


def test_ending_sessions_needs_the_person_again(person: Person) -> None:
    """Who finds a browser open, minutes after its owner signed in, is asked for the password first; then it is done."""
    one, two = Client(HTTP_USER_AGENT="Browser/1"), Client(HTTP_USER_AGENT="Browser/2")
    for client in (one, two):
        enter(client, EMAIL)
    session = one.session
    session[STARTED] -= 600
    session.save()
    assert one.get("/account/sessions/").status_code == 200
    asked = one.post("/account/sessions/", {})
    assert asked.status_code == 302
    assert asked["Location"].startswith("/account/confirm/?next=")
    assert who(two) == EMAIL
    wrong = one.post(asked["Location"], {"password": "something else"})
    assert (
        "not your present password" in wrong.content.decode() or "not your password" in wrong.content.decode()
    )
    assert who(two) == EMAIL
    one.post(asked["Location"], {"password": PASSWORD})
    assert who(two) is None
    assert who(one) == EMAIL


def test_sessions_are_listed_and_ended_one_by_one_or_all(person: Person) -> None:
    one, two, three = (Client(HTTP_USER_AGENT=f"Browser/{n}") for n in range(3))
    for client in (one, two, three):
        enter(client, EMAIL)
    page = one.get("/account/sessions/").content.decode()
    assert page.count("Browser/") == 3
    assert page.count('name="end"') == 2
    target = page.split('name="end" value="', 1)[1].split('"', 1)[0]
    assert one.post("/account/sessions/", {"end": target}).status_code == 302
    assert sorted([who(two), who(three)], key=str) == [None, EMAIL]
    assert one.post("/account/sessions/").status_code == 302
    assert who(two) is who(three) is None
    assert who(one) == EMAIL


def test_nobody_ends_the_session_of_another(person: Person) -> None:
    make("other@m1.example", "M1")
    mine, theirs = Client(), Client()
    enter(mine, EMAIL)
    enter(theirs, "other@m1.example")
    theirs.get("/account/sessions/")
    from allauth.usersessions.models import UserSession

    foreign = UserSession.objects.get(user__email="other@m1.example").pk
    said = []
    for value in (str(foreign), "999999", "x", "9" * 30):
        said.append(
            mine.post("/account/sessions/", {"end": value}, follow=True)
            .content.decode()
            .count("no such session")
        )
    assert said == [1, 1, 1, 1]
    assert who(theirs) == "other@m1.example"


def test_a_forgotten_password_is_replaced_by_a_mailed_link_once(person: Person) -> None:
    elsewhere = Client()
    enter(elsewhere, EMAIL)
    client = Client()
    client.post("/account/forgotten/", {"email": EMAIL})
    link = next(word for word in mail.outbox[-1].body.split() if "/account/forgotten/" in word)
    path = link.split("testserver", 1)[1]
    form = client.get(path, follow=True)
    here = form.redirect_chain[-1][0]
    assert "Choose a new password" in form.content.decode()
    weak = client.post(here, {"password1": "short", "password2": "short"})
    assert "at least 12 characters" in weak.content.decode()
    assert client.post(here, {"password1": OTHER, "password2": OTHER}).status_code == 302
    assert who(elsewhere) is None, "other sessions ended"
    assert WRONG in enter(Client(), EMAIL).content.decode()
    assert enter(client, EMAIL, OTHER).status_code == 302
    again = Client().get(path, follow=True)
    assert "This link does not work any more" in again.content.decode()
    assert "password was replaced" in mail.outbox[-1].subject


def test_forgotten_tells_nobody_who_exists(person: Person) -> None:
    known, unknown = (Client().post("/account/forgotten/", {"email": e}) for e in (EMAIL, "nobody@x.example"))
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [m.to for m in mail.outbox] == [[EMAIL], ["nobody@x.example"]], (
        "a mail in both cases: the same effort"
    )
    assert "no account here" in mail.outbox[1].body


def test_changing_the_password_ends_the_other_sessions_and_tells_by_mail(person: Person) -> None:
    here, there = Client(), Client()
    enter(here, EMAIL)
    enter(there, EMAIL)
    data = {"oldpassword": "not it, not it", "password1": OTHER, "password2": OTHER}
    assert "This is not your present password" in here.post("/account/password/", data).content.decode()
    assert here.post("/account/password/", data | {"oldpassword": PASSWORD}).status_code == 302
    assert who(here) == EMAIL
    assert who(there) is None
    assert "password was changed" in mail.outbox[-1].subject


def test_nobody_signs_up() -> None:
    page = Client().get("/sign-up/").content.decode()
    assert "Access is by invitation" in page
    assert Client().post("/sign-up/", {"email": "a@b.example", "password1": OTHER}).status_code == 405
