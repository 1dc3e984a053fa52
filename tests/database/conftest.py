"""Servers to break: each has a state directory of its own and is removed afterwards."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from smi_portal.database import cluster, embedded
from smi_portal.database.state import PROJECT_ROOT


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give an empty state directory: a space in its path, under a home that only its owner may enter."""
    yield from private_state(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def lasting_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a state directory whose server this module's tests share; each leaves it able to start."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield from private_state(tmp_path_factory.mktemp("lasting"), monkeypatch)


@pytest.fixture
def server(lasting_state: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start the shared server, and return its state directory."""
    monkeypatch.setenv("SMI_STATE_DIR", str(lasting_state))
    embedded.start()
    return lasting_state


def private_state(parent: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Point the code at a new state directory, and remove its server in the end."""
    home = parent / "private home"
    home.mkdir(mode=0o700)
    state = home / "the state"
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("SITE_DATABASE_URL", raising=False)
    monkeypatch.setenv("SMI_STATE_DIR", str(state))
    # No machine loses its power in these tests, and waiting for the disk is most of their time.
    monkeypatch.setattr(cluster, "SETTINGS", cluster.SETTINGS + "fsync = off\n")
    yield state
    with pytest.MonkeyPatch.context() as again:
        again.setenv("SMI_STATE_DIR", str(state))
        embedded.remove()


def ask(statement: str, **changes: object) -> object:
    """Return the first value of a statement run on the embedded server as the owner."""
    address = embedded.status().address
    assert address is not None
    with psycopg.connect(
        **(embedded.owner_parameters(address.port) | changes), autocommit=True
    ) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def alive(pid: int) -> bool:
    """Return whether a process runs; one that ended but was not yet collected by its parent does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kill_server() -> None:
    """End the server as a power cut would, and wait until its main process is gone."""
    pid = embedded.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while alive(pid):
        assert time.monotonic() < deadline, f"process {pid} survived SIGKILL"
        time.sleep(0.02)


def run_manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py in a process of its own, as a person would, with no terminal."""
    known = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, PROJECT_ROOT / "manage.py", *arguments],
        env=known | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
