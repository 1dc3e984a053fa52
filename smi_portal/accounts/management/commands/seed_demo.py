"""`seed_demo`: make the demo's people."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from smi_portal.accounts.demo import DEMO_PASSWORD, seed
from smi_portal.backfill.demo import seed as seed_backfill


class Command(BaseCommand):
    """Make one person for each role, with a password that everybody knows."""

    help = "Make the demo's people. Refused when DEBUG is off: their password is public."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print who can sign in."""
        if not settings.DEBUG:
            raise CommandError(
                "The demo's people have a public password, so they are not made when DEBUG is off."
            )
        for person in seed():
            self.stdout.write(f"  {person.organisation:<16} {person.email:<30} {DEMO_PASSWORD}")
        for line in seed_backfill():
            self.stdout.write(f"  {line}")
