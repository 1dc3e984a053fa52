"""`worker`: makes the files that were asked for, and does what is due by the clock, until it is stopped."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from typing import Any

from asgiref.sync import sync_to_async
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from procrastinate import App
from procrastinate.contrib.django import app

from reports.exports import house
from smi_portal.jobs.queue import FILES, HOUSE

#: Seconds between attempts to come back after the database was away: doubled up to the last.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
#: Seconds that running files get to stop when the worker is told to; they then wait for the next worker.
GRACE = 1.0
HEARTBEAT = 5.0
#: How far below the site's own processes the operating system ranks the worker.
NICE = 15

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """The worker beside the web server. Run one or several; each job goes to one."""

    help = "Make queued files and send what is due. Stop it with Ctrl-C or SIGTERM: nothing is lost."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many files at once; and whose end is this worker's end too."""
        parser.add_argument("--concurrency", type=int, default=2, help="files made at the same time (2)")
        parser.add_argument("--once", action="store_true", help="do what is queued, then end")
        parser.add_argument(
            "--with-parent",
            type=int,
            metavar="PID",
            help="end when this process, which started it, has ended",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped, below the site's own processes: pages come first."""
        if not options["once"]:
            os.nice(NICE)
        asyncio.run(_Life(options["concurrency"], options["once"], options["with_parent"]).run())


class _Life:
    """One worker process: the queue's worker, started again whenever the database has been away."""

    def __init__(self, concurrency: int, once: bool, parent: int | None) -> None:
        self._concurrency, self._once = concurrency, once
        self._parent = parent
        self._stop = asyncio.Event()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        guard = asyncio.create_task(self._follow_parent())
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            try:
                await self._work()
                pause = FIRST_PAUSE
                if self._once:
                    break
            except Exception as error:  # the database is away, or comes and goes: what is queued stays queued
                logger.warning(
                    "The worker lost its database (%s); again in %.0f s.", type(error).__name__, pause
                )
            if not self._stop.is_set():
                await self._rest(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        guard.cancel()

    async def _work(self) -> None:
        # What the database ended while nobody looked would fail the first that uses it, again and again.
        await sync_to_async(connections.close_all)()
        worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]  # of Django's connector alone
        async with worker_app.open_async():
            await house.rescue(worker_app)
            running = asyncio.create_task(self._run(worker_app))
            stopped = asyncio.create_task(self._stop.wait())
            await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                running.cancel()  # the worker's own way to be asked to end
            stopped.cancel()
            try:
                await running
            except asyncio.CancelledError:
                logger.info("The worker was stopped.")

    async def _run(self, worker_app: App) -> None:
        await worker_app.run_worker_async(
            queues=[FILES, HOUSE],
            concurrency=self._concurrency + 1,  # the house's work must not wait for two large files
            wait=not self._once,
            install_signal_handlers=False,
            shutdown_graceful_timeout=GRACE,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=house.DEAD_AFTER,
        )

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    async def _follow_parent(self) -> None:
        while self._parent is not None:
            if os.getppid() != self._parent:
                self._stop.set()
                return
            await asyncio.sleep(1)
