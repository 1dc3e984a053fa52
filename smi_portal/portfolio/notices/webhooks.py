"""Events to an organisation's own address: signed, in order, each batch until it is received.

The body is JSON; `SMI-Signature: t=<unix time>,v1=<hex HMAC-SHA256 of "<t>.<body>">`. A receiver that answered with
anything but 2xx, or not at all, gets the same batch again, later and later; the cursor moves only when it was received.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from smi_portal.accounts.models import viewer_for
from smi_portal.portfolio.asking import ROLES, Refused
from smi_portal.portfolio.feed import events_after
from smi_portal.portfolio.models import Webhook
from smi_portal.portfolio.notices.outgoing import NotDelivered, post

BATCH = 500  # events in one delivery
MOST_BATCHES = 200  # in one run, so that one receiver does not keep the others waiting
LONGEST_WAIT = timedelta(hours=24)


def key_of(webhook: Webhook) -> str:
    """The signing key of a webhook, in hexadecimal: derived from the site's secret, so that it is stored nowhere."""
    name = f"portfolio.webhook:{webhook.pk}:{webhook.key_version}"
    return hmac.new(settings.SECRET_KEY.encode(), name.encode(), hashlib.sha256).hexdigest()


def signature(key: str, body: bytes, at: int) -> str:
    """The header's value for a body sent at that Unix time."""
    mac = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def due(now: datetime) -> list[int]:
    """The webhooks that may be tried now, by id."""
    found = Webhook.objects.filter(is_active=True).order_by("pk")
    return [one.pk for one in found if one.next_try is None or one.next_try <= now]


def deliver(pk: int, now: datetime) -> int:
    """Send a webhook all that is new, a batch at a time; how many events were received.

    The row is locked meanwhile, so that two runs never send to one address at once; another run passes it by.
    """
    received = 0
    for _ in range(MOST_BATCHES):
        with transaction.atomic():
            locked = Webhook.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
                "organisation"
            )
            webhook = locked.filter(pk=pk, is_active=True).first()
            events = _next(webhook) if webhook is not None else []
            if webhook is None or not events:
                return received
            try:
                _send(webhook, events)
            except NotDelivered as failed:
                _failed(webhook, str(failed), now)
                return received
            webhook.cursor = events[-1]["cursor"]
            webhook.failures, webhook.next_try, webhook.last_error, webhook.received_at = 0, None, "", now
            webhook.save()
        received += len(events)
    return received


def _next(webhook: Webhook) -> list[dict[str, Any]]:
    viewer = viewer_for(webhook.organisation)
    if viewer is None or viewer.role not in ROLES:
        return []
    try:
        return events_after(viewer, webhook.cursor, BATCH)
    except Refused:
        return []


def _send(webhook: Webhook, events: list[dict[str, Any]]) -> None:
    body = json.dumps(
        {
            "organisation": webhook.organisation.organisation,
            "cursor": events[-1]["cursor"],
            "events": [
                {key: value.isoformat() if isinstance(value, date) else value for key, value in event.items()}
                for event in events
            ],
        },
        separators=(",", ":"),
    ).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "SMI-Portal",
        "SMI-Delivery": f"{webhook.organisation.organisation}-{events[0]['cursor']}-{events[-1]['cursor']}",
        "SMI-Signature": signature(key_of(webhook), body, int(time.time())),
    }
    post(webhook.url, body, headers)


def _failed(webhook: Webhook, reason: str, now: datetime) -> None:
    webhook.failures += 1
    wait = min(timedelta(minutes=2 ** min(webhook.failures - 1, 12)), LONGEST_WAIT)
    webhook.next_try, webhook.last_error = now + wait, reason[:500]
    webhook.save(update_fields=["failures", "next_try", "last_error"])
