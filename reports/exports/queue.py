"""The job queue, used through the site's own connection: a job is queued in the transaction that records it."""

from __future__ import annotations

from functools import cache
from typing import Any

from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

FILES = "files"
HOUSE = "house"
MAKE = "exports.make"


@cache
def queue() -> App:
    """The tasks of the site on Django's connection, in a worker too: there `app` itself has another connection."""
    return app.with_connector(DjangoConnector(alias="default"))


def defer_make(export_id: Any, seconds: int = 0) -> None:
    """Queue the making of a file. Its id is all that the job knows."""
    job = queue().configure_task(
        MAKE, queue=FILES, lock=str(export_id), schedule_in={"seconds": seconds} if seconds else None
    )
    job.defer(export_id=str(export_id))
