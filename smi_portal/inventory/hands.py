"""Who does the work of a load: one connection inside one transaction, or two that share it out (decision 0026).

A *task* is a function of a cursor. What tasks of one `share` write, the others of it do not read; what a stage leaves
to the next is made through `cursor`, or stands in tables that `cursor` made.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, BrokenExecutor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any, Final, Protocol

from django.db import connections, transaction

Task = Callable[[Any], None]

OWNER: Final = "owner"
COUNT: Final = 2
#: The schema of what a load in two hands leaves from one step to the next; each hand's own is `<SCHEMA>_<number>`.
SCHEMA: Final = "smi_load"
#: Held (shared) by each hand while it is connected: a killed load's hands may outlive it by a statement's end.
HANDS_LOCK: Final = 0x534D4961

#: Loads are few statements that take long: limits meant for the site's requests do not fit them.
_SETTINGS: Final = """
SET {local} statement_timeout = 0; SET {local} lock_timeout = 0; SET {local} idle_in_transaction_session_timeout = 0;
SET {local} jit = off; SET {local} DateStyle = 'ISO, YMD'; SET {local} TimeZone = 'UTC';
DO $body$
BEGIN
    -- A load whose process was killed ends, and lets go of its locks, at once and not when its statement does.
    PERFORM set_config('client_connection_check_interval', '2s', {is_local});
EXCEPTION WHEN invalid_parameter_value THEN
    NULL;  -- a server on Windows cannot
END $body$;
"""
#: For a load inside one transaction.
IN_TRANSACTION: Final = (
    _SETTINGS.format(local="LOCAL", is_local="true")
    + "SET LOCAL work_mem = '384MB'; SET LOCAL maintenance_work_mem = '512MB'"
)
#: For a load in steps. A commit need not wait for the disk: what counts is the last one, which does, and takes all
#: before it along.
SETTINGS: Final = (
    _SETTINGS.format(local="", is_local="false")
    + "SET work_mem = '256MB'; SET maintenance_work_mem = '1GB'; SET synchronous_commit = off"
)
#: Both hands keep a core busy, so neither has use for parallel workers.
ALONE: Final = "SET max_parallel_workers_per_gather = 0; SET max_parallel_maintenance_workers = 0"


class Hands(Protocol):
    """One or more connections that do a stage's tasks. `cursor` is for what is done once, by itself."""

    cursor: Any
    several: bool

    def share(self, tasks: Iterable[Task], vacuumed: Iterable[str] = ()) -> None:
        """Do all tasks, in any order; raises what the first that fails raises.

        `vacuumed`: tables that no task writes; outside a transaction, their rows are marked as seen by everyone meanwhile.
        """


class OneHand:
    """Does everything on the caller's cursor, inside the caller's transaction, in order."""

    several = False

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor

    def share(self, tasks: Iterable[Task], vacuumed: Iterable[str] = ()) -> None:
        """Do the tasks one after the other. Nothing is vacuumed: its transaction is not over."""
        for task in tasks:
            task(self.cursor)


class TwoHands:
    """Two threads with a connection each: every task is a transaction of its own.

    Scratch tables of the same name do not meet: each hand makes them in a schema of its own.
    """

    several = True

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self._numbers = itertools.count(1)
        self._pool = ThreadPoolExecutor(COUNT, "hand", self._begin)
        self._busy: dict[int, Any] = {}
        self._state = threading.Lock()
        self._failed = False

    def share(self, tasks: Iterable[Task], vacuumed: Iterable[str] = ()) -> None:
        """Do the tasks, each by whichever hand is free; when one fails the others are broken off."""
        futures = [self._pool.submit(self._do, partial(vacuum, table), False) for table in vacuumed]
        futures += [self._pool.submit(self._do, task) for task in tasks]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            _raise_first(done)
        except BaseException:
            self._break_off(futures)
            raise

    def close(self) -> None:
        """Let both connections go."""
        barrier = threading.Barrier(COUNT)
        try:
            # Each thread takes exactly one of these, since it waits there for the other.
            for future in [self._pool.submit(self._end, barrier) for _ in range(COUNT)]:
                future.result()
        except BrokenExecutor:
            pass  # a hand could not connect, and whoever shared something out was told
        self._pool.shutdown()

    def _begin(self) -> None:
        own = f"{SCHEMA}_{next(self._numbers)}"
        with connections[OWNER].cursor() as cursor:
            cursor.execute(f"{SETTINGS}; {ALONE}; SET search_path = {own}, {SCHEMA}, public")
            cursor.execute("SELECT pg_advisory_lock_shared(%s)", [HANDS_LOCK])

    @staticmethod
    def _end(barrier: threading.Barrier) -> None:
        connections[OWNER].close()
        barrier.wait()

    def _do(self, task: Task, in_transaction: bool = True) -> None:
        me = threading.get_ident()
        with self._state:
            if self._failed:
                return
            self._busy[me] = connections[OWNER].connection
        try:
            around = transaction.atomic(using=OWNER) if in_transaction else nullcontext()
            with around, connections[OWNER].cursor() as cursor:
                task(cursor)
        finally:
            with self._state:
                del self._busy[me]

    def _break_off(self, futures: Iterable[Future[None]]) -> None:
        for future in futures:
            future.cancel()
        with self._state:
            self._failed = True
        # Again and again: a hand may be between two statements.
        while wait(futures, timeout=0.2).not_done:
            with self._state:
                for connection in self._busy.values():
                    connection.cancel_safe(timeout=10)


def vacuum(table: str, cursor: Any, options: str = "") -> None:
    """Mark the table's rows as visible to everyone, outside any transaction. `options`: of VACUUM, in brackets."""
    # Twenty times the usual ring of buffers: fewer waits for the disk.
    cursor.execute(
        "SELECT set_config('vacuum_buffer_usage_limit', '64MB', false) FROM pg_settings"
        " WHERE name = 'vacuum_buffer_usage_limit'"
    )
    cursor.execute(f"VACUUM {options} {table}")


def _raise_first(done: Iterable[Future[None]]) -> None:
    for future in done:
        if error := future.exception():
            raise error


@contextmanager
def two_hands(cursor: Any) -> Iterator[TwoHands]:
    """Two connections beside `cursor`'s; the schemas (`SCHEMA` …) must be there. They are let go at the end."""
    hands = TwoHands(cursor)
    try:
        yield hands
    finally:
        hands.close()
