"""Reminders: on the home page of those concerned, and by e-mail once."""

from __future__ import annotations

import io
from datetime import date
from smtplib import SMTPException
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command

from smi_portal import days
from smi_portal.accounts.models import Person
from smi_portal.backfill.management.commands.send_backfill_reminders import _record
from smi_portal.backfill.models import ReminderSent
from smi_portal.backfill.reminders import reminders_for
from tests.support.people import address, signed_in

from .conftest import viewer
from .saying import PANEL, allow, declare, panel
from .test_supplier_pages import words

pytestmark = [
    pytest.mark.usefixtures("loaded"),
    pytest.mark.django_db(databases=["default", "owner"]),
]


def today_is(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setattr(days, "today", lambda: day)


def sentences(who: str) -> list[str]:
    return [one.sentence for one in reminders_for(viewer(who))]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2018, 11, 4), []),
        (date(2018, 11, 5), ["in 3 Working Days, Thursday 8 November 2018"]),
        (date(2018, 11, 7), ["in 1 Working Day, "]),
        (date(2018, 11, 8), ["today, Thursday"]),
        (date(2018, 11, 9), ["Missed on Thursday 8 November 2018"]),
        (date(2018, 10, 31), []),
    ],
)
def test_the_declaration(monkeypatch: pytest.MonkeyPatch, day: date, said: list[str]) -> None:
    today_is(monkeypatch, day)
    found = sentences("S2")
    assert len(found) == len(said)
    assert all(words_ in sentence for words_, sentence in zip(said, found, strict=True))


def test_a_supplier_with_a_window_and_a_panel_date(monkeypatch: pytest.MonkeyPatch) -> None:
    declare("S1", 9, date(2018, 11, 7))
    allow("S1", 4, date(2018, 11, 19), date(2019, 1, 30), date(2018, 11, 12))
    panel(date(2019, 2, 1), date(2018, 11, 12))
    assert sentences("S1") == [
        "Missed on Wednesday 30 January 2019: send your 9 outstanding MAP IDs before your window closes.",
        "Put in your 9 outstanding MAP IDs by the Panel date: in 1 Working Day, Friday 1 February 2019.",
    ]
    assert "Missed on Wednesday 30 January 2019" in words(signed_in("S1").get("/"))


def test_dcc_and_secas() -> None:
    declare("S1", 9, date(2019, 1, 28))
    assert sentences("DCC") == [
        "Not declared yet: M1, Birchfield Power. Declarations were due on Thursday 8 November 2018.",
        "Confirm the allowance and window of Alderbrook Energy: in 2 Working Days, Monday 4 February 2019.",
    ]
    allow("S1", 4, date(2019, 2, 1), PANEL)
    assert len(sentences("DCC")) == 1
    found = sentences("SECAS")
    assert "Missed on Friday 7 December 2018: publish November 2018 for the Panel." in found
    assert "Publish January 2019 for the Panel: in 5 Working Days, Thursday 7 February 2019." in found
    assert any("Record the date" in sentence for sentence in found)
    assert not any("Alderbrook" in sentence for sentence in found)
    assert reminders_for(viewer("M1")) == []


def send(**options: Any) -> str:
    out = io.StringIO()
    call_command("send_backfill_reminders", stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def test_mail_goes_once_to_those_concerned() -> None:
    assert send(dry_run=True)
    assert mail.outbox == []
    assert "7 reminders sent." in send()  # S1, S2: declare; DCC: missing; SECAS: three months and the date
    by_person = {message.to[0]: message for message in mail.outbox}
    assert set(by_person) == {address(who) for who in ("S1", "S2", "DCC", "SECAS")}
    assert "Alderbrook" not in by_person[address("S2")].body
    assert "http://127.0.0.1:8000/backfill/" in by_person[address("S1")].body
    assert "0 reminders sent." in send()
    assert len(mail.outbox) == 4
    person = Person.objects.get(email=address("S1"))
    (again,) = reminders_for(viewer("S1"))
    assert not _record(person, again)  # as when two runs meet: the second leaves it to the first


class Broken(EmailBackend):
    """A mail server that refuses one address."""

    def send_messages(self, messages: Any) -> int:
        if messages[0].to == [address("S1")]:
            raise SMTPException("refused")
        return super().send_messages(messages)


def test_what_could_not_be_sent_is_sent_by_the_next_run(settings: Any) -> None:
    usual = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    with pytest.raises(CommandError, match="1 mails could not be sent"):
        send()
    assert not ReminderSent.objects.using("owner").filter(email=address("S1")).exists()
    settings.EMAIL_BACKEND = usual
    assert "1 reminders sent." in send()
    assert mail.outbox[-1].to == [address("S1")]
