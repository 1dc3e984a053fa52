"""The assets and associations of a viewer at D, or over their history, as SQL that the columns are written on.

Each gives an alias `p` with the period table's columns and: `run_from`, `run_to` (the visible period around the
row), `read_on` (the day on which values are read) and, with history, `valid_from`, `valid_to`. No clause here
scopes rows: row-level security does, and columns that the viewer may not read are never named.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models

from reports.engine.ask import Ask
from reports.engine.naming import as_named
from smi_portal.access.readers import FieldGroup, Reader, Role
from smi_portal.access.tables import Scoped, access_of
from smi_portal.inventory.models import AssetPeriod, AssociationPeriod, EmptyHubPeriod

#: The values that make a history row: a new row begins when one of them changes. Supplier only where released.
ASSET_VALUES = ("status", "firmware_version", "mpxn", "map_id")
ASSOCIATION_VALUES = ("status", "firmware_version", "map_id")


def assets(ask: Ask) -> str:
    """The viewer's devices: one row each at D, or one for each period of constant values."""
    return _periods(ask, AssetPeriod, ("device_id",), ASSET_VALUES)


def associations(ask: Ask) -> str:
    """The viewer's MPxN associations, likewise."""
    return _periods(ask, AssociationPeriod, ("device_id", "kind", "mpxn"), ASSOCIATION_VALUES)


def assets_at(ask: Ask, alias: str) -> str:
    """The viewer's devices at D as `alias`, to join to: never with history."""
    return f"({_plain(ask, AssetPeriod, alias)}) {alias}"


def associations_at(ask: Ask, alias: str) -> str:
    """The viewer's MPxN associations at D as `alias`, to join to: never with history."""
    return f"({_plain(ask, AssociationPeriod, alias)}) {alias}"


def empty_hubs(ask: Ask) -> str:
    """The viewer's hubs without devices at D."""
    names = ", ".join(f"a.{column}" for column in readable(EmptyHubPeriod, ask.viewer.reader))
    return (
        f"(SELECT {names} FROM {EmptyHubPeriod._meta.db_table} a "
        f"WHERE a.from_day <= {{day}} AND a.to_day > {{day}}{lane(ask)}) p"
    )


def readable(model: type[models.Model], reader: Reader) -> list[str]:
    """The columns of a scoped table that this reader may name."""
    access = access_of(model)
    hidden = access.hidden if isinstance(access, Scoped) else {}
    return [
        field.column
        for field in model._meta.concrete_fields
        if field.column
        and (field.column not in hidden or FieldGroup(hidden[field.column]) in reader.released)
    ]


def lane(ask: Ask) -> str:
    """Lane 0 holds each fact once; an organisation finds its one lane through the policy."""
    return " AND a.lane = 0" if ask.viewer.role is Role.DCC else ""


def _periods(ask: Ask, model: type[models.Model], entity: Sequence[str], values: Sequence[str]) -> str:
    if not ask.history:
        return f"({_plain(ask, model, 'p')}) p"
    if ask.viewer.sees(FieldGroup.SUPPLIER):
        values = (*values, "supplier_id")
    return f"({_history(ask, model, entity, values)}) p"


def _plain(ask: Ask, model: type[models.Model], alias: str) -> str:
    return (
        f"SELECT {{day}} AS read_on{as_named(alias, _columns(ask, model))} FROM {model._meta.db_table} a "
        f"WHERE a.from_day <= {{day}} AND a.to_day > {{day}}{lane(ask)}"
    )


def _history(ask: Ask, model: type[models.Model], entity: Sequence[str], values: Sequence[str]) -> str:
    """Gaps and islands: periods that touch and agree in every value are one row, read on its last known day."""
    who = ", ".join(f"a.{column}" for column in entity)
    now = ", ".join(["a.from_day", *(f"a.{value}" for value in values)])
    before = ", ".join(["lag(a.to_day) OVER w", *(f"lag(a.{value}) OVER w" for value in values)])
    island = ", ".join([*(f"i.{column}" for column in entity), "i.island"])
    names = ", ".join(f"i.{column}" for column in [*readable(model, ask.viewer.reader), "run_from", "run_to"])
    return f"""
        SELECT i.*, least({{day}}, i.valid_to - 1) AS read_on FROM (
            SELECT {names},
                   min(i.from_day) OVER (PARTITION BY {island}) AS valid_from,
                   max(i.to_day) OVER (PARTITION BY {island}) AS valid_to,
                   row_number() OVER (PARTITION BY {island} ORDER BY i.from_day <= {{day}} DESC, i.from_day DESC) AS nth
            FROM (
                SELECT e.*, count(*) FILTER (WHERE e.starts)
                    OVER (PARTITION BY {who.replace("a.", "e.")} ORDER BY e.from_day) AS island
                FROM (
                    SELECT {_columns(ask, model)}, ({before}) IS DISTINCT FROM ({now}) AS starts
                    FROM {model._meta.db_table} a WHERE true{lane(ask)}
                    WINDOW w AS (PARTITION BY {who} ORDER BY a.from_day)
                ) e
            ) i
        ) i WHERE i.nth = 1 AND i.from_day <= {{day}}"""


def _columns(ask: Ask, model: type[models.Model]) -> str:
    names = ", ".join(f"a.{column}" for column in readable(model, ask.viewer.reader))
    side = {Role.MAP: "a.map_run", Role.SUPPLIER: "a.supplier_run"}.get(ask.viewer.role)
    if side is None:
        return f"{names}, '-infinity'::date AS run_from, 'infinity'::date AS run_to"
    return f"{names}, {side}_from AS run_from, {side}_to AS run_to"
