"""Checking every chain, link by link: memory stays flat however long the record is."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from smi_portal.audit.models import AuditEntry
from smi_portal.audit.sealing import is_sealed
from smi_portal.audit.witness import Head


@dataclass
class Findings:
    """What a verification found. `unwitnessed`: chains of which no head was kept outside the database."""

    entries: int = 0
    chains: int = 0
    unwitnessed: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing was changed, added, taken away or put elsewhere."""
        return not self.problems


def verify(using: str, heads: Mapping[uuid.UUID, Head]) -> Findings:
    """Check the whole record against its seals and against the heads witnessed outside the database.

    Take `heads` before calling: what is written meanwhile is then no more than a chain that goes on.
    """
    findings = Findings()
    known = set()
    entries = AuditEntry.objects.using(using).order_by("chain", "n").iterator(chunk_size=2000)
    for chain, links in groupby(entries, key=lambda entry: entry.chain):
        known.add(chain)
        findings.chains += 1
        _chain(chain, links, heads.get(chain), findings)
    for chain, head in heads.items():
        if chain not in known:
            findings.problems.append(f"Chain {chain}: all {head.n:,} entries are missing.")
    return findings


def _chain(chain: uuid.UUID, links: Iterator[AuditEntry], head: Head | None, findings: Findings) -> None:
    problems = findings.problems
    n, mac = 0, ""
    reached: str | None = None
    for link in links:
        findings.entries += 1
        where = f"Chain {chain}, entry {link.n:,} ({link.at:%Y-%m-%d %H:%M:%S} UTC)"
        if not is_sealed(link):
            problems.append(f"{where}: was changed, moved or added by someone without the key.")
        if link.n != n + 1:
            problems.append(f"{where}: {_missing(n + 1, link.n - 1)} missing before it.")
        elif link.previous != mac:
            problems.append(f"{where}: does not follow from the entry before it.")
        n, mac = link.n, link.mac
        if head is not None and link.n == head.n:
            reached = link.mac
    if head is None:
        findings.unwitnessed += 1
    elif not head.genuine:
        problems.append(f"Chain {chain}: the witness of its head was tampered with.")
    elif n < head.n:
        problems.append(f"Chain {chain}: {_missing(n + 1, head.n)} missing at its end.")
    elif reached != head.mac:
        problems.append(f"Chain {chain}, entry {head.n:,}: is not the one that was witnessed.")


def _missing(first: int, last: int) -> str:
    return f"entry {first:,} is" if first == last else f"entries {first:,} to {last:,} are"
