"""A party's findings load by load, from what each load counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from reports.engine.rows import rows
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer
from smi_portal.inventory.models import ExtractLoad, FindingCount
from smi_portal.lookup.views.common import question

#: Loads that a trend goes back.
MOST_LOADS = 30


@dataclass(frozen=True)
class Counted:
    """The findings of one load: code → how many; a code that is not there had none."""

    sequence: int
    day: date
    findings: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.findings.values())


def trend(viewer: Viewer) -> Sequence[Counted]:
    """The viewer's counts, oldest load first; empty before the first load that counted. Call inside its scope."""
    own = None if viewer.role is Role.DCC else viewer.organisation_id
    rows = FindingCount.objects.filter(organisation_ref=own)
    last = rows.filter(finding="").order_by("-sequence").values_list("sequence", flat=True)[:MOST_LOADS]
    loads: dict[int, dict[str, int]] = {}
    days: dict[int, date] = {}
    for sequence, day, code, findings in rows.filter(sequence__in=list(last)).values_list(
        "sequence", "day", "finding", "findings"
    ):
        days[sequence] = day
        loads.setdefault(sequence, {})
        if code:
            loads[sequence][code] = findings
    return [Counted(sequence, days[sequence], loads[sequence]) for sequence in sorted(loads)]


def current(viewer: Viewer, counted: Sequence[Counted]) -> dict[str, int]:
    """What the last load counted; for one that did not count, the list itself is counted. Call inside the scope."""
    load = ExtractLoad.current()
    if load and counted and counted[-1].sequence == load.sequence:
        return dict(counted[-1].findings)
    found = rows(question("DQ_001", viewer))
    return dict(found.query.order_by().values_list("finding").annotate(n=Count("*")))
