"""A site of its own: gunicorn, as in real life, over a fresh database with a small synthetic extract.

The process under test shares nothing with the tests' own connections. Both of its aliases are led to the
new database by DATABASE_URL and SITE_DATABASE_URL, as an operator would do it.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connections

from smi_portal.database import locate
from tests.conftest import PREFIX, connect, create, drop

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
START_SECONDS = 120  # a machine may be busy with three more of these
SEED_PEOPLE = (
    "from smi_portal.accounts.demo import seed; from smi_portal.backfill.demo import seed as backfill; "
    "from tests.browser.furnishing import furnish; "
    "seed(); backfill(); furnish()"
)


@contextmanager
def demo_site(premises: int, seed: int, settings: str) -> Iterator[str]:
    """Make a database, load a demo extract of `premises` homes, serve it; yield the site's address."""
    locate.ensure_running()
    _refresh_addresses()
    name = f"{PREFIX}{secrets.token_hex(5)}"
    guard = create(name)
    environment = _environment(name, settings)
    try:
        with tempfile.TemporaryDirectory() as directory:
            _fill(Path(directory) / "demo", premises, seed, environment)
        with _served(environment) as address:
            yield address
    finally:
        guard.close()
        with connect(connections.settings["owner"]["NAME"]) as server:
            drop(server, name)


@contextmanager
def session_site(settings: str) -> Iterator[str]:
    """Serve the database that the tests' own connections use now, with what they have committed; yield its address."""
    environment = _environment(str(connections.settings["owner"]["NAME"]), settings)
    with _served(environment) as address:
        yield address


def _refresh_addresses() -> None:
    """Bring the server's address up to date, but leave the aliases on their database: the session's own, in tests."""
    names = {alias: connections.settings[alias]["NAME"] for alias in connections.settings}
    locate.refresh()
    for alias, name in names.items():
        connections[alias].close()
        connections.settings[alias]["NAME"] = name


def _environment(name: str, settings: str) -> dict[str, str]:
    """Ours, with both connections led to the database `name`."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": settings,
        "DATABASE_URL": _url("owner", name),
        "SITE_DATABASE_URL": _url("default", name),
    }


def _url(alias: str, name: str) -> str:
    known = connections.settings[alias]
    user, password = quote(known["USER"], safe=""), quote(known["PASSWORD"], safe="")
    mode = known["OPTIONS"].get("sslmode")
    port = f":{known['PORT']}" if known["PORT"] else ""
    return f"postgres://{user}:{password}@{known['HOST']}{port}/{name}" + (f"?sslmode={mode}" if mode else "")


def _fill(extract: Path, premises: int, seed: int, environment: Mapping[str, str]) -> None:
    size = ("--premises", str(premises), "--seed", str(seed), "--workers", "1")
    _manage(environment, "make_demo_extract", str(extract), *size)
    _manage(environment, "migrate", "--verbosity", "0")
    for package in sorted(extract.iterdir()):
        if (package / "datapackage.json").is_file():
            _manage(environment, "load_extract", str(package))
    _manage(environment, "shell", "--verbosity", "0", "--command", SEED_PEOPLE)


def _manage(environment: Mapping[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


@contextmanager
def _served(environment: Mapping[str, str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "gunicorn", "smi_portal.wsgi", "--bind", f"{HOST}:{port}"),
        *("--worker-class", "gthread", "--workers", "1", "--threads", "8"),
        *("--log-level", "warning", "--no-control-socket", "--graceful-timeout", "1"),
    ]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) as server,
    ):
        address = f"http://{HOST}:{port}"
        try:
            _wait_for(f"{address}/accessibility/", server)
            yield address
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace"))
            raise
        finally:
            server.terminate()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=10).close()
        except OSError as error:  # refused, broken off, or too busy to answer in time
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The site did not start: {error}") from error
            time.sleep(0.1)
        else:
            return
