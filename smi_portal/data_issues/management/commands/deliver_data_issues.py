"""`deliver_data_issues`: notify the parties whom data issues concern, and pass on what was said."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from smi_portal.data_issues.post import deliver


class Command(BaseCommand):
    """One round of the post, or one every so many seconds."""

    help = (
        "Find out, as the owner of the data, whom newly raised data issues concern; let them see their lines, and "
        "write to them. Run it each minute, or leave it running with --every 60."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """How often."""
        parser.add_argument("--every", type=int, metavar="SECONDS", help="go round until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many lines found their party."""
        while True:
            told = deliver()
            self.stdout.write(f"{sum(told.values()):,} lines for {len(told):,} organisations.")
            if not options["every"]:
                return
            close_old_connections()
            time.sleep(max(options["every"], 1))
