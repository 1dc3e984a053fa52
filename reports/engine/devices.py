"""Which devices identifiers name, of those that the viewer sees at D: the one road for look-up, lists and inputs.

Equality alone is asked, on columns that are indexed together with the viewer's organisation: so that a foreign
device costs what an absent one costs, and a policy keeps its index (docs/decisions).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from reports.engine.ask import Ask, AskRefused
from reports.engine.inputs import DEVICES
from reports.engine.rows import rows
from reports.engine.sources import assets_at, associations_at
from smi_portal.access.readers import FieldGroup
from smi_portal.access.scope import scope_if_needed
from smi_portal.lookup.lists import Held, held_by
from smi_portal.lookup.recognise import Kind, Recognised, tight

#: Devices of homes in one answer, at most: an SRV 8.2 answer holds 17.
MOST = 200


def matches(ask: Ask, wanted: str, kinds: Iterable[Kind], more: Sequence[str] = ()) -> str:
    """A SELECT of kind, value and device_id, each once. `wanted`: a SELECT of kind and value, without double rows.

    `kinds`: those that can be in it. A kind that the viewer may not ask by matches nothing. `more`: further columns of
    the devices' periods to give.
    """
    parts = [part for kind in dict.fromkeys(kinds) for part in _of_kind(ask, wanted, kind, more)]
    return (
        " UNION ALL ".join(parts)
        or "SELECT NULL::text AS kind, NULL::text AS value, NULL::text AS device_id"
        f"{''.join(f', NULL::text AS {name}' for name in more)} WHERE false"
    )


def _of_kind(ask: Ask, wanted: str, kind: Kind, more: Sequence[str]) -> list[str]:
    asset = assets_at(ask, "p")
    given = "".join([", p.device_id", *(f", p.{name}" for name in more)])
    select = f"SELECT w.kind, w.value{given} FROM ({wanted}) w JOIN {asset} ON"
    mine = f"WHERE w.kind = '{kind.value}'"
    if kind is Kind.DEVICE:
        return [f"{select} p.device_id = w.value {mine}"]
    if kind is Kind.MPXN:
        associated = f"SELECT DISTINCT x.device_id FROM {associations_at(ask, 'x')} WHERE x.mpxn = w.value"
        return [
            f"{select} p.mpxn = w.value {mine}",
            # What the device's own MPxN has named already is left out here: cheaper than to look for double rows.
            f"SELECT w.kind, w.value{given} FROM ({wanted}) w CROSS JOIN LATERAL ({associated}) x "
            f"JOIN {asset} ON p.device_id = x.device_id AND p.mpxn IS DISTINCT FROM w.value {mine}",
        ]
    if kind is Kind.SERIAL:
        return [f"{select} p.serial_search = w.value {mine}"]
    if kind is Kind.UPRN and ask.viewer.sees(FieldGroup.PREMISES):
        return [f"{select} p.uprn_search = w.value {mine}"]
    return []


def homes_found(
    ask: Ask, wanted: Sequence[Recognised], address: tuple[str, str] | None = None
) -> dict[str, bool]:
    """The devices that identifiers or an address name, and those that stand with one of them on a hub; True = named.

    As far as the viewer sees them, by Device ID. An address names nothing for a viewer who may not see premises.
    One statement. Call inside the viewer's scope.
    """
    given = "SELECT DISTINCT kind, value FROM unnest(%s::text[], %s::text[]) u (kind, value)"
    matched = matches(ask, given, (each.kind for each in wanted))
    pair = [[each.kind.value for each in wanted], [each.value for each in wanted]]
    params: list[Any] = pair * matched.count(given)
    named = f"SELECT m.device_id FROM ({matched}) m"
    if address is not None and ask.viewer.sees(FieldGroup.PREMISES):
        named += (
            f" UNION SELECT p.device_id FROM {assets_at(ask, 'p')} WHERE p.postcode_search = %s "
            "AND upper(p.address_identifier) = upper(%s)"
        )
        params += [tight(address[0]), address[1]]
    return _homes(ask, named, params)


def homes(ask: Ask, devices: Sequence[str]) -> list[str]:
    """The devices, and those that stand with one of them on a Communications Hub, as far as the viewer sees them."""
    return list(_homes(ask, "SELECT unnest(%s::text[]) AS device_id", [list(devices)]))


def _homes(ask: Ask, named: str, params: Sequence[Any]) -> dict[str, bool]:
    """`named`: a SELECT of device_id."""
    statement = f"""
        WITH named AS MATERIALIZED (SELECT DISTINCT n.device_id FROM ({named}) n ORDER BY 1 LIMIT {MOST}),
        hubs AS MATERIALIZED (SELECT DISTINCT h.hub_id FROM named n JOIN {assets_at(ask, "h")}
            ON h.device_id = n.device_id WHERE h.hub_id IS NOT NULL)
        SELECT m.device_id, bool_or(m.named) FROM (
            SELECT n.device_id, true AS named FROM named n
            UNION ALL SELECT p.device_id, false FROM hubs JOIN {assets_at(ask, "p")} ON p.hub_id = hubs.hub_id
        ) m GROUP BY 1 ORDER BY bool_or(m.named) DESC, 1 LIMIT {MOST}"""
    with connection.cursor() as cursor:
        cursor.execute(ask.literal(statement), params)
        return dict(cursor.fetchall())


def in_list(ask: Ask, query: QuerySet[Any]) -> QuerySet[Any]:
    """The rows whose device the question's list names, by whatever identifier. Raises AskRefused for no such list.

    Another person's list is one that does not exist. May be called outside a scope: it looks the list up in its own.
    """
    (key,) = DEVICES.keys
    reference = ask.given.get(key)
    if DEVICES not in ask.inputs or not reference:
        return query
    held = held_list(ask, reference)
    named = matches(ask, held.wanted, held.kinds - {Kind.DEVICE})
    devices = f"SELECT w.value FROM ({held.wanted}) w WHERE w.kind = '{Kind.DEVICE.value}'"
    if held.kinds != {Kind.DEVICE}:
        devices = f"{devices} UNION ALL SELECT m.device_id FROM ({named}) m"
    # Our own SQL: the only thing in it that depends on what was typed is the list's key, an integer.
    narrowed = RawSQL(ask.literal(devices).replace("%", "%%"), [])  # noqa: S611 - ours, and an integer
    return query.filter(**{f"{DEVICES.column}__in": narrowed})


def held_list(ask: Ask, reference: str) -> Held:
    """The viewer's list of this reference. Raises AskRefused in the same words for one that is not theirs."""
    with scope_if_needed(ask.viewer):
        held = held_by(ask.viewer, reference)
    if held is None:
        raise AskRefused(
            {
                "devices": [
                    f"You have no list {reference[:20]}. Your lists and their references are under Find."
                ]
            }
        )
    return held


def rows_of(ask: Ask, devices: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of these devices, by the report's own road, in its order. Call inside the viewer's scope."""
    found = rows(ask)
    return list(replace(found, query=found.query.filter(device_id__in=list(devices))).values())
