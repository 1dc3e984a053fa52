"""`run_report`: a report's file from the command line, by the same road as the page's downloads."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.datastructures import MultiValueDict

from reports.accounting import accounted, begin_file
from reports.engine.ask import AskRefused, parse
from reports.engine.files.atomic import write_atomically
from reports.engine.filters import filter_rows
from reports.engine.report import REGISTRY, report_for
from reports.engine.run import FORMS, stream
from smi_portal.access.scope import Viewer
from smi_portal.accounts.models import Person, viewer_for
from smi_portal.fair_use import OverCap
from smi_portal.inventory.models import Organisation


class Command(BaseCommand):
    """Write one report as a person, or as anyone of an organisation, would get it."""

    help = "Write a report to a file: the same rows, order and values as on the page."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who asks, what, and into which file."""
        parser.add_argument("code", help="report code, such as MAP_001")
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--user", metavar="EMAIL", help="run as this person")
        who.add_argument("--organisation", metavar="CODE", help="run as this organisation")
        parser.add_argument(
            "--as-at", metavar="YYYY-MM-DD", help="the as-at day; the extract's day when left out"
        )
        parser.add_argument(
            "--history", action="store_true", help="one row for each period of constant values"
        )
        parser.add_argument(
            "--input", action="append", default=[], nargs="+", metavar="KEY=VALUE", help="repeat for more"
        )
        parser.add_argument(
            "--sort", action="append", default=[], metavar="KEY", help="column key, -KEY descending"
        )
        parser.add_argument(
            "--columns", action="append", default=[], metavar="KEY,KEY", help="show these, in this order"
        )
        parser.add_argument("--format", choices=[*FORMS], default="csv")
        parser.add_argument("--dialect", choices=["people", "machine"], default="people")
        parser.add_argument("--output", required=True, metavar="FILE", help="- writes to standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0 with a complete file, or 1 with the reason and no file."""
        report = report_for(options["code"])
        if report is None:
            raise CommandError(
                f"There is no report {options['code']}. There are: {', '.join(sorted(REGISTRY))}."
            )
        person, viewer = _viewer(options["user"], options["organisation"])
        try:
            ask = parse(report, viewer, _data(options))
            found = filter_rows(ask).rows
            taken = begin_file(person, found, options["format"], "command")
        except OverCap as over:
            raise CommandError(str(over)) from None
        except AskRefused as refused:
            lines = [f"{key}: {sentence}" for key, found in refused.errors.items() for sentence in found]
            raise CommandError("Refused ({}). {}".format(refused.status, " ".join(lines))) from None
        made = stream(found, options["format"], options["dialect"])
        chunks = accounted(made, person, found, options["format"], "command", taken)
        if options["output"] == "-":
            for chunk in chunks:
                sys.stdout.buffer.write(chunk)
            return
        written = write_atomically(Path(options["output"]), chunks)
        self.stderr.write(f"{options['output']}: {made.tally.rows} rows, SHA-256 {written.sha256}")


def _viewer(email: str | None, code: str | None) -> tuple[Person | None, Viewer]:
    person = None
    if email:
        person = (
            Person.objects.filter(email=email.lower(), is_active=True).select_related("organisation").first()
        )
        if person is None:
            raise CommandError(f"There is no active person with the address {email}.")
        organisation = person.organisation
    else:
        found = Organisation.objects.filter(organisation=code).first()
        if found is None:
            raise CommandError(f"There is no organisation {code} in the loaded extract.")
        organisation = found
    viewer = viewer_for(organisation)
    if viewer is None:
        raise CommandError(
            f"Refused (403). {organisation} sees nothing here: it has not completed DCC User Entry, "
            "or is of a kind without a portal role."
        )
    return person, replace(viewer, person_id=person.pk if person else None)


def _data(options: dict[str, Any]) -> MultiValueDict[str, str]:
    data: MultiValueDict[str, str] = MultiValueDict()
    for pair in _flat(options["input"]):
        key, equals, value = pair.partition("=")
        if not equals:
            raise CommandError(f"--input {pair}: write it as key=value.")
        data.appendlist(key, value)
    for name in ("sort", "columns", "as_at", "history"):
        if name in data:
            raise CommandError(f"--input {name}=…: use --{name.replace('_', '-')}.")
    if options["as_at"]:
        data["as_at"] = options["as_at"]
    if options["history"]:
        data["history"] = "true"
    for name in ("sort", "columns"):
        if options[name]:
            data.setlist(name, options[name])
    return data


def _flat(groups: Iterable[Iterable[str]]) -> Iterable[str]:
    return (pair for group in groups for pair in group)
