"""Sending what is due: the worker's clock and the command both come here, and may do so at once."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from smtplib import SMTPException

from django.utils import timezone

from smi_portal.portfolio.notices import digests, webhooks

logger = logging.getLogger(__name__)


@dataclass
class Sent:
    """How many went out, and why others did not."""

    number: int = 0
    failed: list[str] = field(default_factory=list)


def send_digests() -> Sent:
    """Mail each digest that is due. One that fails is due again; the others are sent all the same."""
    sent, today = Sent(), timezone.now().date()
    for pk in digests.due(today):
        try:
            sent.number += digests.send(pk, today)
        except (SMTPException, OSError) as error:
            logger.exception("A digest of the change feed could not be mailed.")
            sent.failed.append(str(error))
    return sent


def send_events() -> Sent:
    """Send each webhook what is new. A webhook keeps its own count of failures, and when to try again."""
    sent, now = Sent(), timezone.now()
    for pk in webhooks.due(now):
        sent.number += webhooks.deliver(pk, now)
    return sent
