"""`send_change_digests`: mail digests of the change feed, and send events to webhooks."""

from __future__ import annotations

from smtplib import SMTPException
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from smi_portal.portfolio.notices import digests, webhooks


class Command(BaseCommand):
    """Send what is due. Meant to be run every few minutes; a run that finds nothing new sends nothing."""

    help = "Mail the change feed's digests that are due, and send new events to webhooks. Safe to run at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which of the two."""
        parser.add_argument("--only", choices=["digests", "webhooks"], help="only mail, or only webhooks")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 when some mail could not be sent: the next run tries again. A webhook keeps its own count."""
        mails = events = 0
        failed = []
        now = timezone.now()
        if options["only"] != "webhooks":
            for pk in digests.due(now.date()):
                try:
                    mails += digests.send(pk, now.date())
                except (SMTPException, OSError) as error:
                    failed.append(str(error))
        if options["only"] != "digests":
            for pk in webhooks.due(now):
                events += webhooks.deliver(pk, now)
        self.stdout.write(f"{mails} digests mailed, {events} events received by webhooks.")
        if failed:
            raise CommandError(
                f"{len(failed)} digests could not be mailed ({failed[0]}); the next run tries again."
            )
