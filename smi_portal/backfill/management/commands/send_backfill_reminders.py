"""`send_backfill_reminders`: mail each organisation's people what they must do soon or have missed."""

from __future__ import annotations

from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.loader import render_to_string

from smi_portal.accounts.models import Person, viewer_for
from smi_portal.backfill.models import ReminderSent
from smi_portal.backfill.reminders import Reminder, reminders_for


class Command(BaseCommand):
    """Send what is new to each person, once. Meant to be run daily; a second run sends nothing."""

    help = "Mail reminders of the backfill's deadlines. No reminder goes to one person twice."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to look only."""
        parser.add_argument("--dry-run", action="store_true", help="list what would be sent; send nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """One mail a person with all that is new. Exit status 1 when some could not be sent: they are tried again."""
        sent = failed = 0
        for person in Person.objects.filter(is_active=True).select_related("organisation").order_by("email"):
            viewer = viewer_for(person.organisation)
            new = [one for one in reminders_for(viewer) if not _was_sent(person, one)] if viewer else []
            if not new:
                continue
            if options["dry_run"]:
                self.stdout.write(f"{person.email}: {len(new)}")
                continue
            try:
                sent += self.send(person, new)
            except (SMTPException, OSError) as error:
                failed += 1
                self.stderr.write(f"{person.email}: {error}")
        if failed:
            raise CommandError(f"{failed} mails could not be sent; the next run tries again.")
        if not options["dry_run"]:
            self.stdout.write(f"{sent} reminders sent.")

    def send(self, person: Person, new: list[Reminder]) -> int:
        """Record first, then send: a crash between the two loses a mail (the home page still says it) and never
        sends one twice. What another run records at the same moment is left to it. Raises SMTPException, OSError.
        """
        mine = [one for one in new if _record(person, one)]
        if not mine:
            return 0
        context = {"person": person, "reminders": mine, "site": settings.SMI_SITE_URL.rstrip("/")}
        missed = sum(one.missed for one in mine)
        subject = f"MAP ID backfill: {len(mine)} to do" + (f", {missed} missed" if missed else "")
        try:
            send_mail(subject, render_to_string("backfill/reminder.txt", context), None, [person.email])
        except (SMTPException, OSError):
            keys = [one.key for one in mine]
            ReminderSent.objects.using("owner").filter(email=person.email, reminder__in=keys).delete()
            raise
        return len(mine)


def _was_sent(person: Person, reminder: Reminder) -> bool:
    return ReminderSent.objects.using("owner").filter(email=person.email, reminder=reminder.key).exists()


def _record(person: Person, reminder: Reminder) -> bool:
    """Whether this run is the one to send it."""
    _, created = ReminderSent.objects.using("owner").get_or_create(email=person.email, reminder=reminder.key)
    return created
