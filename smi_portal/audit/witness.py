"""The heads of all chains, kept outside the database, so that a cut-off tail is found out.

One small SQLite file on the machine that runs the site (SMI_AUDIT_WITNESS, by default in the state directory).
It holds no details: chain, number, hash, each sealed with the audit's key. It is written after the commit, so it
never knows more than the database did; without it everything but a cut tail is still found.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connections

from smi_portal.audit.sealing import is_sealed_head, seal_head

log = logging.getLogger(__name__)

TABLE = (
    "CREATE TABLE IF NOT EXISTS head "
    "(place TEXT, chain TEXT, n INTEGER, mac TEXT, seal TEXT, PRIMARY KEY (place, chain)) WITHOUT ROWID"
)
SAW = (
    "INSERT INTO head VALUES (?, ?, ?, ?, ?) ON CONFLICT (place, chain) "
    "DO UPDATE SET n = excluded.n, mac = excluded.mac, seal = excluded.seal WHERE excluded.n > head.n"
)


@dataclass(frozen=True)
class Head:
    """The last link of a chain that was seen committed. `genuine`: its seal is ours."""

    n: int
    mac: str
    genuine: bool


_lock = threading.Lock()
_open: dict[tuple[int, str], sqlite3.Connection] = {}


def saw(chain: uuid.UUID, n: int, mac: str) -> None:
    """Remember a head. It never fails: the entry is committed, and what is lost here is told in the log."""
    try:
        with _lock, _file() as file:
            file.execute(SAW, [_place(), str(chain), n, mac, seal_head(str(chain), n, mac)])
    except (sqlite3.Error, OSError) as error:
        log.error("The audit's witness %s cannot be written: %s", settings.SMI_AUDIT_WITNESS, error)


def heads() -> dict[uuid.UUID, Head]:
    """Every head that was seen of this database."""
    with _lock, _file() as file:
        found = file.execute("SELECT chain, n, mac, seal FROM head WHERE place = ?", [_place()]).fetchall()
    return {
        uuid.UUID(chain): Head(n, mac, is_sealed_head(chain, n, mac, seal)) for chain, n, mac, seal in found
    }


def forget() -> None:
    """Begin anew for this database: after its owner accepted a loss."""
    with _lock, _file() as file:
        file.execute("DELETE FROM head WHERE place = ?", [_place()])


def _file() -> sqlite3.Connection:
    """The file, opened once a process; as a context manager it commits."""
    path = str(settings.SMI_AUDIT_WITNESS)
    key = (os.getpid(), path)
    if key not in _open:
        if path != ":memory:":
            Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = sqlite3.connect(path, timeout=5, check_same_thread=False)
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = NORMAL")
        with file:
            file.execute(TABLE)
        _open[key] = file
    return _open[key]


def _place() -> str:
    """Which database: one state directory may serve several (a test's, the demo's)."""
    return str(connections["default"].settings_dict["NAME"])
