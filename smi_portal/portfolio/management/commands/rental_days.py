"""`rental_days`: an organisation's rental days in a period, as a file."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from smi_portal.portfolio import rental
from smi_portal.portfolio.asking import Refused, current_load, last_month, period
from smi_portal.portfolio.commands import add_who_and_where, format_of, refusal, viewer_named, write_listing


class Command(BaseCommand):
    """Write the rental days of one organisation."""

    help = (
        "Write who had each asset on how many days of a period: one row for each asset, supplier and MPxN, from "
        "installation to removal. --to is the first day that is not counted. Default: the last calendar month."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Who asks, and for which days."""
        add_who_and_where(parser)
        parser.add_argument("--from", metavar="DAY", help="first day, YYYY-MM-DD")
        parser.add_argument("--to", metavar="DAY", help="the day after the last, YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0 with a complete file, or 1 with the reason and no file."""
        format_of(options["output"])
        viewer = viewer_named(options["organisation"])
        try:
            load = current_load()
            usual = last_month(load.day)
            days = period(options["from"] or usual.start, options["to"] or usual.end, load)
            found = rental.listing(viewer, days, load)
        except Refused as refused:
            raise refusal(refused) from None
        write_listing(self, found, options["output"], options["dialect"])
