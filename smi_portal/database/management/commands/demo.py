"""`demo`: everything from an empty checkout to a page that answers, each step skipped when done already."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from smi_portal.database import locate
from smi_portal.database.errors import DatabaseUnavailable
from smi_portal.database.state import PROJECT_ROOT, state_directory

HOST = "127.0.0.1"
PORTS_TRIED = 50


class Command(BaseCommand):
    """The demo: synthetic extract, its load, people to sign in as, and the site."""

    help = "Prepare the demo's database, extract and people, then serve the site on 127.0.0.1."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of the extract and the port."""
        parser.add_argument("--premises", type=int, default=2000, help="homes in a newly made extract")
        parser.add_argument("--seed", type=int, default=7, help="seed of a newly made extract")
        parser.add_argument(
            "--port", type=int, default=8000, help="the next free one is used when it is taken"
        )
        parser.add_argument("--no-serve", action="store_true", help="prepare only")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, then become the server."""
        if not settings.DEBUG:
            raise CommandError("The demo's people have known passwords: it runs only where DEBUG is on.")
        try:
            locate.ensure_running()
            locate.refresh()
        except DatabaseUnavailable as error:
            raise CommandError(str(error)) from error
        self.step("Database")
        call_command("migrate", verbosity=0, interactive=False)
        for package in self.extract(options["premises"], options["seed"]):
            self.step(f"Loading {package.name}")
            try:
                call_command("load_extract", package)
            except CommandError as error:
                raise CommandError(
                    f"{error}\nThis database may hold the demo of another release: make clean, then make demo again."
                ) from error
        call_command("build_statistics")
        self.step("People")
        call_command("seed_demo")
        call_command("check", databases=["default"])
        if not options["no_serve"]:
            self.serve(options["port"])

    def step(self, name: str) -> None:
        """Say what is being done."""
        self.stdout.write(self.style.MIGRATE_HEADING(f"{name} …"))
        self.stdout.flush()

    def extract(self, premises: int, seed: int) -> list[Path]:
        """Return the packages of the demo's extract in the order to load them, made when there are none."""
        out = state_directory() / "demo"
        if not out.is_dir():
            self.step(f"Making an extract of {premises:,} homes")
            call_command("make_demo_extract", out, premises=premises, seed=seed)
        return sorted(path for path in out.iterdir() if (path / "datapackage.json").is_file())

    def serve(self, wanted: int) -> NoReturn:
        """Become gunicorn. DEBUG is off from here, so that people meet the real error pages."""
        port = free_port(wanted)
        if port != wanted:
            self.stdout.write(f"Port {wanted} is taken.")
        self.stdout.write(self.style.SUCCESS(f"SMI Portal: http://{HOST}:{port}/   (Ctrl-C stops it)"))
        self.stdout.flush()
        environment = {"SMI_SITE_URL": f"http://{HOST}:{port}"} | os.environ | {"SMI_DEBUG": "false"}
        # The worker follows this process, which becomes gunicorn: it ends when that ends, however that happens.
        subprocess.Popen(  # noqa: S603 - our own interpreter, by its full path
            [sys.executable, "manage.py", "worker", "--with-parent", str(os.getpid())],
            cwd=PROJECT_ROOT,
            env=environment,
        )
        arguments = [
            *(sys.executable, "-m", "gunicorn", "smi_portal.wsgi"),
            *("--bind", f"{HOST}:{port}"),
            *("--worker-class", "gthread", "--workers", "2", "--threads", "8"),
            *("--log-level", "warning", "--no-control-socket"),
        ]
        os.execve(sys.executable, arguments, environment)  # noqa: S606 - gunicorn


def free_port(wanted: int) -> int:
    """Return the first port from `wanted` on that nobody listens on at 127.0.0.1."""
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise CommandError(
        f"Ports {wanted} to {wanted + PORTS_TRIED - 1} are all taken: name another with PORT=…."
    )
