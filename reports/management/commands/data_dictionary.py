"""`data_dictionary`: write docs/data-dictionary.md from the declarations, or check that it agrees with them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports import dictionary


class Command(BaseCommand):
    """Keep the written dictionary and the code one thing."""

    help = "Write the data dictionary, or check it for drift."

    def add_arguments(self, parser: CommandParser) -> None:
        """Only whether to check instead of writing."""
        parser.add_argument("--check", action="store_true", help="fail when the file differs; change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file; with --check, exit 1 when it is not what the code says."""
        path, text = dictionary.path(), dictionary.text()
        if not options["check"]:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"{path.name}: written.")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError(f"docs/{path.name} is out of date: run manage.py data_dictionary.")
