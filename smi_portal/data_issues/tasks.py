"""What the worker does for data issues by the clock (UTC): the post's round, each minute."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="* * * * *")
@app.task(name="data_issues.post", queue="house", queueing_lock="data_issues.post")
def post(timestamp: int) -> None:
    """Notify the parties whom new lines concern, and pass on what was said."""
    from smi_portal.data_issues.post import deliver

    deliver()
