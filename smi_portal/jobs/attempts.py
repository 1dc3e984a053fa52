"""The life of a job: it waits, a worker begins an attempt, and only the attempt that is still the current one may end it.

So nothing is delivered twice: every start takes a new number, and whatever an older attempt still says is ignored.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any, Self
from uuid import UUID

from django.db import DatabaseError, connection, models, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from psycopg import Error as DriverError

#: States that every kind of job has; each kind's own choices have these values, and words of their own.
QUEUED, RUNNING, FAILED, CANCELLED = "queued", "running", "failed", "cancelled"
#: States from which a job still goes on by itself.
UNFINISHED = (QUEUED, RUNNING)
#: Seconds to wait after each failure; the next failure is final.
WAITS = (5, 30, 120)
#: Starts after which it is given up even if no failure was ever recorded: each of them ended with its worker.
STARTS = 10
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Stopped(Exception):
    """It need not go on. `shutdown`: the worker ends; else it was cancelled, or another attempt has it."""

    def __init__(self, shutdown: bool) -> None:
        super().__init__("the worker ends" if shutdown else "cancelled")
        self.shutdown = shutdown


class Attempted(models.Model):
    """The columns of a job that say how it stands. The worker reads them before it knows whose eyes to use."""

    state = models.CharField(max_length=10, default=QUEUED)
    reason = models.TextField(
        blank=True, help_text="Why it failed or is tried again, in plain words; no data."
    )
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, help_text="When the present attempt began.")
    beat_at = models.DateTimeField(null=True, help_text="When the attempt last said that it lives.")
    finished_at = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(
        default=0, help_text="Counts every start, so that a late one is known."
    )
    failures = models.PositiveIntegerField(default=0, help_text="Attempts that failed; some make it final.")

    class Meta:
        abstract = True

    @property
    def unfinished(self) -> bool:
        """Whether it waits or is being done."""
        return self.state in UNFINISHED

    @classmethod
    def begin(cls, key: UUID, *related: str) -> Self | None:
        """Take the next attempt of an unfinished job. None: cancelled, finished, or gone."""
        now, found = timezone.now(), cls._default_manager.filter(pk=key)
        begun = found.filter(state__in=UNFINISHED).update(
            state=RUNNING, attempt=F("attempt") + 1, started_at=now, beat_at=now
        )
        return found.select_related(*related).get() if begun else None

    def current(self) -> QuerySet[Self]:
        """The job, while this attempt is the one that counts; else nothing. To be updated."""
        kind = type(self)
        return kind._default_manager.filter(pk=self.pk, state=RUNNING, attempt=self.attempt)

    def beat(self) -> None:
        """Say that the attempt lives. Raises Stopped when it is no longer the one that counts."""
        if not self.current().update(beat_at=timezone.now()):
            raise Stopped(shutdown=False)

    def end(self, state: str, **more: Any) -> None:
        """Within the transaction that keeps the result. Raises Stopped, which undoes it, if it counts no longer."""
        if not self.current().update(state=state, reason="", finished_at=timezone.now(), **more):
            raise Stopped(shutdown=False)

    def put_back(
        self, defer: Callable[[int], None], reason: str = "", seconds: int = 0, failed: int = 0
    ) -> str:
        """Let it wait for the next attempt, `seconds` from now. Returns the state in which it is left."""
        fresh_connection()
        with transaction.atomic():
            mine = self.current().update(state=QUEUED, reason=reason, failures=F("failures") + failed)
            if mine:
                defer(seconds)
        return QUEUED if mine else CANCELLED

    def fail(self, reason: str, also: Callable[[], None] | None = None) -> str:
        """It is given up; `also`: what is done in the same transaction. Returns the state in which it is left."""
        fresh_connection()
        with transaction.atomic():
            mine = self.current().update(state=FAILED, reason=reason, finished_at=timezone.now())
            if mine and also is not None:
                also()
        return FAILED if mine else CANCELLED

    def try_again(
        self, words: str, defer: Callable[[int], None], also: Callable[[], None] | None = None
    ) -> str:
        """After a failure: wait for the next attempt, or give up when there were too many."""
        if self.failures >= len(WAITS):
            return self.fail(f"{words} It was tried {self.failures + 1} times.", also)
        return self.put_back(defer, f"{words} It will be tried again.", WAITS[self.failures], failed=1)


def plain_words(error: BaseException, files: str) -> str:
    """A failure in words for the person who waits. The error's own text may quote data, so it is left out.

    `files`: what is said of files that could not be read or written.
    """
    cause = error.__cause__ if isinstance(error, DatabaseError) and error.__cause__ else error
    if isinstance(cause, DatabaseError | DriverError):
        return "The connection to the database was lost."
    if isinstance(cause, OSError) and cause.errno in FULL:
        return "The server has no room left for a file of this size."
    if isinstance(cause, OSError):
        return files
    return f"An unexpected error ({type(cause).__name__}); it has been logged."


def fresh_connection() -> None:
    """After a failure the connection may be dead: the next use opens another."""
    if not connection.in_atomic_block:
        connection.close()
