"""`change_feed`: an organisation's change events as a file."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from smi_portal.portfolio.asking import Refused
from smi_portal.portfolio.commands import add_who_and_where, format_of, refusal, viewer_named, write_listing
from smi_portal.portfolio.feed import Wanted, listing


class Command(BaseCommand):
    """Write the change feed of one organisation."""

    help = (
        "Write what each load changed in an organisation's portfolio, oldest first. The last row's cursor, given as "
        "--after the next time, continues without skipping or repeating an event."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Who asks, from where on, which kinds."""
        add_who_and_where(parser)
        parser.add_argument("--after", metavar="CURSOR", default="0", help="only events after this cursor")
        parser.add_argument(
            "--kind", action="append", default=[], metavar="KIND", help="only this kind; repeat for more"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0 with a complete file, or 1 with the reason and no file."""
        after = options["after"]
        if not (after.isascii() and after.isdigit()):
            raise CommandError(f"--after {after}: a cursor is a whole number, 0 or more.")
        format_of(options["output"])
        viewer = viewer_named(options["organisation"])
        try:
            found = listing(viewer, Wanted(after=int(after), kinds=tuple(options["kind"])))
        except Refused as refused:
            raise refusal(refused) from None
        write_listing(self, found, options["output"], options["dialect"])
