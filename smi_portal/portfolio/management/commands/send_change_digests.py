"""`send_change_digests`: mail digests of the change feed, and send events to webhooks."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from smi_portal.portfolio.notices.sending import Sent, send_digests, send_events


class Command(BaseCommand):
    """Send what is due now. The worker does so by the clock; a run that finds nothing new sends nothing."""

    help = "Mail the change feed's digests that are due, and send new events to webhooks. Safe to run at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which of the two."""
        parser.add_argument("--only", choices=["digests", "webhooks"], help="only mail, or only webhooks")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 when some mail could not be sent: the next run tries again. A webhook keeps its own count."""
        mails = Sent() if options["only"] == "webhooks" else send_digests()
        events = Sent() if options["only"] == "digests" else send_events()
        self.stdout.write(f"{mails.number} digests mailed, {events.number} events received by webhooks.")
        if mails.failed:
            raise CommandError(
                f"{len(mails.failed)} digests could not be mailed ({mails.failed[0]}); the next run tries again."
            )
