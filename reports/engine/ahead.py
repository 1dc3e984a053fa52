"""A file made ahead of its reader, so that the reader's pace never decides how long the database is held.

The query runs in a thread of its own, on a connection of its own, as fast as the database gives rows; what the reader
has not taken yet waits in a nameless file on disk. A slow reader therefore holds a thread, but no connection once the
last row has been read, and a reader who has gone is noticed even while the query has not given its first row.
"""

from __future__ import annotations

import errno
import os
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import connection

from reports.engine.files.columns import Tally
from reports.engine.run import Stream

#: Bytes that may wait for a reader; the query pauses beyond, so that no reader can fill the disk.
MOST_WAITING = 256 * 1024 * 1024
#: Seconds between two looks whether the reader is still there.
LOOK = 1.0


class Busy(Exception):
    """As many files are being sent by this process as may be at once. The text says what to do."""


_sending, _sending_lock = 0, threading.Lock()


def send(made: Stream, gone: Callable[[], bool]) -> Stream:
    """The same file, made ahead of whoever reads it; its tally counts what the reader has been given.

    `gone`: whether the reader has left, asked about once a second while there is nothing to give. Nothing begins
    before the first chunk is asked for. Close the chunks, or drop them, to end it. Raises Busy.
    """
    if connection.in_atomic_block:
        return made  # inside somebody's transaction another connection would not see the same rows
    ahead = _Ahead(made, gone)
    return replace(made, chunks=ahead, tally=ahead.tally)


class Handed(Iterator[bytes]):
    """What a response streams: the chunks, and the file behind them, which ends with the response even if nobody read.

    (A generator that was never begun does nothing when it is closed.)
    """

    def __init__(self, chunks: Iterator[bytes], made: Stream) -> None:
        self._chunks, self._made = chunks, made

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        """Called by Django when the response ends, however it ends."""
        for one in (self._chunks, self._made.chunks):
            close = getattr(one, "close", None)
            if close is not None:
                close()


class _Ahead(Iterator[bytes]):
    """One file: a writer's thread, a nameless file, a reader."""

    def __init__(self, made: Stream, gone: Callable[[], bool]) -> None:
        self._counted = False
        _enter()
        self._counted = True
        self.tally = Tally()
        self._made, self._gone = made, gone
        self._turn = threading.Condition()
        #: Of each chunk: length, rows so far, cut cells so far.
        self._waiting: deque[tuple[int, int, int]] = deque()
        self._written = self._taken = 0  # places in the spool
        self._over = self._stopped = False
        self._error: BaseException | None = None
        self._raw: Any = None
        self._thread: threading.Thread | None = None
        self._spool = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - outlives this call; close() closes it

    def __next__(self) -> bytes:
        if self._thread is None:
            self._begin()
        with self._turn:
            while not self._waiting and not self._over:
                if not self._turn.wait(LOOK) and self._gone():
                    raise BrokenPipeError(errno.EPIPE, "The reader has gone.")
            if self._waiting:
                return self._take()
        self.close()
        if self._error is not None:
            raise self._error
        raise StopIteration

    def close(self) -> None:
        """End it now: the query is cancelled, the connection given back, what nobody took forgotten."""
        with self._turn:
            self._stopped = True
            self._turn.notify_all()
        while self._thread is not None and self._thread.is_alive():
            self._cancel()
            self._thread.join(0.2)  # a query that had not begun yet was not cancelled: say it again
        self._spool.close()
        self._leave()

    def _cancel(self) -> None:
        with self._turn:
            running = self._raw
        if running is not None:
            running.cancel()

    def __del__(self) -> None:
        """A response that nobody began to read is never closed: its place must not be lost."""
        self._leave()

    def _leave(self) -> None:
        if self._counted:
            self._counted = False
            _exit()

    def _begin(self) -> None:
        connection.close()  # the reader's own thread needs none until the file has ended
        self._thread = threading.Thread(target=self._write, name="file ahead of its reader", daemon=True)
        self._thread.start()

    def _take(self) -> bytes:
        """The next chunk; the turn is ours."""
        length, rows, cut = self._waiting[0]
        chunk = os.pread(self._spool.fileno(), length, self._taken)
        self._waiting.popleft()
        self._taken += length
        self.tally.rows, self.tally.cut_cells = rows, cut
        if not self._waiting:
            self._written = self._taken = 0  # all that was written is used up: begin again at the front
            self._turn.notify_all()
        return chunk

    def _write(self) -> None:
        """The writer's thread: from the first row to the last, then the connection is given back."""
        try:
            connection.ensure_connection()
            with self._turn:
                self._raw = connection.connection
            for chunk in self._made.chunks:
                if chunk and not self._put(chunk):
                    break
        except BaseException as error:  # the reader raises it, after what came before it
            self._error = error
        finally:
            try:
                close = getattr(self._made.chunks, "close", None)
                if close is not None:
                    close()
            finally:
                with self._turn:
                    self._raw = None  # nothing is left to cancel
                connection.close()
                with self._turn:
                    self._over = True
                    self._turn.notify_all()

    def _put(self, chunk: bytes) -> bool:
        """Add a chunk, as soon as there is room. False: nobody wants it any more."""
        tally = self._made.tally
        with self._turn:
            while self._written + len(chunk) > MOST_WAITING and self._waiting and not self._stopped:
                self._turn.wait()
            if self._stopped:
                return False
            done = 0
            while done < len(chunk):
                done += os.pwrite(self._spool.fileno(), chunk[done:], self._written + done)
            self._written += done
            self._waiting.append((len(chunk), tally.rows, tally.cut_cells))
            self._turn.notify_all()
        return True


def _enter() -> None:
    global _sending
    with _sending_lock:
        if _sending >= settings.SMI_DIRECT_AT_ONCE:
            raise Busy("Many files are being downloaded just now. Try again in a minute.")
        _sending += 1


def _exit() -> None:
    global _sending
    with _sending_lock:
        _sending -= 1
