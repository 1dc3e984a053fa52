"""What can be done with a ledger that takes longer than a request: hand it in, see how far it is, cancel it."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from smi_portal import audit
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.accounts.models import Person
from smi_portal.jobs import queue
from smi_portal.jobs.attempts import UNFINISHED
from smi_portal.portfolio.asking import Period, Refused
from smi_portal.portfolio.ledger_models import Ledger, LedgerJob, LedgerPart, LedgerState
from smi_portal.portfolio.reconcile.evidence import sha256_of
from smi_portal.portfolio.reconcile.run import Options, headings_at_once

TASK = "portfolio.reconcile"
PART = 1_000_000  # bytes of the file in one row
#: A ledger that no worker took in this time is forgotten.
WAITS = timedelta(days=2)


@dataclass(frozen=True)
class Told:
    """A job with its ledger, as its organisation may know it."""

    job: LedgerJob
    ledger: Ledger

    @property
    def percent(self) -> int | None:
        """Whole percents of the lines compared; None while they are not counted yet."""
        if self.ledger.total is None:
            return None
        return min(100, 100 * self.ledger.done // max(self.ledger.total, 1))


def request(
    person: Person, viewer: Viewer, path: Path, name: str, period: Period, options: Options
) -> LedgerJob:
    """Hand in a ledger. Returns its job, queued; or the same person's unfinished one of the same file and question.

    Raises Refused when its headings show that no line could be read, or (429) at a fair-use cap.
    """
    headings_at_once(path, options, name)
    digest = sha256_of(path)
    asked: dict[str, Any] = {
        "sha256": digest,
        "period_from": period.start,
        "period_to": period.end,
        "rate": "" if options.rate is None else str(options.rate),
        "headings": dict(options.mapping),
    }
    with transaction.atomic():
        queue.one_at_a_time("portfolio.ledgers", person.pk)
        waiting = LedgerJob.objects.filter(person=person, state__in=UNFINISHED)
        for one in told(viewer, list(waiting)):
            if all(getattr(one.ledger, key) == value for key, value in asked.items()):
                return one.job
        _check_caps(person, waiting.count())
        job = LedgerJob.objects.create(
            person=person, organisation_id=viewer.organisation_id, role=viewer.role.value
        )
        with scope(viewer):
            ledger = Ledger(job=job, organisation_id=viewer.organisation_id, name=name, **asked)
            ledger.size = path.stat().st_size
            ledger.save(force_insert=True)
            _put(ledger, path)
        details = {"job": str(job.pk), "file": name, "period": str(period), "bytes": ledger.size}
        audit.note("ledger handed in", person, viewer, **details)
        defer(job.pk)
    return job


def write_file(viewer: Viewer, ledger: Ledger, target: Path) -> None:
    """Write the file as it was handed in; each piece is read in a scope of its own. Raises OSError if it is damaged."""
    digest, number = hashlib.sha256(), 0
    with target.open("wb") as file:
        while True:
            with scope(viewer):
                parts = LedgerPart.objects.filter(ledger_id=ledger.pk, number=number)
                body = parts.values_list("body", flat=True).first()
            if body is None:
                break
            piece = zlib.decompress(bytes(body))
            digest.update(piece)
            file.write(piece)
            number += 1
    if digest.hexdigest() != ledger.sha256:
        raise OSError("The ledger is not the one that was handed in.")


def cancel(viewer: Viewer, job: LedgerJob) -> bool:
    """Stop it and forget the file. Returns whether there was anything to stop; a worker notices within seconds."""
    with transaction.atomic():
        stopped = LedgerJob.objects.filter(pk=job.pk, state__in=UNFINISHED).update(
            state=LedgerState.CANCELLED, reason="", finished_at=timezone.now()
        )
        if stopped:
            forget(job)
            audit.note("ledger cancelled", job.person, viewer, job=str(job.pk))
    return bool(stopped)


def find(viewer: Viewer, job_id: UUID) -> Told | None:
    """The viewer's organisation's job with this id; None for an absent and for another's alike."""
    mine = LedgerJob.objects.filter(pk=job_id, organisation_id=viewer.organisation_id)
    found = told(viewer, list(mine.select_related("person")))
    return found[0] if found else None


def recent(viewer: Viewer, most: int = 20) -> list[Told]:
    """The organisation's newest jobs that have no result: waiting, being compared, failed, cancelled."""
    mine = LedgerJob.objects.filter(organisation_id=viewer.organisation_id).exclude(state=LedgerState.READY)
    return told(viewer, list(mine.select_related("person").order_by("-requested_at")[:most]))


def told(viewer: Viewer, jobs: list[LedgerJob]) -> list[Told]:
    """These jobs with their ledgers, in the same order."""
    if not jobs:
        return []
    with scope(viewer):
        ledgers = Ledger.objects.in_bulk([job.pk for job in jobs])
    return [Told(job, ledgers[job.pk]) for job in jobs if job.pk in ledgers]


def forget(job: LedgerJob) -> None:
    """Delete the file's pieces, whatever its organisation may see by now: nothing is read, and only its own goes."""
    own = Viewer(Role(job.role), job.organisation_id, "", "")
    with scope(own):
        LedgerPart.objects.filter(ledger_id=job.pk).delete()


def forget_waiting() -> int:
    """Give up ledgers that no worker took; how many. Run by the clock."""
    gone = 0
    for job in LedgerJob.objects.filter(state__in=UNFINISHED, requested_at__lt=timezone.now() - WAITS):
        gone += LedgerJob.objects.filter(pk=job.pk, state__in=UNFINISHED).update(
            state=LedgerState.FAILED,
            reason="No worker was free for two days: hand it in again.",
            finished_at=timezone.now(),
        )
        forget(job)
    return gone


def defer(job_id: UUID, seconds: int = 0) -> None:
    """Queue the comparing of a ledger. Its id is all that the queue knows."""
    queue.defer(TASK, seconds, job_id=job_id)


def _put(ledger: Ledger, path: Path) -> None:
    with path.open("rb") as file:
        for number, piece in enumerate(iter(lambda: file.read(PART), b"")):
            LedgerPart(
                ledger=ledger,
                organisation_id=ledger.organisation_id,
                number=number,
                body=zlib.compress(piece, 1),
            ).save(force_insert=True)


def _check_caps(person: Person, waiting: int) -> None:
    if waiting >= settings.SMI_FILES_AT_ONCE:
        raise Refused(
            {"file": [f"You have {waiting} ledgers being compared. Wait for one to finish, or cancel one."]},
            429,
        )
    since = timezone.now() - timedelta(days=1)
    asked = LedgerJob.objects.filter(organisation_id=person.organisation_id, requested_at__gt=since)
    if asked.exclude(state=LedgerState.CANCELLED).count() >= settings.SMI_FILES_A_DAY:
        raise Refused(
            {
                "file": [
                    f"Your organisation has handed in {settings.SMI_FILES_A_DAY:,} large ledgers in 24 hours, which "
                    "is the most it may. Try again later."
                ]
            },
            429,
        )


def options_of(ledger: Ledger) -> tuple[Period, Options]:
    """The question that was asked of a ledger."""
    rate = Decimal(ledger.rate) if ledger.rate else None
    return Period(ledger.period_from, ledger.period_to), Options(ledger.headings, rate)
