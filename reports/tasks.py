"""What the worker does for the reports by the clock (UTC)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from smi_portal.jobs.queue import HOUSE


@app.periodic(cron="* * * * *")
@app.task(name="reports.prepare", queue=HOUSE, queueing_lock="reports.prepare", lock="reports.prepare")
def prepare(timestamp: int) -> None:
    """After a load: work out what everybody's charts and filters count."""
    from reports.prepared import prepare as work_out

    work_out()
