"""What a load did: for the person at the terminal, and for the record of loads."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from smi_portal.inventory.loading.apply import Changes


@dataclass(frozen=True)
class Example:
    """One place of a soft finding."""

    line: int
    value: str


@dataclass(frozen=True)
class Finding:
    """A soft finding: the rows loaded all the same. `private`: its values may tell of homes and devices."""

    kind: str
    table: str
    column: str
    count: int
    meaning: str
    private: bool
    examples: tuple[Example, ...] = ()


@dataclass
class LoadReport:
    """What came in, what it changed, what looked odd, and how long each stage took (seconds)."""

    extract_id: str
    sequence: int
    kind: str
    as_at: datetime
    already_loaded: bool = False
    tables: dict[str, Changes] = field(default_factory=dict)
    rows_in: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    rejects_by_rule: dict[str, int] = field(default_factory=dict)
    rejects_file: Path | None = None
    findings: list[Finding] = field(default_factory=list)
    rebuilt_everything: bool = False
    events: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The report as the site keeps it. Examples keep their values only where those concern no home or device,
        since every signed-in reader may see which extract is loaded."""
        return {
            "rows": {
                name: {
                    **asdict(change),
                    "rows": self.rows_in.get(name, 0),
                    "rejected": self.rejected.get(name, 0),
                }
                for name, change in self.tables.items()
            },
            "rejects": self.rejects_by_rule,
            "findings": [_finding_json(finding) for finding in self.findings],
            "rebuilt_everything": self.rebuilt_everything,
            "seconds": {name: round(seconds, 2) for name, seconds in self.seconds.items()},
        }

    def as_text(self) -> str:
        """The report for a terminal."""
        as_at = f"{self.as_at:%Y-%m-%dT%H:%M:%SZ}"
        title = f"Extract {self.extract_id}, sequence {self.sequence}, {self.kind}, as at {as_at}"
        if self.already_loaded:
            return f"{title}: this very package was already loaded. Nothing to do."
        lines = [
            title,
            "",
            _row("table", "rows in", "inserted", "changed", "unchanged", "deleted", "rejected"),
        ]
        for name, change in self.tables.items():
            counts = (
                change.inserted,
                change.changed,
                change.unchanged,
                change.deleted,
                self.rejected.get(name, 0),
            )
            lines.append(_row(name, *(f"{n:,}" for n in (self.rows_in.get(name, 0), *counts))))
        if self.rejected.get("deletions") or self.rows_in.get("deletions"):
            lines.append(
                f"deletions: {self.rows_in['deletions']:,} rows, {self.rejected.get('deletions', 0):,} rejected"
            )
        if self.rejects_file:
            lines += ["", f"Rejected rows were left out; they are listed in {self.rejects_file}."]
        lines += ["", f"Change feed: {self.events:,} events, over all who read it."]
        lines += ["", *self._finding_lines(), ""]
        lines.append(
            "Seconds: " + ", ".join(f"{name} {seconds:.1f}" for name, seconds in self.seconds.items())
        )
        return "\n".join(lines)

    def _finding_lines(self) -> list[str]:
        if not self.findings:
            return ["No soft findings."]
        lines = ["Soft findings (loaded all the same):"]
        for finding in self.findings:
            examples = ", ".join(f"line {e.line} {e.value!r}" for e in finding.examples[:3])
            lines.append(
                f"  {finding.count:>9,}  {finding.table}.{finding.column}: {finding.meaning} ({examples}, …)"
            )
        return lines


def _row(name: str, *cells: str) -> str:
    return f"{name:<18}" + "".join(f"{cell:>12}" for cell in cells)


def _finding_json(finding: Finding) -> dict[str, Any]:
    examples = [
        {"line": example.line} if finding.private else {"line": example.line, "value": example.value}
        for example in finding.examples
    ]
    return {
        "kind": finding.kind,
        "table": finding.table,
        "column": finding.column,
        "count": finding.count,
        "meaning": finding.meaning,
        "examples": examples,
    }
