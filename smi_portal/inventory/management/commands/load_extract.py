"""Load an SMI extract: `manage.py load_extract PATH [--allow-rejects N] [--rejects FILE]`."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from smi_portal import audit
from smi_portal.inventory.loading.errors import LoadRefused
from smi_portal.inventory.loading.loader import LoadOptions, check_migrations, load


def whole_number(text: str) -> int:
    """A number of rows, 0 or more."""
    if not text.isascii() or not text.isdigit():
        raise ArgumentTypeError(f"{text!r} is no whole number, 0 or more")
    return int(text)


class Command(BaseCommand):
    """Load an extract, all or nothing."""

    #: The others look at the site's pages and take a second, which a load does not need.
    requires_system_checks = (Tags.models,)

    help = (
        "Load an SMI extract (docs/extract-format.md), full or delta, from a directory or a .zip. Either all of it "
        "is loaded or nothing is; the old data serves until then. Progress on stderr, the load report on stdout."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("path", type=Path, help="the package: a directory or a .zip")
        parser.add_argument(
            "--allow-rejects",
            type=whole_number,
            default=0,
            metavar="N",
            help="load all the same when up to N rows are bad, and leave those out (default 0)",
        )
        parser.add_argument(
            "--rejects", type=Path, metavar="FILE", help="where to list bad rows (default PATH.rejects.csv)"
        )
        parser.add_argument(
            "--rejects-limit",
            type=whole_number,
            default=1000,
            metavar="N",
            help="list N defects at most (default 1000); all are counted",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and print the report; exit status 1 when the package is refused."""
        chosen = LoadOptions(options["allow_rejects"], options["rejects_limit"], options["rejects"])
        self.stderr.style_func = None  # progress is no error: not in red
        try:
            check_migrations()
            audit.note("load begun", package=options["path"].name)
            report = load(options["path"], chosen, self.stderr)
        except LoadRefused as refused:
            self._note_refusal(options["path"], refused)
            raise CommandError(str(refused)) from refused
        audit.note(
            "load ended",
            package=options["path"].name,
            extract=report.extract_id,
            sequence=report.sequence,
            form=report.kind,
            as_at=report.as_at,
            already_loaded=report.already_loaded,
            rows=sum(report.rows_in.values()),
            rejected=sum(report.rejected.values()),
        )
        self.stdout.write(report.as_text())

    def _note_refusal(self, path: Path, refused: LoadRefused) -> None:
        try:
            audit.note("load refused", package=path.name, rejected=refused.rejected)
        except DatabaseError as error:  # of an earlier release's shape: the refusal says so itself
            self.stderr.write(f"The refusal could not be noted in the audit: {error}")
