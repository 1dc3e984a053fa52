"""Every file of the portfolio is accounted for: noted in the audit, and its rows counted towards fair use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

from reports.engine.run import Stream
from smi_portal import audit, fair_use
from smi_portal.access.scope import scope
from smi_portal.portfolio.listing import Listing

#: Below this many rows left, a file's rows are counted before it begins; above, when it ends.
NEAR = 100_000


def begin_file(person: Any, found: Listing, form: str, channel: str) -> int:
    """Note that a file begins, and take its rows from the person's cap where that is near; how many were taken.

    Raises fair_use.OverCap. Nobody's cap is touched without a person (commands). Call outside any scope.
    """
    taken = 0
    if person is not None:
        remaining = fair_use.left(person, "rows")
        if remaining < NEAR:
            taken = _capped_count(found, remaining + 1)
            fair_use.spend(person, "rows", taken)
    audit.note(
        f"{found.name} file begun", person, found.viewer, **_described(found), format=form, channel=channel
    )
    return taken


def accounted(
    made: Stream, person: Any, found: Listing, form: str, channel: str, taken: int
) -> Iterator[bytes]:
    """The file's bytes; at their end, or when the reader leaves, the rows are noted and counted."""
    finished = False
    try:
        yield from made.chunks
        finished = True
    finally:
        if hasattr(made.chunks, "close"):
            made.chunks.close()  # ends its scope before anything is noted
        rows = made.tally.rows
        if person is not None and rows > taken:
            fair_use.charge(person, "rows", rows - taken)
        audit.note(
            f"{found.name} file ended",
            person,
            found.viewer,
            **_described(found),
            format=form,
            channel=channel,
            rows=rows,
            complete=finished,
        )


def _described(found: Listing) -> dict[str, Any]:
    return {"facts": dict(found.facts), "extract": found.load.sequence}


def _capped_count(found: Listing, cap: int) -> int:
    with scope(found.viewer), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT FROM ({found.select}) r LIMIT {cap:d}) c")
        return int(cursor.fetchone()[0])
