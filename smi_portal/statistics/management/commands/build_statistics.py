"""`build_statistics`: the monthly tables for SECAS and the public page."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from smi_portal import audit
from smi_portal.statistics.build import build


class Command(BaseCommand):
    """Build every month that is over and not yet built; run it after each load."""

    help = "Build the monthly statistics that are lacking. Months that are built never change."

    def handle(self, *args: Any, **options: Any) -> None:
        """Idempotent; progress goes to stderr."""
        made = build(lambda message: self.stderr.write(message))
        if made:
            audit.note("statistics built", tables=made)
        self.stdout.write(f"{made} table{'' if made == 1 else 's'} built." if made else "Nothing to build.")
