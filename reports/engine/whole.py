"""Passes over everything that a viewer sees: counts for charts and for filters (docs/decisions/0022)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def whole_pass() -> Iterator[None]:
    """Let the database skip what is not in force. Call inside the viewer's scope, which is a transaction.

    The planner thinks that rows in force are scattered over the whole table and would read all of it; the load
    wrote them together.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        yield
        # Not after an error: the transaction, and the setting with it, are then at their end.
        cursor.execute("SET LOCAL enable_seqscan = on")
