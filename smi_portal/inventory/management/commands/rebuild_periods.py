"""`rebuild_periods`: cut all periods again from the facts, after the implementation date or the code changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections, transaction

from smi_portal.inventory.loading import after, leftovers
from smi_portal.inventory.loading.loader import take_lock
from smi_portal.inventory.models import ExtractLoad
from smi_portal.inventory.periods import rebuild


class Command(BaseCommand):
    """Rebuild every period table in one transaction; readers see the old periods until it ends."""

    help = "Cut all periods again from the loaded facts (after SMI_IMPLEMENTATION_DATE changed)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Show each stage; nothing changes when one fails."""
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            take_lock(cursor, self.stderr.write)
            if leftovers.are_there(cursor):
                raise CommandError("A first load did not end, and nothing is served: load the extract again.")
            rebuild(cursor, everything=True, progress=self.stderr.write)
            load = ExtractLoad.objects.using("owner").order_by("-sequence").first()
            if load is not None:
                after.run(after.Loaded(cursor, load, everything=True, progress=self.stderr.write, again=True))
