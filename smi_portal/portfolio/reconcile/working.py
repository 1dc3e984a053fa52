"""The worker's work on one ledger: from the pieces of its file to a reconciliation, or to a plain reason why not.

Nothing is kept twice (`jobs.attempts`): the job is ended in the transaction that keeps the result.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import F
from psycopg import Error as DriverError

from smi_portal import audit
from smi_portal.access.scope import Viewer, scope
from smi_portal.accounts.acting import RightLost, viewer_now
from smi_portal.jobs import attempts
from smi_portal.jobs.attempts import Stopped
from smi_portal.portfolio.asking import Refused
from smi_portal.portfolio.ledger_models import Ledger, LedgerJob, LedgerState
from smi_portal.portfolio.reconcile import evidence
from smi_portal.portfolio.reconcile.jobs import defer, forget, options_of, write_file
from smi_portal.portfolio.reconcile.run import Step, reconcile

WRITING = "writing the workbook"
FILES = "The server could not write its own files."
EVERY = 1.0  # seconds between two signs of life

logger = logging.getLogger(__name__)


def work(job_id: UUID, should_stop: Callable[[], bool]) -> LedgerState | None:
    """Compare the ledger, if that is still wanted. Returns the state in which the job is left; None if it was not ours.

    `should_stop` is asked again and again; when it says so the job waits for the next worker.
    """
    job = LedgerJob.begin(job_id, "person")
    if job is None:
        return None
    try:
        if job.attempt > attempts.STARTS:
            return _fail(job, f"It was begun {attempts.STARTS} times and never came to an end.")
        _work(job, should_stop)
    except Stopped as stopped:
        attempts.fresh_connection()
        return (
            LedgerState(job.put_back(partial(defer, job.pk))) if stopped.shutdown else LedgerState.CANCELLED
        )
    except RightLost as lost:
        return _fail(job, str(lost))
    except Refused as refused:
        if refused.status == 503:
            return _try_again(job, str(refused))
        return _fail(job, "The file cannot be compared.", str(refused))
    except Exception as error:
        if not isinstance(error, OSError | DatabaseError | DriverError):
            logger.exception("Ledger %s failed.", job.pk)
        return _try_again(job, attempts.plain_words(error, FILES))
    return LedgerState.READY


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
        self._job.beat()
        with scope(self._viewer):
            Ledger.objects.filter(pk=self._job.pk).update(step=step.words, done=step.done, total=step.total)


def _finish(job: LedgerJob, viewer: Viewer, result: UUID) -> None:
    """Within the transaction that keeps the result. Raises Stopped, which undoes it, if the attempt counts no longer."""
    job.end(LedgerState.READY)
    with scope(viewer):
        Ledger.objects.filter(pk=job.pk).update(result=result, done=F("total"), step="")
    forget(job)
    audit.note("ledger reconciled", job.person, viewer, job=str(job.pk), reconciliation=str(result))


def _try_again(job: LedgerJob, words: str) -> LedgerState:
    return LedgerState(job.try_again(words, partial(defer, job.pk), partial(forget, job)))


def _fail(job: LedgerJob, reason: str, problem: str = "") -> LedgerState:
    left = LedgerState(job.fail(reason, partial(forget, job)))
    if problem and left == LedgerState.FAILED:
        with scope(viewer_now(job.person, job.organisation_id)):
            Ledger.objects.filter(pk=job.pk).update(problem=problem)
    return left
