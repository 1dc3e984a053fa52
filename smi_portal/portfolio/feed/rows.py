"""The one path to the feed's rows, for pages, files, the command, the API, digests and webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from reports.engine.columns import Column, Kind
from smi_portal.access.readers import FieldGroup, Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.portfolio.asking import Refused, current_load, portfolio_of
from smi_portal.portfolio.feed.kinds import KINDS
from smi_portal.portfolio.listing import Listing, literal

COLUMNS = (
    Column("cursor", "Cursor", "e.position", Kind.INTEGER, "Place in your feed: 1, 2, 3 … without a gap."),
    Column("extract_sequence", "Extract", "e.extract_sequence", Kind.INTEGER, "The extract that told it."),
    Column("told_on", "Told on", "e.told_on", Kind.DATE, "The day of that extract."),
    Column("kind", "Kind", "e.kind", help="What happened: " + ", ".join(KINDS) + "."),
    Column("field", "Field", "e.field", help="What differs: presence (in your portfolio), status and so on."),
    Column("device_id", "Device ID", "e.device_id", help="EUI-64 identifier of the meter."),
    Column("device_type", "Device type", "e.device_type", help="ESME or GSME."),
    Column(
        "effective_from", "Effective from", "e.from_day", Kind.DATE, "First day on which it is different now."
    ),
    Column(
        "effective_to",
        "Effective to",
        "CASE WHEN e.to_day < 'infinity' THEN e.to_day END",
        Kind.DATE,
        "First day on which it no longer is; blank while it is.",
    ),
    Column("before", "Before", "e.before", help="The value on these days before this extract; blank = none."),
    Column("after", "After", "e.after", help="The value on these days since this extract; blank = none."),
    Column(
        "supplier_before",
        "Supplier before",
        "e.supplier_before",
        help="MPID of the supplier registered on these days before this extract.",
        group=FieldGroup.SUPPLIER,
    ),
    Column(
        "supplier_after",
        "Supplier after",
        "e.supplier_after",
        help="MPID of the supplier registered on the first of these days, since this extract.",
        group=FieldGroup.SUPPLIER,
    ),
    Column("mpxn", "MPxN", "e.mpxn", help="Import MPxN of the meter on the first of these days."),
    Column("map_id", "MAP ID", "e.map_id", help="MAP ID of the meter on the first of these days."),
    Column("device_status", "Device status", "e.status", help="Status on the first of these days."),
    Column(
        "firmware_version", "Firmware version", "e.firmware_version", help="Firmware on the first of them."
    ),
    Column("removal_reason", "Removal reason", "e.removal_reason", help="Why the meter was removed."),
)


@dataclass(frozen=True)
class Wanted:
    """Which events: those after a cursor, of these kinds, devices and days; nothing given = all.

    `effective_from`, `effective_to` bound the first day of an event, both inclusive; `extract` is a sequence.
    """

    after: int = 0
    kinds: tuple[str, ...] = ()
    device_id: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    extract: int | None = None


def listing(
    viewer: Viewer, wanted: Wanted, newest_first: bool = False, limit: int | None = None, before: int = 0
) -> Listing:
    """The viewer's events as a list. Raises Refused for a viewer without a portfolio or a cursor never given.

    `before`: only events before this cursor (0 = all), for pages that go back in time.
    """
    portfolio_of(viewer)
    load = current_load()
    check(viewer, wanted)
    columns = tuple(column for column in COLUMNS if viewer.sees(column.group))
    select = _select(viewer, columns, wanted, newest_first, limit, before)
    facts = [("After cursor", str(wanted.after))]
    facts += [("Kinds", ", ".join(wanted.kinds))] if wanted.kinds else []
    return Listing("change-feed", "Change feed", viewer, load, columns, select, facts)


def events_after(viewer: Viewer, cursor: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
    """The next events after `cursor`, oldest first, at most `limit`, as values by key. Opens its own scope.

    Ask again with the last row's `cursor`; no event is skipped or repeated, since positions have no gaps and are
    given in the load's own transaction. Raises Refused.
    """
    return list(listing(viewer, Wanted(after=cursor), limit=limit).rows())


def last_cursor(viewer: Viewer) -> int:
    """The cursor of the viewer's newest event; 0 when there is none. Opens its own scope."""
    with scope(viewer), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(max(e.position), 0) FROM inventory_changeevent e WHERE {stream_of(viewer)}"
        )
        return int(cursor.fetchone()[0])


def check(viewer: Viewer, wanted: Wanted) -> None:
    """Raise Refused for a kind or cursor that there is not."""
    errors: dict[str, list[str]] = {}
    if unknown := [kind for kind in wanted.kinds if kind not in KINDS]:
        errors["kind"] = [f"There is no kind {', '.join(unknown)}. There are: {', '.join(KINDS)}."]
    last = last_cursor(viewer) if wanted.after else 0
    if wanted.after < 0:
        errors["after"] = [f"A cursor is a whole number, 0 or more, not {wanted.after}."]
    elif wanted.after > last and wanted.after:
        errors["after"] = [
            f"There is no cursor {wanted.after}: the newest event is {last}. Was the inventory loaded anew? "
            "Then ask from the beginning, without a cursor."
        ]
    if errors:
        raise Refused(errors)


def stream_of(viewer: Viewer) -> str:
    """The condition that an event is one of the viewer's stream; row-level security says the same again."""
    org = 0 if viewer.role is Role.DCC else viewer.organisation_id
    return f"e.audience = {literal(viewer.role.value)} AND e.org_id = {org:d}"


def conditions(viewer: Viewer, wanted: Wanted) -> str:
    """The WHERE clause over alias `e`."""
    parts = [stream_of(viewer)]
    if wanted.after:
        parts.append(f"e.position > {wanted.after:d}")
    if wanted.kinds:
        parts.append(f"e.kind IN ({', '.join(map(literal, wanted.kinds))})")
    if wanted.device_id:
        parts.append(f"e.device_id = {literal(wanted.device_id)}")
    if wanted.effective_from:
        parts.append(f"e.from_day >= {literal(wanted.effective_from)}")
    if wanted.effective_to:
        parts.append(f"e.from_day <= {literal(wanted.effective_to)}")
    if wanted.extract is not None:
        parts.append(f"e.extract_sequence = {wanted.extract:d}")
    return " AND ".join(parts)


def _select(
    viewer: Viewer,
    columns: Sequence[Column],
    wanted: Wanted,
    newest_first: bool,
    limit: int | None,
    before: int,
) -> str:
    names = ", ".join(f'{column.sql} AS "{column.key}"' for column in columns)
    order = "DESC" if newest_first else "ASC"
    earlier = f" AND e.position < {before:d}" if before else ""
    end = f" LIMIT {limit:d}" if limit is not None else ""
    return (
        f"SELECT {names} FROM inventory_changeevent e WHERE {conditions(viewer, wanted)}{earlier} "
        f"ORDER BY e.position {order}{end}"
    )
