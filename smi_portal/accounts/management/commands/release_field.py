"""`release_field`: record, or revoke, DCC's decision to release a field group to a MAP."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from smi_portal import audit
from smi_portal.access.readers import FieldGroup
from smi_portal.accounts.models import FieldRelease
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
            standing = FieldRelease.objects.using("owner").filter(
                organisation=organisation, group=group, revoked_at__isnull=True
            )
            if options["revoke"]:
                revoked = standing.update(revoked_at=timezone.now())
                if revoked:
                    _note("field release revoked", organisation, options)
                self.stdout.write(
                    f"{group}: revoked from {code}." if revoked else f"{group} was not released to {code}."
                )
            elif standing.exists():
                self.stdout.write(f"{group} is already released to {code}.")
            else:
                FieldRelease.objects.using("owner").create(
                    organisation=organisation, group=group, reason=options["reason"]
                )
                _note("field released", organisation, options)
                self.stdout.write(f"{group}: released to {code}.")


def _note(kind: str, organisation: Organisation, options: dict[str, Any]) -> None:
    """Before the commit: what cannot be recorded does not happen."""
    audit.note(kind, organisation=organisation, group=options["group"], reason=options["reason"])
