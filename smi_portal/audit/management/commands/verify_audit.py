"""`verify_audit`: was the audit changed by anyone, the database's owner included?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from smi_portal.audit import note, witness
from smi_portal.audit.verify import verify

SHOWN = 50


class Command(BaseCommand):
    """Check every entry, every link, and every chain's end."""

    help = (
        "Check the audit: finds each entry that was edited, deleted, added or moved, and tails that were cut off, "
        "whoever did it. Exit status 0 = sound, 1 = not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--accept-loss",
            metavar="REASON",
            help="after a restore from backup: forget the heads witnessed so far, and record why",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Report in sentences; nothing in the database is changed by looking."""
        if options["accept_loss"] is not None:
            self._accept(options["accept_loss"].strip())
            return
        found = verify("owner", witness.heads())
        for problem in found.problems[:SHOWN]:
            self.stderr.write(problem)
        if len(found.problems) > SHOWN:
            self.stderr.write(f"… and {len(found.problems) - SHOWN:,} more.")
        if found.unwitnessed:
            self.stdout.write(
                f"{found.unwitnessed:,} of {found.chains:,} chains have no witness on this machine: that their "
                "ends were not cut off cannot be told from here."
            )
        if not found.sound:
            raise CommandError(f"The audit is NOT sound: {len(found.problems):,} problems.")
        self.stdout.write(f"The audit is sound: {found.entries:,} entries in {found.chains:,} chains.")

    def _accept(self, reason: str) -> None:
        if not reason:
            raise CommandError("Say why entries were lost: --accept-loss 'restored the backup of …'.")
        witness.forget()
        note("audit loss accepted", reason=reason)
        self.stdout.write("Recorded. The witness begins anew.")
