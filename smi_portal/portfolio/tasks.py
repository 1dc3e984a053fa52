"""What the worker does for the portfolio: ledgers when they are handed in; digests and webhooks by the clock (UTC)."""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from smi_portal.jobs.queue import FILES, HOUSE


@app.task(name="portfolio.reconcile", queue=FILES, pass_context=True)
def reconcile(context: JobContext, job_id: str) -> None:
    """Compare one ledger."""
    from smi_portal.portfolio.reconcile.working import work

    work(UUID(job_id), context.should_abort)


@app.periodic(cron="*/10 * * * *")
@app.task(name="portfolio.digests", queue=HOUSE, queueing_lock="portfolio.digests", lock="portfolio.digests")
def digests(timestamp: int) -> None:
    """Mail the digests that are due."""
    from smi_portal.portfolio.notices.sending import send_digests

    send_digests()


@app.periodic(cron="* * * * *")
@app.task(
    name="portfolio.webhooks", queue=HOUSE, queueing_lock="portfolio.webhooks", lock="portfolio.webhooks"
)
def webhooks(timestamp: int) -> None:
    """Send new events to webhooks, and again what was not received."""
    from smi_portal.portfolio.notices.sending import send_events

    send_events()


@app.periodic(cron="37 * * * *")
@app.task(name="portfolio.forget", queue=HOUSE, queueing_lock="portfolio.forget")
def forget(timestamp: int) -> None:
    """Forget ledgers that no worker took."""
    from smi_portal.portfolio.reconcile.jobs import forget_waiting

    forget_waiting()
