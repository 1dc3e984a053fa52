"""Rental days as they were stated: kept with their extract, and compared with what the inventory says now."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any

from smi_portal.access.readers import FieldGroup, Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.portfolio.asking import Period, Refused, current_load
from smi_portal.portfolio.models import Statement, StatementPart
from smi_portal.portfolio.owners import owner_columns
from smi_portal.portfolio.rental.days import listing

PART = 20_000  # rows
KEY = ("device_id", "mpxn", "map_id", "supplier_id")

Row = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """One asset × MPxN × MAP ID × supplier whose days are not what was stated; None = no such row."""

    key: tuple[str | None, ...]
    stated: Row | None
    now: Row | None

    @property
    def days(self) -> int:
        """Days now, less days stated."""
        return (self.now["days"] if self.now else 0) - (self.stated["days"] if self.stated else 0)


def keep(viewer: Viewer, period: Period, made_by: str) -> Statement:
    """Keep the viewer's rental days of a period, as they are. Opens scopes of its own. Raises Refused."""
    load = current_load()
    parts: list[bytes] = []
    digest, rows, days = hashlib.sha256(), 0, 0
    found = listing(viewer, period, load).rows()
    while batch := list(islice(found, PART)):
        text = "\n".join(json.dumps([_plain(value) for value in row.values()]) for row in batch)
        digest.update(text.encode() + b"\n")
        rows, days = rows + len(batch), days + sum(row["days"] for row in batch)
        parts.append(gzip.compress(text.encode(), 6, mtime=0))
    if current_load().sequence != load.sequence:
        raise Refused(
            {"extract": ["A new extract was loaded meanwhile: look at the days, then keep them."]}, 503
        )
    owner = owner_columns(viewer)
    named = viewer.sees(FieldGroup.SUPPLIER)
    statement = Statement(
        **owner,
        made_by=made_by,
        period_from=period.start,
        period_to=period.end,
        extract_sequence=load.sequence,
        extract_id=load.extract_id,
        as_at=load.as_at,
        with_suppliers=named,
        sha256=digest.hexdigest(),
        rows=rows,
        days=days,
    )
    with scope(viewer):
        statement.save(force_insert=True)
        for number, body in enumerate(parts):
            bodies = {"hidden_body" if named else "body": body}
            StatementPart(statement=statement, number=number, **owner, **bodies).save(force_insert=True)
    return statement


def kept(viewer: Viewer) -> list[Statement]:
    """The viewer's statements, newest first. Opens its own scope."""
    with scope(viewer):
        return list(Statement.objects.order_by("-made_at"))


def latest_for(viewer: Viewer, period: Period) -> Statement | None:
    """The newest statement that touches the period. Opens its own scope."""
    with scope(viewer):
        touching = Statement.objects.filter(period_from__lt=period.end, period_to__gt=period.start)
        return touching.order_by("-made_at").first()


def is_readable(viewer: Viewer, statement: Statement) -> bool:
    """Whether the viewer may still read its rows: a revoked release hides those that name suppliers."""
    return viewer.sees(FieldGroup.SUPPLIER) or not statement.with_suppliers


def differences(viewer: Viewer, statement: Statement) -> Iterator[Difference]:
    """What the inventory says differently now of the statement's own period, in the order of its rows.

    Both are read in order and merged, a part at a time. Opens scopes of its own; call only if `is_readable`.
    """
    as_then = viewer
    if not statement.with_suppliers and viewer.role is Role.MAP:
        as_then = replace(viewer, released=viewer.released - {FieldGroup.SUPPLIER})
    stated = _stated(as_then, statement)
    left = next(stated, None)  # reads the statement, before today's rows occupy the connection
    now = listing(as_then, Period(statement.period_from, statement.period_to)).rows()
    right = next(now, None)
    while left is not None or right is not None:
        order = _compare(left, right)
        if order == 0 and left is not None and right is not None:
            if (left["first_day"], left["last_day"], left["days"]) != (
                right["first_day"],
                right["last_day"],
                right["days"],
            ):
                yield Difference(_key(left), left, right)
        elif order < 0 and left is not None:
            yield Difference(_key(left), left, None)
        elif right is not None:
            yield Difference(_key(right), None, right)
        left, right = (next(stated, None) if order <= 0 else left), (next(now, None) if order >= 0 else right)


def _stated(viewer: Viewer, statement: Statement) -> Iterator[Row]:
    """The statement's rows. Its bodies are read at once (they are compressed, some 15 bytes a row): the connection
    cannot be asked for more while today's rows stream through it.
    """
    column = "hidden_body" if statement.with_suppliers else "body"
    keys = [name for name in KEY if name != "supplier_id" or statement.with_suppliers]
    names = [*keys, "first_day", "last_day", "days"]
    with scope(viewer):
        parts = StatementPart.objects.filter(statement_id=statement.pk).order_by("number")
        bodies = [bytes(body) for body in parts.values_list(column, flat=True)]
    for body in bodies:
        for line in gzip.decompress(body).decode().split("\n"):
            row = dict(zip(names, json.loads(line), strict=True))
            row["first_day"] = date.fromisoformat(row["first_day"])
            row["last_day"] = date.fromisoformat(row["last_day"])
            yield row


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _key(row: Row) -> tuple[str | None, ...]:
    return tuple(row.get(name) for name in KEY)


def _compare(left: Row | None, right: Row | None) -> int:
    """-1, 0 or 1 in the order of the rows: by code point, no value last; a list that has ended comes last."""
    if left is None or right is None:
        return -1 if right is None else 1
    mine, theirs = (tuple((cell is None, cell or "") for cell in _key(row)) for row in (left, right))
    return (mine > theirs) - (mine < theirs)
