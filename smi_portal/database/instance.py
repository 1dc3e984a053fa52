"""Where one checkout's server lives, and the files that describe it.

An ordinary user's server is in the state directory. Root's must run as another user, who cannot read a
project under a private home; widening the home is out of the question, so it lives under
/var/lib/smi-portal/, and the state directory keeps a pointer to it.
"""

import hashlib
import json
import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from smi_portal.database import process
from smi_portal.database.account import Account, account_of, is_root, unprivileged
from smi_portal.database.errors import DatabaseUnavailable
from smi_portal.database.state import (
    make_state_directory,
    peek_secret,
    read_json,
    state_directory,
    write_private,
)

ROOT_LOCATION = Path("/var/lib/smi-portal")
SUPERUSER_SECRET = "database superuser"  # noqa: S105 - the name under which the password is kept
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Instance:
    """One server's place: `directory` holds its configuration, `data` the database itself."""

    directory: Path
    external: bool  # outside the state directory, run by another user

    @property
    def data(self) -> Path:
        """The data directory that initdb made."""
        return self.directory / "data"

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.data / "server.log"

    @property
    def configuration(self) -> Path:
        """Our settings, which the cluster's postgresql.conf includes."""
        return self.directory / "server.conf"

    @property
    def marker(self) -> Path:
        """Names the state directory that an external instance belongs to."""
        return self.directory / "belongs-to"

    def account(self) -> Account | None:
        """Return whom the server runs as: None is this user; existing data decides, else root picks one."""
        if self.data.exists():
            return account_of(self.data)
        return unprivileged() if is_root() else None


def record_file() -> Path:
    """Return the path of the pointer to the instance and its last port."""
    return state_directory() / "server.json"


def recorded() -> Instance | None:
    """Return the instance that this state directory points to, or None; changes nothing."""
    directory = read_json(record_file()).get("directory")
    if directory is None:
        return None
    return _instance_at(state_directory() / str(directory))


def recorded_port() -> int | None:
    """Return the port that the server was last given, or None before the first start."""
    port = read_json(record_file()).get("port")
    return int(port) if port is not None else None


def record(instance: Instance, port: int | None) -> None:
    """Keep the instance and its last port, for the settings, the next start and the removal."""
    # Relative when inside, so that a copied or moved project means its own.
    directory = instance.directory if instance.external else instance.directory.relative_to(state_directory())
    content = {"directory": str(directory), "port": port}
    if read_json(record_file()) != content:
        write_private(record_file(), json.dumps(content, indent=1) + "\n")


def _instance_at(directory: Path) -> Instance:
    return Instance(directory, external=not directory.is_relative_to(state_directory()))


def claim() -> Instance:
    """Return this checkout's instance, its directory created and recorded. Hold the server's lock."""
    make_state_directory()
    instance = _claim()
    record(instance, recorded_port())
    return instance


def _claim() -> Instance:
    known = recorded()
    if known is not None and known.directory.is_dir() and _is_ours(known):
        return known
    inside = _instance_at(state_directory() / "postgres")
    if inside.data.exists() or not is_root():
        inside.directory.mkdir(mode=0o700, exist_ok=True)
        return inside
    return _claim_external()


def _claim_external() -> Instance:
    name = hashlib.sha256(os.fsencode(state_directory())).hexdigest()[:16]
    instance = Instance(ROOT_LOCATION / name, external=True)
    if instance.directory.exists() and peek_secret(SUPERUSER_SECRET) is None:
        # An earlier checkout at this path was deleted, and the passwords with it: nobody can use this data.
        discard(instance)
    try:
        instance.directory.mkdir(mode=0o755, parents=True, exist_ok=True)
        for path in (instance.directory, ROOT_LOCATION):
            path.chmod(0o755)
        instance.marker.write_text(f"{state_directory()}\n", encoding="utf-8")
    except OSError as error:
        raise DatabaseUnavailable(
            f"Cannot prepare {instance.directory}: {error.strerror}. As root the server is kept there; "
            "run as an ordinary user, or set DATABASE_URL to any PostgreSQL 15 or later."
        ) from error
    return instance


def _is_ours(instance: Instance) -> bool:
    """Return whether an external instance is this checkout's and not that of one it was copied from."""
    if not instance.external:
        return True
    here = str(state_directory())
    owner = instance.marker.read_text(encoding="utf-8").strip() if instance.marker.exists() else ""
    if owner == here:
        return True
    other = read_json(Path(owner) / "server.json") if owner else {}
    if not owner or other.get("directory") == str(instance.directory):
        return False
    instance.marker.write_text(f"{here}\n", encoding="utf-8")  # the project was moved
    return True


def discard(instance: Instance) -> None:
    """Stop the instance's server, if it is its own, and remove everything it has."""
    running = process.server_process(instance.data)
    if running is not None and not process.shut_down(running):
        raise DatabaseUnavailable(f"The server in {instance.data} (process {running.pid}) does not stop.")
    shutil.rmtree(instance.directory, ignore_errors=False)


def free_port(wanted: int | None) -> int:
    """Return `wanted` if nobody listens on it on 127.0.0.1, else a free port that the kernel picks."""
    for port in (wanted, 0):
        if port is None:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DatabaseUnavailable("No free TCP port on 127.0.0.1.")
