"""Forget every extract: `manage.py clear_inventory --yes`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from smi_portal.inventory.loading.clear import clear
from smi_portal.inventory.loading.errors import LoadRefused


class Command(BaseCommand):
    """Empty the inventory."""

    help = (
        "Remove every row of the inventory and the record of loads, so that a first full extract of any sequence can "
        "be loaded. Organisations stay, marked as not in the extract; people, grants and the audit stay."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--yes", action="store_true", help="really do it: reports are empty until the next load"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Clear, if the person said so."""
        if not options["yes"]:
            raise CommandError(
                "This forgets all loaded extracts; reports are empty until a full one is loaded. Nothing was done: "
                "say --yes to do it."
            )
        try:
            clear(self.stderr.write)
        except LoadRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write("The inventory is empty. Load a full extract next.")
