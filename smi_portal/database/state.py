"""The state directory: where this checkout keeps its server, its passwords and its locks.

It is `.local/` in the project, or the directory that SMI_STATE_DIR names. Everything in it can be made
again by `make demo`; nothing in it belongs in version control.
"""

import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from smi_portal.database.errors import DatabaseUnavailable

PROJECT_ROOT = Path(__file__).resolve().parents[2]
LOCK_SECONDS = 300


def state_directory() -> Path:
    """Return the state directory's absolute path; it need not exist yet."""
    return Path(os.environ.get("SMI_STATE_DIR") or PROJECT_ROOT / ".local").absolute()


def make_state_directory() -> Path:
    """Return the state directory, created private to its owner when it was not there."""
    directory = state_directory()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailable(
            f"Cannot create {directory}: {error.strerror}. Make it writable, "
            "or set SMI_STATE_DIR to a directory that is."
        ) from error
    return directory


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner alone; root leaves it to the directory's owner."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    if os.geteuid() == 0:
        parent = path.parent.stat()
        os.chown(temporary, parent.st_uid, parent.st_gid)
    temporary.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON object from a file, or an empty one when there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise DatabaseUnavailable(
            f"{path} belongs to another user. Work as that user, or set SMI_STATE_DIR to your own directory."
        ) from error
    try:
        content = json.loads(text)
    except ValueError as error:
        raise DatabaseUnavailable(
            f"{path} is damaged ({error}). 'make clean' removes it and the data; 'make demo' rebuilds both."
        ) from error
    if not isinstance(content, dict):
        raise DatabaseUnavailable(f"{path} is damaged: it does not hold a JSON object. Run 'make clean'.")
    return content


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the state directory's lock `name`; the kernel releases it however the process ends."""
    path = make_state_directory() / f"{name}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise DatabaseUnavailable(
            f"{path} belongs to another user. Work as that user, or set SMI_STATE_DIR to your own directory."
        ) from error
    try:
        _wait_for_lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _wait_for_lock(descriptor: int, path: Path) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"Another process has held {path} for {LOCK_SECONDS} seconds. Wait for it, or end it."
                ) from None
            time.sleep(0.05)
        else:
            return


def secrets_file() -> Path:
    """Return the path of the file of generated passwords and keys (mode 0600)."""
    return state_directory() / "secrets.json"


def peek_secret(name: str) -> str | None:
    """Return the secret `name` if it was ever generated; never writes."""
    value = read_json(secrets_file()).get(name)
    return str(value) if value is not None else None


def secret(name: str) -> str:
    """Return the secret `name`, generated (256 random bits) and kept at its first use."""
    known = peek_secret(name)
    if known is not None:
        return known
    with locked("secrets"):
        content = read_json(secrets_file())
        if name not in content:
            content[name] = secrets.token_urlsafe(32)
            write_private(secrets_file(), json.dumps(content, indent=1) + "\n")
        return str(content[name])


def forget() -> None:
    """Delete everything that we keep in the state directory, and the directory if that empties it.

    Only what we made is named: SMI_STATE_DIR may be a directory that holds other things too.
    """
    directory = state_directory()
    for name in ("demo", "files"):
        shutil.rmtree(directory / name, ignore_errors=True)
    for name in ("secrets.json", "secrets.lock", "server.json", "server.lock"):
        (directory / name).unlink(missing_ok=True)
    for witness in directory.glob("audit-heads.sqlite3*"):
        witness.unlink(missing_ok=True)
    with suppress(OSError):  # not empty: somebody else's
        directory.rmdir()
