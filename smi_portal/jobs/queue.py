"""The job queue, used through the site's own connection: a job is queued in the transaction that records it."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

#: What takes long, and what the house does by the clock. The worker beside the web server takes both.
FILES = "files"
HOUSE = "house"


@cache
def queue() -> App:
    """The tasks of the site on Django's connection, in a worker too: there `app` itself has another connection."""
    return app.with_connector(DjangoConnector(alias="default"))


def defer(task: str, seconds: int = 0, **key: Any) -> None:
    """Queue a task that takes long, `seconds` from now. `key`: the id that is all it knows, and its lock."""
    (one,) = key.values()
    later = {"seconds": seconds} if seconds else None
    job = queue().configure_task(task, queue=FILES, lock=str(one), schedule_in=later)
    job.defer(**{name: str(value) for name, value in key.items()})


def one_at_a_time(what: str, person_id: int) -> None:
    """A second click waits for the first, and then finds what it made. Held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [what, person_id])
