"""`take_second_step`: for an organisation's only administrator who lost app, passkey and recovery codes."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from smi_portal import audit
from smi_portal.accounts.models import Person
from smi_portal.accounts.people.changes import end_sessions


class Command(BaseCommand):
    """Take a person's second step back; everybody else's is an administrator's to take, on the page People."""

    help = "Take a person's second step back. They sign in with the password alone, and set up a new one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, and why."""
        parser.add_argument("email", help="the address that the person signs in with")
        parser.add_argument("--reason", required=True, help="how you made sure that it is they who asked")

    def handle(self, *args: Any, **options: Any) -> None:
        """Idempotent; recorded in the audit."""
        person = Person.objects.filter(email=options["email"].lower()).first()
        if person is None:
            raise CommandError(f"Nobody signs in with {options['email']}.")
        with transaction.atomic():
            Authenticator.objects.filter(user=person).delete()
            end_sessions(person)
            audit.note(
                "second step taken back",
                organisation=person.organisation,
                of=person.email,
                reason=options["reason"],
            )
        self.stdout.write(f"{person.email} signs in with the password alone next time.")
