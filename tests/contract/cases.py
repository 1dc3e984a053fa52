"""Every registered report × everyone who may run it: what the contract is checked for.

That is the catalogue, and the reports that have pages of their own. LIST_001 is about a list of identifiers, which each
organisation has under the same reference (`lists.make_lists`): every question to it names that list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from reports.engine.ask import Ask
from reports.engine.columns import Column
from reports.engine.report import Report, every_report
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer
from tests.contract.lists import REFERENCE
from tests.support.asking import ask_of, table, viewer_of
from tests.support.people import RELEASED, VIEWERS

ROLES = {
    "M1": Role.MAP,
    "M2": Role.MAP,
    "S1": Role.SUPPLIER,
    "S2": Role.SUPPLIER,
    "DCC": Role.DCC,
    "SECAS": Role.SECAS,
}


@dataclass(frozen=True)
class Case:
    """One report as one organisation asks for it."""

    report: Report
    organisation: str

    def __str__(self) -> str:
        return f"{self.report.code}-{self.organisation}"

    @property
    def viewer(self) -> Viewer:
        """The organisation's viewer. Needs the database."""
        found = viewer_of(self.organisation, RELEASED.get(self.organisation, ()))
        assert found is not None
        return found

    @property
    def always(self) -> dict[str, str]:
        """What every question to the report must say."""
        return {"devices": REFERENCE} if self.report.code == "LIST_001" else {}

    def address(self, query: str = "", file: str = "") -> str:
        """The report's page, or a file of it, asked this question."""
        asked = "&".join(filter(None, [urlencode(self.always), query]))
        return f"/reports/{self.report.code}/{file}?{asked}"

    @property
    def options(self) -> list[str]:
        """The same for the command."""
        return [part for key, value in self.always.items() for part in ("--input", f"{key}={value}")]

    def ask(self, **given: str | Sequence[str] | None) -> Ask:
        """A parsed question."""
        return ask_of(self.viewer, self.report.code, **{**self.always, **given})

    def table(self, **given: str | Sequence[str] | None) -> list[list[str]]:
        """Header and rows of the machine CSV."""
        return table(self.viewer, self.report.code, **{**self.always, **given})

    def columns(self, history: bool = False) -> tuple[Column, ...]:
        """The columns that exist for this viewer."""
        return self.report.columns_for(self.viewer, history)

    def rows(self, **given: str | Sequence[str] | None) -> list[list[str]]:
        """The machine CSV's rows."""
        header, *rows = self.table(**given)
        assert header == [column.key for column in self.columns(bool(given.get("history")))]
        return rows

    def records(self, **given: str | Sequence[str] | None) -> list[dict[str, str]]:
        """The same, by column key."""
        keys = [column.key for column in self.columns(bool(given.get("history")))]
        return [dict(zip(keys, row, strict=True)) for row in self.rows(**given)]


ALL = [Case(report, organisation) for report in every_report() for organisation in VIEWERS]
CASES = [case for case in ALL if ROLES[case.organisation] in case.report.roles]
REFUSED = [case for case in ALL if case not in CASES]
#: One viewer of each role (for a MAP the one without releases): for what depends on the role alone.
ONE_A_ROLE = [case for case in CASES if case.organisation in {"M2", "S1", "DCC", "SECAS"}]
#: What programs are offered: the catalogue.
LISTED = [case for case in CASES if case.report.listed]
LISTED_ONE_A_ROLE = [case for case in ONE_A_ROLE if case.report.listed]
#: One viewer with many rows for each report, for what depends on the report alone.
WIDEST = [Case(report, "DCC") for report in every_report()]
