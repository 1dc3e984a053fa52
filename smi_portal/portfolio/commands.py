"""What the portfolio's commands share: who asks, and where the file goes."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.engine.files.atomic import write_atomically
from reports.engine.files.columns import Tally
from reports.engine.run import Dialect, Format
from smi_portal.access.scope import Viewer
from smi_portal.accounts.models import viewer_for
from smi_portal.inventory.models import Organisation
from smi_portal.portfolio.accounting import accounted, begin_file
from smi_portal.portfolio.asking import Refused
from smi_portal.portfolio.listing import FORMATS, Listing


def add_who_and_where(parser: CommandParser, formats: str = ".csv, .xlsx or .json") -> None:
    """The arguments that every command of the portfolio has."""
    parser.add_argument("--organisation", required=True, metavar="CODE", help="run as this organisation")
    parser.add_argument(
        "--output",
        required=True,
        metavar="FILE",
        help=f"the file's ending chooses its format: {formats}; - writes CSV to standard output",
    )
    parser.add_argument(
        "--dialect",
        choices=["machine", "people"],
        default="machine",
        help="CSV only: plain UTF-8, or with byte-order mark and formula-like text neutralised",
    )


def viewer_named(code: str) -> Viewer:
    """The viewer of an organisation. Raises CommandError."""
    organisation = Organisation.objects.filter(organisation=code).first()
    if organisation is None:
        raise CommandError(f"There is no organisation {code} in the loaded extract.")
    viewer = viewer_for(organisation)
    if viewer is None:
        raise CommandError(
            f"Refused (403). {organisation} sees nothing here: it has not completed DCC User Entry, "
            "or is of a kind without a portal role."
        )
    return viewer


def format_of(output: str) -> Format:
    """The format that a file's ending names; CSV for standard output. Raises CommandError."""
    if output == "-":
        return "csv"
    ending = Path(output).suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise CommandError(
            f"--output {output}: end the file's name in .csv, .xlsx or .json, which chooses its format."
        )
    if not Path(output).absolute().parent.is_dir():
        raise CommandError(f"--output {output}: there is no directory {Path(output).parent}.")
    return ending


def refusal(refused: Refused) -> CommandError:
    """What was wrong, for the terminal."""
    lines = [f"{key}: {sentence}" for key, found in refused.errors.items() for sentence in found]
    return CommandError(f"Refused ({refused.status}). {' '.join(lines)}")


def write_listing(command: BaseCommand, found: Listing, output: str, dialect: Dialect) -> None:
    """Write the list: a complete file, or none."""
    form = format_of(output)
    taken = begin_file(None, found, form, "command")
    made = found.stream(form, dialect)
    write(command, output, accounted(made, None, found, form, "command", taken), made.tally)


def write(command: BaseCommand, output: str, chunks: Iterable[bytes], tally: Tally) -> None:
    """Write chunks to the file, or to standard output."""
    if output == "-":
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        return
    try:
        written = write_atomically(Path(output), chunks)
    except OSError as error:
        raise CommandError(f"--output {output}: {error}") from error
    command.stderr.style_func = None
    command.stderr.write(f"{output}: {tally.rows} rows, SHA-256 {written.sha256}")
