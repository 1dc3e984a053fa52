"""`database`: start, stop, inspect, open or remove the embedded server."""

import os
import shutil
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from smi_portal.database import binaries, embedded, locate
from smi_portal.database.errors import DatabaseUnavailable
from smi_portal.database.roles import ensure_roles
from smi_portal.database.state import forget

ACTIONS = {
    "start": "start the server, and make the roles and the database if they are missing",
    "stop": "stop the server",
    "status": "say whether it runs, and where",
    "psql": "open psql as the owner, or with --as site as the site; what follows '--' goes to psql",
    "remove": "stop the server and delete its data, its passwords and the demo's extract",
}


class Command(BaseCommand):
    """The project's database server."""

    help = "The embedded PostgreSQL server. " + " ".join(f"{name}: {does}." for name, does in ACTIONS.items())
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one action."""
        parser.add_argument("action", choices=tuple(ACTIONS))
        parser.add_argument("--as", dest="role", choices=("owner", "site"), default="owner")
        parser.add_argument("arguments", nargs="*", help="arguments for psql, after '--'")

    def handle(self, *args: Any, **options: Any) -> None:
        """Carry out the action."""
        action = options["action"]
        try:
            if action == "psql":
                self.open_psql(options["role"], options["arguments"])
            getattr(self, action)()
        except DatabaseUnavailable as error:
            raise CommandError(str(error)) from error

    def start(self) -> None:
        """Start the server and make its roles."""
        locate.ensure_running()
        locate.refresh()
        ensure_roles()
        self.status()

    def stop(self) -> None:
        """Stop the server."""
        self.stdout.write("Stopped." if embedded.stop() else "The embedded server was not running.")

    def remove(self) -> None:
        """Stop the server and delete its data, the passwords, and the demo's extract."""
        embedded.remove()
        forget()
        self.stdout.write("Removed.")

    def status(self) -> None:
        """Print where the database is."""
        if not locate.is_embedded():
            owner = connections.settings["owner"]
            self.stdout.write(f"DATABASE_URL: {owner['NAME']} on {owner['HOST']}.")
            return
        found = embedded.status()
        if found.address is not None:
            where = f"{found.address.host}:{found.address.port}"
            self.stdout.write(f"Running on {where} (process {found.pid}); files in {found.directory}.")
        elif found.directory is not None:
            self.stdout.write(f"Not running; files in {found.directory}, log {found.log}.")
        else:
            self.stdout.write("There is none yet: 'make demo' or 'manage.py database start' makes it.")

    def open_psql(self, role: str, arguments: list[str]) -> NoReturn:
        """Become psql, connected as the owner or the site; the password is not on its command line."""
        locate.ensure_running()
        locate.refresh()
        settings = connections.settings["default" if role == "site" else "owner"]
        program = shutil.which("psql") if not locate.is_embedded() else None
        environment = os.environ | {
            "PGHOST": settings["HOST"],
            "PGPORT": str(settings["PORT"] or ""),
            "PGDATABASE": settings["NAME"],
            "PGUSER": settings["USER"],
            "PGPASSWORD": settings["PASSWORD"],
        }
        if "sslmode" in settings["OPTIONS"]:
            environment["PGSSLMODE"] = settings["OPTIONS"]["sslmode"]
        # No shell: our own program by its full path, and the arguments of the person who typed them.
        os.execve(program or binaries.packaged() / "psql", ["psql", *arguments], environment)  # noqa: S606
