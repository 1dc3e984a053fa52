"""Lines against the extract that has just been loaded: what agrees is verified, what does not is reopened.

Runs as the owner within the load. A line is held against base facts on the extract day: what it says should be
there (`change`), or, where it proposes nothing, whether the condition of data quality that it names is gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from smi_portal.data_issues.kinds import By, Cause, Holder, Kind, State
from smi_portal.data_issues.models import Event
from smi_portal.inventory.quality.rules import RULES, Source, broken, of_source

BATCH: Final = 5_000

#: Lines that an extract may move, with their last event that has a state.
LINES: Final = """
SELECT l.id, l.device_id, l.cause, l.change, l.viewer_ids, e.state, e.holder, e.sequence
FROM data_issues_line l
JOIN LATERAL (SELECT state, holder, sequence FROM data_issues_event
              WHERE line_id = l.id AND state IS NOT NULL ORDER BY id DESC LIMIT 1) e ON true
WHERE e.state IN ('OPEN', 'MENDED', 'VERIFIED')
ORDER BY l.id
"""

FACTS: Final = """
SELECT d.device_id, d.manufacturer, d.model, d.smets_chts_version, d.esme_variant, s.status, f.firmware_version,
       m.map_id, x.held
FROM inventory_device d
LEFT JOIN inventory_devicestatus s ON s.device_id = d.device_id
    AND s.effective_from <= %(day)s AND coalesce(s.effective_to, 'infinity') > %(day)s
LEFT JOIN inventory_devicefirmware f ON f.device_id = d.device_id
    AND f.effective_from <= %(day)s AND coalesce(f.effective_to, 'infinity') > %(day)s
LEFT JOIN inventory_mapassignment m ON m.device_id = d.device_id
    AND m.effective_from <= %(day)s AND coalesce(m.effective_to, 'infinity') > %(day)s
LEFT JOIN LATERAL (
    SELECT array_agg(q.kind || ' ' || q.mpxn) AS held FROM inventory_devicempxn q WHERE q.device_id = d.device_id
    AND q.effective_from <= %(day)s AND coalesce(q.effective_to, 'infinity') > %(day)s) x ON true
WHERE d.device_id = ANY (%(devices)s)
"""

#: What the conditions of data quality find of the devices, every fact once (lane 0), whoever is shown it.
FINDINGS: Final = " UNION ".join(
    f"SELECT p.device_id, f.code FROM {source.value} p CROSS JOIN LATERAL {broken(of_source(RULES, source))} "
    "WHERE p.device_id = ANY (%(devices)s) AND p.lane = 0 AND p.from_day <= {day} AND p.to_day > {day}"
    for source in Source
).replace("{day}", "%(day)s::date")

#: The columns of FACTS between device and MPxNs, by the names that a change has for them.
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
    """A device as the extract has it."""

    values: Mapping[str, str | None] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    findings: frozenset[str] = frozenset()


def agrees(cause: str, change: Mapping[str, str], found: Found | None) -> bool | None:
    """Whether the extract is as the line wants it; None when an extract cannot tell. `found` None = no such device."""
    if change:
        if "delete" in change:
            return found is None
        return found is not None and all(_has(found, name, value) for name, value in change.items())
    if cause == Cause.NOT_THERE:
        return found is not None
    if cause == Cause.SHOULD_NOT_BE_THERE or found is None:
        return found is None if cause == Cause.SHOULD_NOT_BE_THERE else None
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
        facts = _facts(cursor, sorted({row[1] for row in batch}), day)
        events += _moved(batch, facts, day, sequence)
    Event.objects.using("owner").bulk_create(events, batch_size=2_000)
    return len(events)


def _facts(cursor: Any, devices: Sequence[str], day: date) -> dict[str, Found]:
    given = {"day": day, "devices": list(devices)}
    cursor.execute(FINDINGS, given)
    findings: dict[str, set[str]] = {}
    for device, code in cursor.fetchall():
        findings.setdefault(device, set()).add(code)
    cursor.execute(FACTS, given)
    return {
        device: Found(
            dict(zip(VALUES, values, strict=True)), frozenset(held or ()), frozenset(findings.get(device, ()))
        )
        for device, *values, held in cursor.fetchall()
    }


def _moved(
    batch: Sequence[tuple[Any, ...]], facts: Mapping[str, Found], day: date, sequence: int
) -> Iterator[Event]:
    for line, device, cause, change, viewers, state, holder, said_at in batch:
        wanted = json.loads(change) if isinstance(change, str) else change
        answer = agrees(cause, wanted, facts.get(device))
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
