"""What to tell a person when the embedded server cannot start: what happened, and what to do now."""

import re
from pathlib import Path

from smi_portal.database.binaries import USE_ANOTHER

REBUILD = "'make clean' removes this database and 'make demo' builds it again from the extract"

CAUSES: tuple[tuple[str, str], ...] = (
    (r"No space left on device", "The disk is full. Free some space, or set SMI_STATE_DIR to another disk"),
    (
        r"Disk quota exceeded",
        "Your disk quota is used up. Free some space, or set SMI_STATE_DIR to another disk",
    ),
    (
        r"could not bind|Address already in use|could not create any TCP/IP sockets",
        "The server's port was taken while it started. Try again: another port is picked each time",
    ),
    (
        r"Cannot allocate memory|could not map anonymous shared memory",
        f"The server could not get 512 MB of memory. Stop something else. {USE_ANOTHER}",
    ),
    (
        r"pre-existing shared memory block|lock file .* already exists",
        "Another server still uses this data. 'make stop' ends it",
    ),
    (
        r"GLIBC|error while loading shared libraries|Exec format error",
        f"The packaged PostgreSQL was not built for this platform. {USE_ANOTHER}",
    ),
    (
        r"Operation not permitted|Permission denied|not permitted to",
        "The server's user may not use its files. Run as the user who owns the project; "
        f"in a container that forbids changing user: {USE_ANOTHER}",
    ),
    (
        r"PANIC|checkpoint record|invalid page|could not open file|could not read|corrupt|pg_control"
        r"|is not a database cluster|incompatible with server|bogus data|unrecognized configuration",
        f"The database's files are damaged. {REBUILD}",
    ),
)


def explain(output: str, log: Path | None) -> str:
    """Return a message: the likely cause with its remedy, then PostgreSQL's own last words."""
    text = output
    if log is not None and log.exists():
        text = f"{output}\n{_tail(log)}"
    cause = next((advice for pattern, advice in CAUSES if re.search(pattern, text)), None)
    if cause is None:
        cause = f"The reason is in PostgreSQL's words below. {REBUILD}. {USE_ANOTHER}"
    where = f"\nThe server's log: {log}" if log is not None else ""
    words = "\n".join(f"  {line}" for line in text.strip().splitlines()[-12:])
    return f"The embedded PostgreSQL could not start. {cause}.\n{words}{where}"


def _tail(log: Path, size: int = 4000) -> str:
    with log.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - size))
        return file.read().decode("utf-8", errors="replace")
