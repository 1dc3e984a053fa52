"""What a token can cover: every report that the person may run, and the lists that are no reports."""

from __future__ import annotations

from dataclasses import dataclass

from reports.engine.report import REGISTRY, report_for, reports_for
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer
from smi_portal.portfolio.asking import PARTIES, ROLES


@dataclass(frozen=True)
class Cover:
    """Something that a token can open: its code, its title, and for whom it is."""

    code: str
    title: str
    roles: frozenset[Role]


#: Beside the reports, which are in the catalogue.
CHANGES = Cover("CHANGES", "Change feed", ROLES)
RENTAL = Cover("RENTAL_DAYS", "Rental days", ROLES)
RECONCILE = Cover("RECONCILE", "Reconcile a ledger", PARTIES)
#: For those who send service requests.
PREFLIGHT = Cover("PREFLIGHT", "Pre-flight of service requests", PARTIES)
LISTS = (CHANGES, RENTAL, RECONCILE, PREFLIGHT)


def offered_to(viewer: Viewer) -> list[tuple[str, str]]:
    """(code, words) of all that this viewer's tokens can cover."""
    # Read Inventory is in no catalogue, but programs look devices up too.
    inventory = [found for found in [report_for("SRV_8_2")] if found and viewer.role in found.roles]
    reports = [
        (report.code, f"{report.code} {report.title}") for report in [*reports_for(viewer), *inventory]
    ]
    return reports + [(one.code, f"{one.code} {one.title}") for one in LISTS if viewer.role in one.roles]


def title_of(code: str) -> str:
    """The title behind a code that some token covers."""
    titles = {report.code: report.title for report in REGISTRY.values()}
    titles |= {one.code: one.title for one in LISTS}
    return titles.get(code, "no longer exists")
