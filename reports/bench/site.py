"""The site itself under measurement: gunicorn as `make demo` starts it, over the loaded extract, and one of its people.

What is fetched is recorded like anybody's use: in the audit, and in that person's day of fair use.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

import psutil
from django.test import Client

from smi_portal.access.scope import Viewer
from smi_portal.accounts.models import Person
from smi_portal.database.state import PROJECT_ROOT

HOST = "127.0.0.1"
MEGABYTE = 1024 * 1024
PIECE = 65_536


@dataclass(frozen=True)
class Fetched:
    """One download: seconds to the first byte of its body, seconds in all, bytes."""

    first: float
    whole: float
    size: int


class Site:
    """A running site, seen by one person's browser."""

    def __init__(self, port: int, cookies: str, server: psutil.Process) -> None:
        self._port, self._cookies, self._server = port, cookies, server

    def page(self, path: str) -> float:
        """Seconds until the whole page is here."""
        return self.fetch(path).whole

    def read(self, path: str) -> str:
        """The page's text."""
        line = HTTPConnection(HOST, self._port, timeout=600)
        line.request("GET", path, headers={"Cookie": self._cookies})
        return line.getresponse().read().decode()

    def fetch(self, path: str) -> Fetched:
        """Read an answer to its end. Raises RuntimeError when it is not a good one."""
        line = HTTPConnection(HOST, self._port, timeout=600)
        try:
            start = time.perf_counter()
            line.request("GET", path, headers={"Cookie": self._cookies})
            answer = line.getresponse()
            if answer.status != 200:
                raise RuntimeError(f"{path} answers {answer.status}, to {answer.headers.get('Location', '')}")
            size = len(answer.read(1))
            first = time.perf_counter() - start
            while piece := answer.read(PIECE):
                size += len(piece)
            return Fetched(first, time.perf_counter() - start, size)
        finally:
            line.close()

    def memory(self) -> list[float]:
        """Megabytes that each web process holds now (resident)."""
        return [one.memory_info().rss / MEGABYTE for one in self._server.children()]

    @contextmanager
    def watched(self) -> Iterator[list[float]]:
        """What the web processes hold at most meanwhile, above what each held before: a list of one, filled at the end."""
        before, over, most = self.memory(), threading.Event(), [0.0]

        def look() -> None:
            while not over.wait(0.05):
                most[0] = max(most[0], *(now - then for now, then in zip(self.memory(), before, strict=True)))

        watcher = threading.Thread(target=look, daemon=True)
        watcher.start()
        try:
            yield most
        finally:
            over.set()
            watcher.join()


@contextmanager
def served(viewer: Viewer, **more: str) -> Iterator[Site | None]:
    """The site, and a browser in which somebody of the viewer's organisation has signed in; None if nobody is there.

    `more`: settings of this site by their environment variables.
    """
    person = (
        Person.objects.filter(organisation_id=viewer.organisation_id, is_active=True).order_by("pk").first()
    )
    if person is None:
        yield None
        return
    browser = Client()
    browser.force_login(person)
    cookies = "; ".join(f"{key}={one.value}" for key, one in browser.cookies.items())
    port = _free_port()
    with _gunicorn(port, {"SMI_REQUIRE_MFA": "false", "SMI_DAILY_ROWS": "1000000000", **more}) as server:
        yield Site(port, cookies, psutil.Process(server.pid))
    browser.logout()


@contextmanager
def _gunicorn(port: int, more: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        *(sys.executable, "-m", "gunicorn", "smi_portal.wsgi", "--bind", f"{HOST}:{port}"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "8"),
        *("--log-level", "error", "--no-control-socket", "--graceful-timeout", "1"),
    ]
    environment = os.environ | {"SMI_DEBUG": "false"} | dict(more)
    with subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment) as server:  # noqa: S603 - our own command
        try:
            _wait_for(port, server)
            yield server
        finally:
            server.terminate()


def _wait_for(port: int, server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            line = HTTPConnection(HOST, port, timeout=10)
            line.request("GET", "/accessibility/")
            line.getresponse().read()
        except OSError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("The site under measurement did not start.") from error
            time.sleep(0.1)
        else:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
