"""Digests and webhooks: once, in order, signed, and again until received."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from pytest_django import DjangoDbBlocker

from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation
from smi_portal.jobs.queue import HOUSE, queue
from smi_portal.portfolio.models import Digest, Webhook
from smi_portal.portfolio.notices import outgoing, webhooks
from smi_portal.portfolio.notices.digests import subscribe
from tests.portfolio.conftest import forget_kept
from tests.portfolio.worlds import first, second
from tests.support.loads import forget, load_tables
from tests.support.people import address, make_people


@pytest.fixture(autouse=True)
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker, directory: Path) -> Iterator[None]:
    """The first extract; each test loads the second when it wants news."""
    with django_db_blocker.unblock():
        forget_kept()
        forget()
        load_tables(directory, first().tables, first().as_at)
        make_people()
        yield
        forget_kept()
        forget()


def news(directory: Path) -> None:
    load_tables(directory, second().tables, second().as_at)


def run(**options: Any) -> str:
    out = io.StringIO()
    call_command("send_change_digests", stdout=out, **options)
    return out.getvalue()


def test_a_digest_is_sent_once_and_only_with_news(directory: Path) -> None:
    person = Person.objects.get(email=address("M1"))
    subscribe(person, "daily")
    assert "0 digests" in run()
    news(directory)
    assert "0 digests" in run(), "one a day"
    Digest.objects.update(sent_on=timezone.now().date() - timedelta(days=1))
    assert "1 digests" in run()
    (sent,) = mail.outbox
    assert sent.to == [address("M1")]
    assert "9 changes" in sent.subject
    assert "1  Removed" in sent.body
    assert "00-DB" not in sent.body
    Digest.objects.update(sent_on=timezone.now().date() - timedelta(days=1))
    assert "0 digests" in run(), "no news since"


def test_a_weekly_digest_waits_a_week_and_a_mail_that_fails_is_tried_again(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(Person.objects.get(email=address("S1")), "weekly")
    news(directory)
    Digest.objects.update(sent_on=timezone.now().date() - timedelta(days=6))
    assert "0 digests" in run()
    Digest.objects.update(sent_on=timezone.now().date() - timedelta(days=7))

    def broken(*_: Any) -> int:
        raise OSError("no mail today")

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", broken)
        with pytest.raises(CommandError, match="1 digests could not be mailed"):
            run()
    assert "1 digests" in run()


class Receiver(BaseHTTPRequestHandler):
    """An organisation's own system: it keeps what it was sent, and answers as it is told."""

    answers: list[int] = []
    received: list[tuple[dict[str, str], bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.answers.pop(0) if self.answers else 204
        self.received.append((dict(self.headers), body))
        self.send_response(status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: tests are quiet."""


@pytest.fixture
def receiver(settings: Any) -> Iterator[str]:
    """A server on this machine, which the settings allow for the test alone."""
    settings.SMI_WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    Receiver.answers, Receiver.received = [], []
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/events"
    server.shutdown()
    thread.join()
    server.server_close()


def hook(url: str, organisation: str = "M1") -> Webhook:
    found = Organisation.objects.get(organisation=organisation)
    return Webhook.objects.create(organisation=found, url=url, set_by="test")


def test_events_arrive_signed_in_order_and_once(receiver: str, directory: Path) -> None:
    held = hook(receiver)
    news(directory)
    assert "9 events received" in run()
    assert "0 events received" in run()
    ((headers, body),) = Receiver.received
    told = json.loads(body)
    assert [event["cursor"] for event in told["events"]] == list(range(1, 10))
    assert told["organisation"] == "M1"
    assert told["cursor"] == 9
    at, signed = (part.partition("=")[2] for part in headers["SMI-Signature"].split(","))
    mac = hmac.new(webhooks.key_of(held).encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(mac, signed)


def test_what_was_not_received_is_sent_again_later(
    receiver: str, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "BATCH", 4)
    held = hook(receiver)
    news(directory)
    Receiver.answers = [200, 500]
    assert "4 events received" in run()
    held.refresh_from_db()
    assert (held.cursor, held.failures) == (4, 1)
    assert "500" in held.last_error
    assert "0 events received" in run(), "not before the next try"
    Webhook.objects.update(next_try=timezone.now())
    assert "5 events received" in run()
    arrived = [json.loads(body)["events"] for _, body in Receiver.received]
    assert arrived[1][0] == arrived[2][0], "the batch that failed comes again"
    cursors = [event["cursor"] for batch in (arrived[0], *arrived[2:]) for event in batch]
    assert cursors == list(range(1, 10))


def test_a_redirect_is_not_followed(receiver: str, directory: Path) -> None:
    held = hook(receiver)
    news(directory)
    Receiver.answers = [302]
    assert "0 events received" in run()
    held.refresh_from_db()
    assert "302" in held.last_error


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://example.org/", "must begin with https"),
        ("https://user:secret@example.org/", "without a name, a password"),
        ("https://example.org:8443/", "usual port"),
        ("https:///events", "Write the address like"),
        ("https://[::1/", "no address"),
    ],
)
def test_addresses_that_are_refused(url: str, sentence: str) -> None:
    assert sentence in outgoing.wrong_with(url)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/", "https://[::1]/"]
)
def test_nothing_is_sent_into_the_sites_own_network(url: str, settings: Any) -> None:
    settings.SMI_WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    with pytest.raises(outgoing.NotDelivered, match="not public"):
        outgoing.post(url, b"{}", {})


def by_the_clock(name: str, times: int = 1) -> None:
    """The worker's own task, deferred as its clock does, and a worker that does what is queued."""
    for timestamp in range(times):
        with suppress(AlreadyEnqueued):  # what waits already is not queued again
            queue().configure_task(name, queue=HOUSE).defer(timestamp=timestamp)
    call_command("worker", once=True)


def test_the_worker_sends_a_due_digest_exactly_once(directory: Path) -> None:
    subscribe(Person.objects.get(email=address("M1")), "daily")
    news(directory)
    by_the_clock("portfolio.digests", 3)
    assert [sent.to for sent in mail.outbox] == [[address("M1")]]
    by_the_clock("portfolio.digests")
    assert len(mail.outbox) == 1


def test_the_worker_sends_none_to_who_lost_the_right(directory: Path) -> None:
    for organisation in ("M1", "S1", "S2"):
        subscribe(Person.objects.get(email=address(organisation)), "daily")
    news(directory)
    Organisation.objects.using("owner").filter(organisation="M1").update(is_user=False)
    Person.objects.using("owner").filter(email=address("S1")).update(is_active=False)
    by_the_clock("portfolio.digests")
    assert [sent.to for sent in mail.outbox] == [[address("S2")]]


def test_the_workers_clock_knows_digests_webhooks_and_old_ledgers() -> None:
    clock = {found.task.name: found.cron for found in app.periodic_registry.periodic_tasks.values()}
    assert clock["portfolio.digests"] == "*/10 * * * *"
    assert clock["portfolio.webhooks"] == "* * * * *"
    assert clock["portfolio.forget"] == "37 * * * *"


def test_the_worker_tries_a_webhook_again(receiver: str, directory: Path) -> None:
    held = hook(receiver)
    news(directory)
    Receiver.answers = [503]
    by_the_clock("portfolio.webhooks")
    held.refresh_from_db()
    assert (held.cursor, held.failures) == (0, 1)
    Webhook.objects.update(next_try=timezone.now())
    by_the_clock("portfolio.webhooks", 2)
    held.refresh_from_db()
    assert (held.cursor, held.failures, len(Receiver.received)) == (9, 0, 2)
