"""The operating system's user that the server runs as.

PostgreSQL refuses to run as root. An ordinary user runs it as themselves; root picks an unprivileged user.
"""

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smi_portal.database.binaries import USE_ANOTHER, run
from smi_portal.database.errors import DatabaseUnavailable

OWN_ACCOUNT = "smi-portal"


@dataclass(frozen=True)
class Account:
    """An unprivileged user of this machine, for root to run the server as."""

    name: str
    uid: int
    gid: int

    def as_arguments(self) -> dict[str, Any]:
        """Return what makes `subprocess.run` drop root's rights for good."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def is_root() -> bool:
    """Return whether this process has root's rights."""
    return os.geteuid() == 0


def account_of(path: Path) -> Account | None:
    """Return the owner of an existing data directory, or None when that is this very user."""
    owner = path.stat()
    if owner.st_uid == os.geteuid():
        return None
    return Account(str(owner.st_uid), owner.st_uid, owner.st_gid)


def unprivileged() -> Account:
    """Return a user for root to run the server as: postgres, our own (created when possible), or nobody."""
    found = _lookup("postgres") or _lookup(OWN_ACCOUNT) or _create() or _lookup("nobody")
    if found is None:
        raise DatabaseUnavailable(
            "PostgreSQL refuses to run as root, and this machine has no other user to run it as. "
            f"Create one named {OWN_ACCOUNT}. {USE_ANOTHER}."
        )
    return found


def _lookup(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid) if entry.pw_uid else None


def _create() -> Account | None:
    """Create our own system user with whichever tool the machine has; None when none works."""
    commands = (
        ("useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"),
        ("adduser", "-S", "-D", "-H", "-s", "/sbin/nologin"),  # Alpine's, which has no useradd
    )
    for program, *arguments in commands:
        found = shutil.which(program)
        if found is None:
            continue
        run([found, *arguments, OWN_ACCOUNT])
        if created := _lookup(OWN_ACCOUNT):
            return created
    return None
