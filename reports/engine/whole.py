"""Passes over everything that a viewer sees: counts for charts and for filters (docs/decisions/0022)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def whole_pass(joined: bool = False) -> Iterator[None]:
    """Let the database skip what is not in force. Call inside the viewer's scope, which is a transaction.

    The planner thinks that rows in force are scattered over the whole table and would read all of it; the load
    wrote them together. `joined`: two such tables are joined whole, so that looking up row by row never pays.
    """
    settings = ("enable_seqscan", "enable_nestloop") if joined else ("enable_seqscan",)
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {name} = off" for name in settings))
        yield
        # Not after an error: the transaction, and the setting with it, are then at their end.
        cursor.execute("; ".join(f"SET LOCAL {name} = on" for name in settings))
