"""Chains of entries, one for each writer at the same moment, so that nobody waits for a lock (docs/decisions).

A process keeps its free chains in memory and takes one for a write. Written outside a transaction, the chain is
free again at once. Inside one, it stays with the connection until the commit: entries that are rolled back leave
no gap, since the chain goes on from its last link that stands.
"""

from __future__ import annotations

import os
import threading
import uuid
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from smi_portal.audit import witness


@dataclass
class Chain:
    """A chain as far as it is committed."""

    id: uuid.UUID = field(default_factory=uuid.uuid4)
    n: int = 0
    mac: str = ""

    def extend(self, n: int, mac: str) -> None:
        """Link n is committed: remember it, and have it witnessed outside the database."""
        self.n, self.mac = n, mac
        witness.saw(self.id, n, mac)


@dataclass(eq=False)
class Pending:
    """A link that is written and not yet committed; Django calls it after the commit."""

    run: Run
    n: int
    mac: str

    def __call__(self) -> None:
        self.run.chain.extend(self.n, self.mac)
        self.run.pending.remove(self)
        if not self.run.pending:
            self.run.end()


@dataclass
class Run:
    """A chain in the hands of one connection's transaction."""

    chain: Chain
    end: Callable[[], None] = lambda: None
    pending: list[Pending] = field(default_factory=list)

    def settle(self, connection: Any) -> tuple[int, str]:
        """Forget links that were rolled back, with the transaction or a savepoint; the last one that stands."""
        standing = {id(callback) for _, callback, *_ in connection.run_on_commit}
        self.pending = [link for link in self.pending if id(link) in standing]
        last = self.pending[-1] if self.pending else self.chain
        return last.n, last.mac


_free: list[Chain] = []
_lock = threading.Lock()
_runs: weakref.WeakKeyDictionary[Any, Run] = weakref.WeakKeyDictionary()


def take() -> Chain:
    """A chain that nobody else has."""
    with _lock:
        return _free.pop() if _free else Chain()


def give_back(chain: Chain) -> None:
    """The chain is free again. One whose write may have failed is not given back: it simply ends."""
    with _lock:
        _free.append(chain)


def run_of(connection: Any) -> Run:
    """The chain of this connection's open transaction."""
    run = _runs.get(connection)
    if run is None:
        run = _runs[connection] = Run(take())
        run.end = lambda: _end(connection)
    return run


def _end(connection: Any) -> None:
    run = _runs.pop(connection, None)
    if run is not None:
        give_back(run.chain)


def _forget_all() -> None:
    """In a forked process: the parent goes on with its chains, so the child begins its own."""
    global _lock, _runs
    _lock = threading.Lock()
    _free.clear()
    _runs = weakref.WeakKeyDictionary()


os.register_at_fork(after_in_child=_forget_all)
