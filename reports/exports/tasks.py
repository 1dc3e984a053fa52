"""What the worker does: files when they are asked for, and the house's own work by the clock (UTC)."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from reports.exports import house
from reports.exports.making import make as make_file
from reports.exports.queue import MAKE
from reports.exports.schedules.running import run_due
from reports.exports.schedules.telling import tell
from smi_portal.jobs.queue import FILES, HOUSE

logger = logging.getLogger(__name__)


@app.task(name=MAKE, queue=FILES, pass_context=True)
def make(context: JobContext, export_id: str) -> None:
    """Make one file."""
    make_file(UUID(export_id), context.should_abort)


@app.periodic(cron="* * * * *")
@app.task(name="exports.rescue", queue=HOUSE, queueing_lock="exports.rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    """Give the jobs of workers that died to the living."""
    await house.rescue(context.app)


@app.periodic(cron="17 * * * *")
@app.task(name="exports.purge", queue=HOUSE, queueing_lock="exports.purge")
def purge(timestamp: int) -> None:
    """Delete files that have expired, and what killed workers left behind."""
    house.purge()


@app.periodic(cron="* * * * *")
@app.task(name="exports.schedules", queue=HOUSE, queueing_lock="exports.schedules", lock="exports.schedules")
def schedules(timestamp: int) -> None:
    """Ask for what is due, and tell people what has come to an end."""
    run_due(datetime.now(UTC))
    tell()
