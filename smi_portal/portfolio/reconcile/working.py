"""The worker's work on one ledger: from the pieces of its file to a reconciliation, or to a plain reason why not.

Nothing is kept twice: every start takes a new attempt number, and only the attempt that is still the current one can
finish the job, in the transaction that keeps the result.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from psycopg import Error as DriverError

from smi_portal import audit
from smi_portal.access.scope import Viewer, scope
from smi_portal.accounts.acting import RightLost, viewer_now
from smi_portal.portfolio.asking import Refused
from smi_portal.portfolio.ledger_models import UNFINISHED, Ledger, LedgerJob, LedgerState
from smi_portal.portfolio.reconcile import evidence
from smi_portal.portfolio.reconcile.jobs import defer, forget, options_of, write_file
from smi_portal.portfolio.reconcile.run import Step, reconcile

WRITING = "writing the workbook"
#: Seconds to wait after each failure; the next failure is final.
WAITS = (5, 30, 120)
#: Starts after which it is given up even if no failure was recorded: each of them ended with its worker.
STARTS = 10
EVERY = 1.0  # seconds between two signs of life

logger = logging.getLogger(__name__)


class Stopped(Exception):
    """It need not go on. `shutdown`: the worker ends; else it was cancelled, or another attempt has it."""

    def __init__(self, shutdown: bool) -> None:
        super().__init__("the worker ends" if shutdown else "cancelled")
        self.shutdown = shutdown


def work(job_id: UUID, should_stop: Callable[[], bool]) -> LedgerState | None:
    """Compare the ledger, if that is still wanted. Returns the state in which the job is left; None if it was not ours.

    `should_stop` is asked again and again; when it says so the job waits for the next worker.
    """
    job = _claim(job_id)
    if job is None:
        return None
    try:
        if job.attempt > STARTS:
            return _fail(job, f"It was begun {STARTS} times and never came to an end.")
        _work(job, should_stop)
    except Stopped as stopped:
        _fresh_connection()
        return _put_back(job, "", 0) if stopped.shutdown else LedgerState.CANCELLED
    except RightLost as lost:
        return _fail(job, str(lost))
    except Refused as refused:
        if refused.status == 503:
            return _try_again(job, str(refused))
        return _fail(job, "The file cannot be compared.", str(refused))
    except Exception as error:
        if not isinstance(error, OSError | DatabaseError | DriverError):
            logger.exception("Ledger %s failed.", job.pk)
        return _try_again(job, _plain_words(error))
    return LedgerState.READY


def _claim(job_id: UUID) -> LedgerJob | None:
    """Take the next attempt of an unfinished job. None: cancelled, finished, or gone."""
    now = timezone.now()
    claimed = LedgerJob.objects.filter(pk=job_id, state__in=UNFINISHED).update(
        state=LedgerState.RUNNING, attempt=F("attempt") + 1, started_at=now, beat_at=now
    )
    return LedgerJob.objects.select_related("person").get(pk=job_id) if claimed else None


def _work(job: LedgerJob, should_stop: Callable[[], bool]) -> None:
    viewer = viewer_now(job.person, job.organisation_id)
    if viewer.role.value != job.role:
        raise RightLost("It was handed in for another role: hand it in again.")
    with scope(viewer):
        ledger = Ledger.objects.get(pk=job.pk)
    life = _Life(job, viewer, should_stop)
    with tempfile.TemporaryDirectory(prefix="smi-ledger-") as folder:
        path = Path(folder) / f"ledger{Path(ledger.name).suffix.lower()[:8]}"
        write_file(viewer, ledger, path)
        period, options = options_of(ledger)
        outcome = reconcile(viewer, path, period, options, life.tell, ledger.name, life.check)
        try:
            total = sum(found.lines for key, found in outcome.totals.items() if key != "not_billed")
            life.tell(Step(WRITING, total, total))
            with tempfile.TemporaryFile(prefix="smi-reconcile-") as workbook:
                digest = evidence.write_workbook(outcome, workbook, life.check)
                with transaction.atomic():
                    kept = evidence.keep_workbook(outcome, path, job.person.email, workbook, digest)
                    _finish(job, viewer, kept.pk)
        finally:
            outcome.spool.close()


class _Life:
    """Says that the attempt lives and how far it is, and finds out whether to stop."""

    def __init__(self, job: LedgerJob, viewer: Viewer, should_stop: Callable[[], bool]) -> None:
        self._job, self._viewer, self._should_stop = job, viewer, should_stop
        self._told = 0.0
        self._words = ""

    def check(self) -> None:
        """Raises Stopped when the worker must end. Asks the database nothing: a query may be running."""
        if self._should_stop():
            raise Stopped(shutdown=True)

    def tell(self, step: Step) -> None:
        """Record progress now and then. Raises Stopped when this attempt is no longer the one that counts."""
        self.check()
        now = time.monotonic()
        if step.words == self._words and now - self._told < EVERY:
            return
        self._told, self._words = now, step.words
        if not _mine(self._job).update(beat_at=timezone.now()):
            raise Stopped(shutdown=False)
        with scope(self._viewer):
            Ledger.objects.filter(pk=self._job.pk).update(step=step.words, done=step.done, total=step.total)


def _finish(job: LedgerJob, viewer: Viewer, result: UUID) -> None:
    """Within the transaction that keeps the result. Raises Stopped, which undoes it, if the attempt counts no longer."""
    won = _mine(job).update(state=LedgerState.READY, reason="", finished_at=timezone.now())
    if not won:
        raise Stopped(shutdown=False)
    with scope(viewer):
        Ledger.objects.filter(pk=job.pk).update(result=result, done=F("total"), step="")
    forget(job)
    audit.note("ledger reconciled", job.person, viewer, job=str(job.pk), reconciliation=str(result))


def _mine(job: LedgerJob) -> QuerySet[LedgerJob]:
    return LedgerJob.objects.filter(pk=job.pk, state=LedgerState.RUNNING, attempt=job.attempt)


def _try_again(job: LedgerJob, words: str) -> LedgerState:
    if job.failures >= len(WAITS):
        return _fail(job, f"{words} It was tried {job.failures + 1} times.")
    return _put_back(job, f"{words} It will be tried again.", WAITS[job.failures], failures=1)


def _put_back(job: LedgerJob, reason: str, seconds: int, failures: int = 0) -> LedgerState:
    _fresh_connection()
    with transaction.atomic():
        mine = _mine(job).update(state=LedgerState.QUEUED, reason=reason, failures=F("failures") + failures)
        if mine:
            defer(job.pk, seconds)
    return LedgerState.QUEUED if mine else LedgerState.CANCELLED


def _fail(job: LedgerJob, reason: str, problem: str = "") -> LedgerState:
    _fresh_connection()
    with transaction.atomic():
        mine = _mine(job).update(state=LedgerState.FAILED, reason=reason, finished_at=timezone.now())
        if mine:
            forget(job)
    if mine and problem:
        with scope(viewer_now(job.person, job.organisation_id)):
            Ledger.objects.filter(pk=job.pk).update(problem=problem)
    return LedgerState.FAILED if mine else LedgerState.CANCELLED


def _plain_words(error: BaseException) -> str:
    """A failure in words for the person who waits. The error's own text may quote data, so it is left out."""
    if isinstance(error, DatabaseError | DriverError):
        return "The connection to the database was lost."
    if isinstance(error, OSError):
        return "The server could not write its own files: it may have no room left."
    return f"An unexpected error ({type(error).__name__}); it has been logged."


def _fresh_connection() -> None:
    """After a failure the connection may be dead: the next use opens another."""
    if not connection.in_atomic_block:
        connection.close()
