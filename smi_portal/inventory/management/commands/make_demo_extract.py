"""Write a synthetic SMI extract: `manage.py make_demo_extract OUT --premises N --seed S`."""

import os
import time
from argparse import ArgumentParser, BooleanOptionalAction
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from smi_portal.inventory.demo.keys import MAX_PREMISES
from smi_portal.inventory.demo.package import DELTA, FULL, DemoExtractError, Options, write_demo_extract

FIRST_DAY: Final = date(2018, 12, 31)
LAST_DAY: Final = date(2030, 12, 31)


class Command(BaseCommand):
    """Write a synthetic SMI extract, full and delta; the same arguments give the same files."""

    help = "Write a synthetic SMI extract (a full package, and a delta of one month later) to a directory."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "out", type=Path, help="directory for 0001-full and 0002-delta; replaced if a demo"
        )
        parser.add_argument(
            "--premises", type=int, required=True, help="number of homes, about 1.8 meters each"
        )
        parser.add_argument("--seed", type=int, required=True, help="0 or more; other seed, other homes")
        parser.add_argument("--as-at", type=date.fromisoformat, default=date(2019, 1, 31), metavar="DAY")
        parser.add_argument(
            "--delta", action=BooleanOptionalAction, default=True, help="also write the delta"
        )
        parser.add_argument("--delta-rows", type=int, metavar="N", help="stop the delta at about N rows")
        parser.add_argument("--gzip", action="store_true", help="write .csv.gz files")
        parser.add_argument(
            "--workers", type=int, default=os.cpu_count() or 1, help="processes to share the work"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the arguments, write, and report progress on stderr."""
        chosen = self._options(options)
        started = time.monotonic()
        shown = 0.0

        def progress(done: int) -> None:
            nonlocal shown
            elapsed = time.monotonic() - started
            if elapsed - shown >= 2 or done == chosen.premises:
                shown = elapsed
                self.stderr.write(f"{done:,} of {chosen.premises:,} premises, {elapsed:.0f} s")

        out: Path = options["out"]
        try:
            write_demo_extract(out, chosen, progress)
        except (DemoExtractError, OSError) as error:
            raise CommandError(str(error)) from error
        written = f"{FULL} and {DELTA}" if chosen.delta else FULL
        self.stdout.write(f"Wrote {written} for {chosen.premises:,} premises to {out}")

    def _options(self, options: dict[str, Any]) -> Options:
        """Return the checked options, or raise CommandError naming the one that is wrong."""
        if not 1 <= options["premises"] <= MAX_PREMISES:
            raise CommandError(f"--premises must be from 1 to {MAX_PREMISES:,}.")
        if options["seed"] < 0:
            raise CommandError("--seed must be 0 or more.")
        if not FIRST_DAY <= options["as_at"] <= LAST_DAY:
            raise CommandError(
                f"--as-at must be from {FIRST_DAY} to {LAST_DAY}: the backfill needs two months."
            )
        if options["workers"] < 1:
            raise CommandError("--workers must be 1 or more.")
        if options["delta_rows"] is not None and options["delta_rows"] < 1:
            raise CommandError("--delta-rows must be 1 or more.")
        names = ("premises", "seed", "as_at", "delta", "gzip", "workers", "delta_rows")
        return Options(**{name: options[name] for name in names})
