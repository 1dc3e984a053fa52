"""Lines against the extract that has just been loaded: what agrees is verified, what does not is reopened.

Runs as the owner within the load. A line is held against what its raiser itself is shown on the extract day: what it
says should be there (`change`), or, where it proposes nothing, whether the condition of data quality that it names is
gone. Of a device out of its sight an extract tells it nothing: otherwise a guess about another party's device, or that
there is one, would be confirmed by the next load.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from smi_portal.data_issues.kinds import By, Cause, Holder, Kind, Route, State
from smi_portal.data_issues.models import Event
from smi_portal.inventory.quality.rules import RULES, Source, broken, of_source

BATCH: Final = 5_000

#: Lines that an extract may move, with their last event that has a state.
LINES: Final = """
SELECT l.id, l.device_id, l.cause, l.change, l.viewer_ids, e.state, e.holder, e.sequence, l.raiser_org_id, l.route
FROM data_issues_line l
JOIN LATERAL (SELECT state, holder, sequence FROM data_issues_event
              WHERE line_id = l.id AND state IS NOT NULL ORDER BY id DESC LIMIT 1) e ON true
WHERE e.state IN ('OPEN', 'MENDED', 'VERIFIED')
ORDER BY l.id
"""

#: Rows `p` of a period table in force, once for each organisation that sees them, `o.org`: as its policy says.
SEEN: Final = """
CROSS JOIN LATERAL (VALUES (p.map_org_id), (p.supplier_org_id)) o (org)
WHERE p.device_id = ANY (%(devices)s) AND o.org = ANY (%(raisers)s)
  AND p.from_day <= %(day)s::date AND p.to_day > %(day)s::date
"""

FACTS: Final = f"""
SELECT p.device_id, o.org, p.manufacturer, p.model, p.smets_chts_version, p.esme_variant, p.status, p.firmware_version,
       p.map_id, p.mpxn
FROM inventory_assetperiod p {SEEN}
"""

HELD: Final = f"SELECT p.device_id, o.org, p.kind || ' ' || p.mpxn FROM inventory_associationperiod p {SEEN}"

THERE: Final = "SELECT device_id FROM inventory_device WHERE device_id = ANY (%(devices)s)"

#: What the conditions of data quality find of the devices, as each organisation is shown it.
FINDINGS: Final = " UNION ".join(
    f"SELECT p.device_id, o.org, f.code FROM {source.value} p CROSS JOIN LATERAL {broken(of_source(RULES, source))} {SEEN}"
    for source in Source
).replace("{day}", "%(day)s::date")

#: The columns of FACTS between organisation and MPxN, by the names that a change has for them.
VALUES: Final = (
    *("manufacturer", "model", "smets_chts_version", "esme_variant"),
    *("status", "firmware_version", "map_id"),
)
_MPXNS: Final = {
    "import_mpxn": "IMPORT",
    "secondary_import_mpan": "SECONDARY_IMPORT",
    "export_mpan": "EXPORT",
}


#: Causes that are conditions of data quality: an extract can tell whether they are gone.
CONDITIONS: Final = frozenset(rule.code for rule in RULES)


@dataclass(frozen=True)
class Found:
    """A device as one organisation is shown it on the extract day."""

    values: Mapping[str, str | None] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    findings: frozenset[str] = frozenset()


def agrees(cause: str, change: Mapping[str, str], found: Found | None, gone: bool) -> bool | None:
    """Whether the extract is as the line wants it; None when it cannot tell, or may not.

    `found` None = the raiser does not see the device. `gone`: the inventory has none, and the raiser saw it once.
    """
    if "delete" in change or (not change and cause == Cause.SHOULD_NOT_BE_THERE):
        return True if gone else None if found is None else False
    if found is None:
        return None
    if change:
        return all(_has(found, name, value) for name, value in change.items())
    if cause == Cause.NOT_THERE:
        return True
    return cause not in found.findings if cause in CONDITIONS else None


def _has(found: Found, name: str, value: str) -> bool:
    if name in _MPXNS:
        return f"{_MPXNS[name]} {value.replace(' ', '')}" in found.held
    return found.values.get("status" if name == "hub_status" else name) == value


def verify(cursor: Any, day: date, sequence: int) -> int:
    """Hold every line that may move against the extract; how many moved."""
    cursor.execute(LINES)
    lines = cursor.fetchall()
    events: list[Event] = []
    for start in range(0, len(lines), BATCH):
        batch = lines[start : start + BATCH]
        given = {"day": day, "devices": [row[1] for row in batch], "raisers": [row[8] for row in batch]}
        facts = _facts(cursor, given)
        cursor.execute(THERE, given)
        events += _moved(batch, facts, {device for (device,) in cursor.fetchall()}, day, sequence)
    Event.objects.using("owner").bulk_create(events, batch_size=2_000)
    return len(events)


def _facts(cursor: Any, given: Mapping[str, Any]) -> dict[tuple[str, int], Found]:
    """(device, organisation) → what that organisation is shown of it."""
    findings, held = (_sets(cursor, query, given) for query in (FINDINGS, HELD))
    cursor.execute(FACTS, given)
    found = {}
    for device, organisation, *values, mpxn in cursor.fetchall():
        key = (device, organisation)
        own = held.get(key, set()) | ({f"IMPORT {mpxn}"} if mpxn else set())
        found[key] = Found(
            dict(zip(VALUES, values, strict=True)), frozenset(own), frozenset(findings.get(key, ()))
        )
    return found


def _sets(cursor: Any, query: str, given: Mapping[str, Any]) -> dict[tuple[str, int], set[str]]:
    cursor.execute(query, given)
    sets: dict[tuple[str, int], set[str]] = {}
    for device, organisation, item in cursor.fetchall():
        sets.setdefault((device, organisation), set()).add(item)
    return sets


def _moved(
    batch: Sequence[tuple[Any, ...]],
    facts: Mapping[tuple[str, int], Found],
    there: Set[str],
    day: date,
    sequence: int,
) -> Iterator[Event]:
    for line, device, cause, change, viewers, state, holder, said_at, raiser, route in batch:
        wanted = json.loads(change) if isinstance(change, str) else change
        # What was out of sight when it was raised went to DCC: that it is gone, or was never there, is not told.
        gone = device not in there and route != Route.DCC
        answer = agrees(cause, wanted, facts.get((device, raiser)), gone)
        if answer is None or (answer and state == State.VERIFIED):
            continue
        # "Mended" is held against a later extract than the one that was shown when it was said.
        if not answer and (state == State.OPEN or (state == State.MENDED and said_at >= sequence)):
            continue
        reopened = Holder.RAISER.value if holder == Holder.NOBODY else holder
        yield Event(
            line_id=line,
            kind=(Kind.VERIFIED if answer else Kind.REOPENED).value,
            state=(State.VERIFIED if answer else State.OPEN).value,
            # Kept while verified: it is who gets the line back if a later extract disagrees.
            holder=reopened,
            by=By.PORTAL.value,
            on_day=day,
            sequence=sequence,
            viewer_ids=viewers,
        )
