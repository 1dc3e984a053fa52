"""Which processes belong to a data directory.

`postmaster.pid` alone proves nothing: after a power cut or `kill -9` the number in it may be another
program's by now. A PostgreSQL process works *in* its data directory, so that is what is asked of the
operating system before a process is believed, waited for or signalled.
"""

import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from smi_portal.database.errors import DatabaseUnavailable

ORPHAN_SECONDS = 15


@dataclass(frozen=True)
class PidFile:
    """What `postmaster.pid` claims: the server's process and port."""

    pid: int
    port: int | None


def read_pid_file(data: Path) -> PidFile | None:
    """Return the claim of `postmaster.pid`, or None when it is absent or unreadable as one."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    numbers = [int(line) if line.strip().isdigit() else None for line in lines[:4]]
    if not numbers or numbers[0] is None:
        return None
    return PidFile(numbers[0], numbers[3] if len(numbers) > 3 else None)


def works_in(process: psutil.Process, data: Path) -> bool:
    """Return whether the process is alive and its working directory is the data directory."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()).resolve() == data.resolve()
    except (psutil.Error, OSError):
        return False


def server_process(data: Path) -> psutil.Process | None:
    """Return the running server of this data directory, or None; a stale or foreign pid is None."""
    claim = read_pid_file(data)
    if claim is None:
        return None
    try:
        process = psutil.Process(claim.pid)
    except psutil.NoSuchProcess:
        return None
    return process if works_in(process, data) else None


def _members(data: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if works_in(process, data)]


def clear_after_crash(data: Path) -> None:
    """Make a data directory whose server died ready to start again.

    Backends of a killed server may still be finishing; two generations writing at once would destroy the
    data, so they are waited for, then asked to end. Only then is a `postmaster.pid` removed that names
    some other program: PostgreSQL would refuse to start because of it. That program is left alone.
    """
    if read_pid_file(data) is None and not (data / "postmaster.pid").exists():
        return
    for request in (None, signal.SIGTERM, signal.SIGQUIT):
        members = _members(data)
        if request is not None:
            for process in members:
                process.send_signal(request)
        if _all_gone(members):
            break
    else:
        pids = ", ".join(str(process.pid) for process in _members(data))
        raise DatabaseUnavailable(f"Processes of a server that died still run in {data}: {pids}. End them.")
    claim = read_pid_file(data)
    if claim is None or psutil.pid_exists(claim.pid):
        (data / "postmaster.pid").unlink(missing_ok=True)


def _all_gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=ORPHAN_SECONDS)
    return not alive


def shut_down(process: psutil.Process, seconds: float = 60) -> bool:
    """Ask the server for a fast shutdown and wait; return whether it ended in time."""
    process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False
