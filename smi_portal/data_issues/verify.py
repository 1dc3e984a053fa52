"""Lines against the extract that has just been loaded: what agrees is verified, what does not is reopened.

Runs as the owner within the load. A line is held against base facts on the extract day: what it says should be
there (`change`), or, where it proposes nothing, whether the condition that it names is gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from smi_portal.data_issues.kinds import By, Cause, Holder, Kind, State
from smi_portal.data_issues.models import Event

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
       m.map_id, p.cpl_id IS NOT NULL, x.held, a.findings,
       EXISTS (SELECT FROM inventory_emptyhubperiod h WHERE h.device_id = d.device_id
               AND h.from_day <= %(day)s AND h.to_day > %(day)s)
FROM inventory_device d
LEFT JOIN inventory_devicestatus s ON s.device_id = d.device_id
    AND s.effective_from <= %(day)s AND coalesce(s.effective_to, 'infinity') > %(day)s
LEFT JOIN inventory_devicefirmware f ON f.device_id = d.device_id
    AND f.effective_from <= %(day)s AND coalesce(f.effective_to, 'infinity') > %(day)s
LEFT JOIN inventory_mapassignment m ON m.device_id = d.device_id
    AND m.effective_from <= %(day)s AND coalesce(m.effective_to, 'infinity') > %(day)s
LEFT JOIN inventory_assetperiod p ON p.device_id = d.device_id AND p.lane = 0
    AND p.from_day <= %(day)s AND p.to_day > %(day)s
LEFT JOIN LATERAL (
    SELECT array_agg(q.kind || ' ' || q.mpxn) AS held FROM inventory_devicempxn q WHERE q.device_id = d.device_id
    AND q.effective_from <= %(day)s AND coalesce(q.effective_to, 'infinity') > %(day)s) x ON true
LEFT JOIN LATERAL (
    SELECT string_agg(DISTINCT q.finding, ';') AS findings FROM inventory_associationperiod q
    WHERE q.device_id = d.device_id AND q.lane = 0 AND q.from_day <= %(day)s AND q.to_day > %(day)s) a ON true
WHERE d.device_id = ANY (%(devices)s)
"""

_MPXNS: Final = {
    "import_mpxn": "IMPORT",
    "secondary_import_mpan": "SECONDARY_IMPORT",
    "export_mpan": "EXPORT",
}


@dataclass(frozen=True)
class Found:
    """A device as the extract has it."""

    values: Mapping[str, str | None] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    findings: frozenset[str] = frozenset()
    certified: bool = True
    empty_hub: bool = False


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
    gone = {
        **{code: code.value not in found.findings for code in ASSOCIATION_FINDINGS},
        Cause.MAP_BLANK: found.values.get("map_id") is not None,
        Cause.STALE_PENDING: found.values.get("status") != "Pending",
        Cause.NO_CPL: found.certified,
        Cause.EMPTY_HUB: not found.empty_hub,
    }
    return gone.get(Cause(cause)) if cause in Cause.__members__ else None


ASSOCIATION_FINDINGS: Final = (
    Cause.CHECK_DIGIT,
    Cause.E080413,
    Cause.E080414,
    Cause.DUPLICATE,
    Cause.UNREGISTERED,
)


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
    cursor.execute(FACTS, {"day": day, "devices": list(devices)})
    found = {}
    for (
        device,
        maker,
        model,
        smets,
        variant,
        status,
        firmware,
        map_id,
        cpl,
        held,
        findings,
        empty,
    ) in cursor.fetchall():
        values = {
            "manufacturer": maker,
            "model": model,
            "smets_chts_version": smets,
            "esme_variant": variant,
            "status": status,
            "firmware_version": firmware,
            "map_id": map_id,
        }
        codes = frozenset((findings or "").split(";")) - {""}
        found[device] = Found(values, frozenset(held or ()), codes, cpl, empty)
    return found


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
