"""`release_field`: record, or revoke, DCC's decision to release a field group to a MAP."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from smi_portal import audit
from smi_portal.access.readers import FieldGroup
from smi_portal.accounts.models import ReleaseDecision, released_to
from smi_portal.inventory.models import Organisation


class Command(BaseCommand):
    """Change the data-permissions matrix. It takes effect with the next request, everywhere."""

    help = "Release a field group (supplier, premises) to an organisation, or revoke it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which organisation, which group, and whether it is given or taken."""
        parser.add_argument("organisation", metavar="ORG", help="organisation code")
        parser.add_argument("group", choices=[group.value for group in FieldGroup])
        parser.add_argument("--revoke", action="store_true", help="take the release back")
        parser.add_argument("--reason", default="Recorded on the command line.", help="why, for the record")

    def handle(self, *args: Any, **options: Any) -> None:
        """Idempotent: saying the same twice changes nothing and says so. The owner's connection writes it."""
        code, group = options["organisation"], options["group"]
        organisation = Organisation.objects.using("owner").filter(organisation=code).first()
        if organisation is None:
            raise CommandError(f"There is no organisation {code} in the loaded extract.")
        with transaction.atomic(using="owner"):
            stands = group in released_to(organisation.pk, using="owner")
            if stands == (not options["revoke"]):
                told = (
                    f"{group} is already released to {code}."
                    if stands
                    else f"{group} was not released to {code}."
                )
                self.stdout.write(told)
                return
            ReleaseDecision.objects.using("owner").create(
                organisation=organisation,
                group=group,
                is_released=not options["revoke"],
                reason=options["reason"],
                decided_by="the command line",
            )
            # Before the commit: what cannot be recorded does not happen.
            kind = "field release revoked" if stands else "field released"
            audit.note(kind, organisation=organisation, group=group, reason=options["reason"])
        self.stdout.write(f"{group}: revoked from {code}." if stands else f"{group}: released to {code}.")
