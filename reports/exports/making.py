"""The worker's work: one export, from the question to a finished file, or to a plain reason why there is none.

Nothing is delivered twice (`jobs.attempts`): the file's name holds the attempt, and a file of any but the current one is
deleted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import cast
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from psycopg import Error as DriverError

from reports.accounting import described
from reports.engine.ask import AskRefused
from reports.engine.files.atomic import Written
from reports.engine.files.zipstream import ArchiveTooLarge
from reports.engine.rows import Rows
from reports.engine.run import Format, count, stream
from reports.exports import rights, store
from reports.exports.jobs import dialect_of, rows_of
from reports.exports.models import Export, ExportContent, State
from reports.exports.queue import defer_make
from reports.exports.schedules.calendar import months_later
from reports.exports.watch import Watch
from smi_portal import audit, fair_use
from smi_portal.access.scope import scope
from smi_portal.inventory.models import ExtractLoad
from smi_portal.jobs import attempts
from smi_portal.jobs.attempts import Stopped

logger = logging.getLogger(__name__)


class Replaced(Exception):
    """Another extract was loaded while the file was made: rows and heading would not belong together."""


class GivenUp(Exception):
    """It has been begun too often. The text says so."""


def make(export_id: UUID, should_stop: Callable[[], bool]) -> State | None:
    """Make the file, if it is still wanted. Returns the state in which the export is left; None if it was not ours.

    `should_stop` is asked every second; when it says so the export waits for the next worker. Raises only what the
    database raises when it cannot even be told of a failure: the queue then gives the job to another worker.
    """
    export = Export.begin(export_id, "person", "schedule")
    if export is None:
        return None
    try:
        _make(export, should_stop)
    except Stopped as stopped:
        attempts.fresh_connection()
        return State(export.put_back(_defer(export))) if stopped.shutdown else State.CANCELLED
    except (rights.RightLost, GivenUp) as lost:
        return _fail(export, str(lost))
    except (rights.TooMuch, fair_use.OverCap) as much:
        return _fail(export, str(much))
    except AskRefused as refused:
        return _fail(export, "The question cannot be answered any more.", str(refused))
    except ArchiveTooLarge as large:
        return _fail(export, str(large))
    except Exception as error:
        if not isinstance(error, OSError | DatabaseError | DriverError | Replaced):
            logger.exception("Export %s failed.", export.pk)
        return State(export.try_again(plain_words(error), _defer(export)))
    return State.READY


def plain_words(error: BaseException) -> str:
    """A failure in words for the person who waits. The error's own text may quote data, so it is left out."""
    store_words = "The file store could not be reached or written."
    if isinstance(error, Replaced):
        return "A new extract was loaded while the file was being made."
    return store_words if "boto" in type(error).__module__ else attempts.plain_words(error, store_words)


def _make(export: Export, should_stop: Callable[[], bool]) -> None:
    if export.attempt > attempts.STARTS:
        raise GivenUp(f"Making the file was begun {attempts.STARTS} times and never came to an end.")
    viewer = rights.viewer_now(export.person, export.organisation_id)
    rights.check_day(export.organisation_id, spare=1)
    with scope(viewer):
        question = ExportContent.objects.get(pk=export.pk).question
        ExportContent.objects.filter(pk=export.pk).update(done=0, total=None, detail="")
    found = rows_of(viewer, export.report, question, export.form)
    with Watch(export, viewer, should_stop) as watch:
        with scope(viewer):
            total = count(found)
            ExportContent.objects.filter(pk=export.pk).update(total=total)
        if not export.is_dump and fair_use.left(export.person, "rows") < total:
            fair_use.spend(export.person, "rows", total)  # refuses, and says so in the audit
        _note("report file begun", export, found)
        made = stream(found, cast(Format, export.form), dialect_of(question), watch.tally, gentle=True)
        key = f"{export.pk}-{export.attempt}"
        written = store.keep(key, _checked(made.chunks, watch, total, found))
    content = {
        "filename": made.filename,
        "day": found.ask.day,
        "extract_sequence": found.ask.load.sequence,
        "done": made.tally.rows,
        "cut_cells": made.tally.cut_cells,
    }
    try:
        _finish(export, found, key, written, content)
    except BaseException:
        store.remove(key)
        raise


def groups_of(found: Rows) -> str:
    """The field groups without whose release this file would be another, as the export keeps them."""
    ask = found.ask
    used = [
        ask.report.column(item.column) for item in ask.inputs if any(ask.given.get(key) for key in item.keys)
    ]
    return ",".join(sorted({column.group.value for column in (*found.columns, *used) if column.group}))


def _checked(chunks: Iterable[bytes], watch: Watch, total: int, found: Rows) -> Iterator[bytes]:
    """The chunks; at their end, before the file gets its name, what was written must be what was promised."""
    try:
        for chunk in chunks:
            watch.check()
            yield chunk
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()  # a COPY that is left half-way would keep the connection to itself
    now = ExtractLoad.current()
    if watch.tally.rows != total or now is None or now.sequence != found.ask.load.sequence:
        raise Replaced
    watch.check()


def _finish(export: Export, found: Rows, key: str, written: Written, content: dict[str, object]) -> None:
    """Say that the file is ready, and count its rows against the cap. Raises Stopped if this attempt counts no longer."""
    now, viewer, rows = timezone.now(), found.ask.viewer, int(str(content["done"]))
    with transaction.atomic():
        role, groups = viewer.role.value, groups_of(found)
        export.end(State.READY, expires_at=_end(export, now), role=role, groups=groups, key=key)
        if not export.is_dump:
            fair_use.spend(export.person, "rows", rows)
        _note("report file ended", export, found, rows=rows, complete=True)
        with scope(viewer):
            ExportContent.objects.filter(pk=export.pk).update(
                size=written.size, sha256=written.sha256, **content
            )


def _end(export: Export, now: datetime) -> datetime:
    """Until when the file is kept: some days, a data dump some months."""
    if not export.is_dump:
        return now + timedelta(days=settings.SMI_FILE_DAYS)
    return now + (months_later(now.date(), settings.SMI_DUMP_MONTHS) - now.date())


def _note(kind: str, export: Export, found: Rows, **details: object) -> None:
    """An entry of the audit about a file that is made as a job."""
    told = described(found.ask) | {"format": export.form, "channel": "job", "export": str(export.pk)}
    audit.note(kind, export.person, found.ask.viewer, **told, **details)


def _defer(export: Export) -> Callable[[int], None]:
    return partial(defer_make, export.pk)


def _fail(export: Export, reason: str, detail: str = "") -> State:
    left = State(export.fail(reason))
    if detail and left == State.FAILED:
        with scope(rights.viewer_now(export.person, export.organisation_id)):
            ExportContent.objects.filter(pk=export.pk).update(detail=detail)
    return left
