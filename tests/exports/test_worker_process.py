"""A real worker's process: it outlives a restart of the database, ends when told, and goes with its parent."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connections

from reports.exports.models import Export, State
from tests.browser.serving import ROOT

from .asking import ask
from .serving import environment
from .test_faults import disconnect


def test_the_worker_comes_back_when_the_database_does_and_ends_when_told(files: Path) -> None:
    """A real worker, whose connections are cut; then a job; then SIGTERM."""
    with subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env=environment(files.parent),
        stderr=subprocess.PIPE,
    ) as worker:
        try:
            _until(lambda: _workers() == 1, worker)
            disconnect()
            connections["default"].close()
            export = ask()
            _until(lambda: Export.objects.get(pk=export.pk).state == State.READY, worker)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(10) == 0
        finally:
            worker.kill()


def _workers() -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        return int(cursor.fetchone()[0])


def _until(happened: Callable[[], bool], worker: subprocess.Popen[bytes], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert worker.poll() is None, worker.stderr.read().decode() if worker.stderr else ""
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)


def test_a_worker_ends_with_its_parent(files: Path) -> None:
    """As in the demo: whoever started it is gone, so it goes."""
    script = (
        "import subprocess, sys, os; p = subprocess.Popen([sys.executable, 'manage.py', 'worker', '--with-parent', "
        "str(os.getpid())], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); print(p.pid, flush=True); "
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment(files.parent),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        deadline = time.monotonic() + 30
        while _workers() == 0 and time.monotonic() < deadline:
            time.sleep(0.1)
        parent.kill()
    deadline = time.monotonic() + 15
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        if Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] == "Z":
            break  # gone; whoever adopted it has not looked yet
        time.sleep(0.1)
    else:
        assert not Path(f"/proc/{pid}").exists()
