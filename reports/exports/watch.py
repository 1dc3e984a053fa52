"""While a file is being made, a second thread says that the attempt lives, how far it is, and whether to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from django.db import DatabaseError, connection

from reports.engine.files.columns import Tally
from reports.exports.models import Export, ExportContent
from smi_portal.access.scope import Viewer, scope
from smi_portal.jobs.attempts import Stopped

SECONDS = 1.0

logger = logging.getLogger(__name__)


class Watch:
    """Runs beside the making of one file, on a connection of its own. Use it as a context.

    When the file is no longer wanted, or the worker must end, the running query is cancelled, so that a long sort
    does not hold anybody up; `check`, called for each chunk, then raises Stopped.
    """

    def __init__(self, export: Export, viewer: Viewer, should_stop: Callable[[], bool]) -> None:
        self._export, self._viewer, self._should_stop = export, viewer, should_stop
        self.tally = Tally()
        self._why: Stopped | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watch {export.pk}", daemon=True)

    def __enter__(self) -> Watch:
        connection.ensure_connection()
        self._raw: Any = connection.connection
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        if self._why is not None and error is not None:
            raise self._why from error  # whatever the cancelled query said, this is why

    def check(self) -> None:
        """Raises Stopped when it is time to."""
        if self._why is not None:
            raise self._why

    def _run(self) -> None:
        try:
            while not self._over.wait(SECONDS):
                self._why = self._look()
                if self._why is not None:
                    self._raw.cancel()
                    return
        finally:
            connection.close()

    def _look(self) -> Stopped | None:
        if self._should_stop():
            return Stopped(shutdown=True)
        try:
            self._beat()
        except Stopped as stopped:
            return stopped
        except DatabaseError:  # the file's own connection will find out by itself
            logger.warning("Export %s: could not record its progress.", self._export.pk)
            connection.close()
        return None

    def _beat(self) -> None:
        """Record progress. Raises Stopped when this attempt is no longer the one that counts."""
        self._export.beat()
        with scope(self._viewer):
            ExportContent.objects.filter(pk=self._export.pk).update(done=self.tally.rows)
