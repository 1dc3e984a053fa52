"""Every run of a report is accounted for: noted in the audit, and its rows counted towards fair use.

Pages, files, the API, jobs and the command line all go through here, beside the one path to rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.engine.ask import Ask
from reports.engine.rows import Rows
from reports.engine.run import Stream, capped_count
from smi_portal import audit, fair_use
from smi_portal.access.scope import scope

#: Below this many rows left, a file's rows are counted before it begins; above, when it ends (docs/decisions).
NEAR = 100_000


def described(ask: Ask) -> dict[str, Any]:
    """The question as the audit keeps it: report, D, history, inputs and order, and from which extract."""
    return {
        "report": ask.report.code,
        "as_at": ask.day,
        "history": ask.history,
        "inputs": {key: values for key, values in sorted(ask.given.lists()) if any(values)},
        **({"columns": list(ask.columns)} if ask.columns else {}),
        "sort": list(ask.sort),
        "extract": ask.load.sequence,
    }


def note_page(person: Any, ask: Ask, rows: int, more: bool) -> None:
    """A page was shown, of a report with `rows` rows; `more`: at least that many."""
    audit.note("report page", person, ask.viewer, **described(ask), rows=rows, more=more)


def hand_out_page(person: Any, ask: Ask, rows: int, more: bool, channel: str) -> None:
    """A program is about to get `rows` rows of a report, one page of it: they count as exported.

    `more`: there are further pages. Raises fair_use.OverCap, and then the page may not go out. Call outside any
    scope.
    """
    fair_use.spend(person, "rows", rows)
    audit.note("report page", person, ask.viewer, **described(ask), rows=rows, more=more, channel=channel)


def begin_file(person: Any, found: Rows, form: str, channel: str) -> int:
    """Note that a file begins, and take its rows from the person's cap where that is near.

    Returns how many were taken. Raises fair_use.OverCap. Nobody's cap is touched without a person (the
    command line on behalf of an organisation). Call outside any scope.
    """
    taken = 0
    if person is not None:
        remaining = fair_use.left(person, "rows")
        if remaining < NEAR:
            with scope(found.ask.viewer):
                taken, _ = capped_count(found, cap=remaining + 1)
            fair_use.spend(person, "rows", taken)
    audit.note(
        "report file begun", person, found.ask.viewer, **described(found.ask), format=form, channel=channel
    )
    return taken


def accounted(made: Stream, person: Any, found: Rows, form: str, channel: str, taken: int) -> Iterator[bytes]:
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
            "report file ended",
            person,
            found.ask.viewer,
            **described(found.ask),
            format=form,
            channel=channel,
            rows=rows,
            complete=finished,
        )
