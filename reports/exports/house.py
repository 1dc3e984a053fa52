"""Keeping house: jobs of dead workers, expired files, leftovers."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

from django.core.files.storage import FileSystemStorage
from django.utils import timezone
from procrastinate import App

from reports.exports import store
from reports.exports.models import Export, State

#: Seconds without a sign of life after which a worker counts as dead.
DEAD_AFTER = 20
#: Old enough to be a killed worker's leftover, and not a file that is just being made.
LEFTOVER = timedelta(days=1)
#: Hours for which the queue remembers a finished job. The exports themselves are the history.
REMEMBERED = 24

logger = logging.getLogger(__name__)


async def rescue(app: App) -> int:
    """Queue anew what workers that died were doing. Returns how many jobs. Old finished jobs are forgotten."""
    jobs = app.job_manager
    stalled = list(await jobs.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER))
    for job in stalled:
        logger.warning("A worker died; its job %s goes to another.", job.call_string)
        await jobs.retry_job(job)
    await jobs.delete_old_jobs(
        nb_hours=REMEMBERED, include_failed=True, include_cancelled=True, include_aborted=True
    )
    return len(stalled)


def purge() -> int:
    """Delete the files whose time is over. Returns how many."""
    now, gone = timezone.now(), 0
    for export in Export.objects.filter(state=State.READY, expires_at__lte=now).iterator():
        store.remove(export.key)
        gone += Export.objects.filter(pk=export.pk, state=State.READY).update(state=State.EXPIRED, key="")
    _sweep()
    return gone


def _sweep() -> None:
    """Remove temporary files, and whole ones that no export knows: their workers were killed."""
    places = [store.workshop()]
    found = store.store()
    if isinstance(found, FileSystemStorage):
        places.append(Path(found.location))
    old = (timezone.now() - LEFTOVER).timestamp()
    for place in places:
        if not place.is_dir():
            continue
        for path in place.iterdir():
            if path.is_file() and path.stat().st_mtime < old and not _is_known(path.name):
                path.unlink(missing_ok=True)


def _is_known(name: str) -> bool:
    return Export.objects.filter(state=State.READY, key=name).exists()
