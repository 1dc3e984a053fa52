"""The defects of one load: kept in a temporary table, listed up to the operator's limit, written as CSV."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from smi_portal.database.state import make_state_directory, write_private
from smi_portal.inventory.loading.errors import SHOWN_VALUE, LoadRefused, Reject, shown
from smi_portal.inventory.loading.expressions import text
from smi_portal.inventory.loading.rules import MENDING
from smi_portal.inventory.loading.schema import Table
from smi_portal.inventory.loading.session import Session

HEADER: Final = ("file", "line", "column", "value", "rule", "how_to_mend")
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")


class Rejects:
    """What is wrong with the package. A row counts once, however many defects it has.

    `load_reject` holds the defects of rows that were staged: table, row, column, value, rule, `other` (the row
    that it collides with, 0 = one that is already loaded) and `detail` (what the mending sentence takes).
    """

    def __init__(self, session: Session, limit: int) -> None:
        self._session = session
        self.limit = limit
        self._unshaped: list[Reject] = []
        self._unshaped_count = 0
        session.execute(
            "CREATE TEMP TABLE load_reject (place serial, tbl text, row_no bigint, col text, value text, rule text,"
            " other bigint, detail text) ON COMMIT DROP;"
            ' CREATE TEMP TABLE load_lost (tbl text, key text COLLATE "C") ON COMMIT DROP'
        )

    def add(self, rejects: Sequence[Reject], count: int) -> None:
        """Defects of records that never reached the database (`rejects` may be cut to the limit)."""
        self._unshaped.extend(rejects[: self.limit - len(self._unshaped)])
        self._unshaped_count += count

    def insert(self, table: str, query: str) -> int:
        """Note defects of a staged table; `query` yields row_no, col, value, rule, other, detail."""
        return self._session.execute(
            "INSERT INTO load_reject (tbl, row_no, col, value, rule, other, detail)"
            f" SELECT {text(table)}, q.row_no, q.col, left(q.value, {SHOWN_VALUE + 1}), q.rule, q.other, q.detail"
            f" FROM ({query}) q ORDER BY q.row_no"
        )

    def leave_out(self, table: Table, source: str) -> None:
        """Take a table's rejected rows out of `source`, remembering the keys that others may refer to."""
        mine = f"row_no IN (SELECT row_no FROM load_reject WHERE tbl = {text(table.name)})"
        if len(table.key) == 1:
            self._session.execute(
                f"INSERT INTO load_lost SELECT {text(table.name)}, {table.key[0]} FROM {source} WHERE {mine}"
            )
        self._session.execute(f"DELETE FROM {source} WHERE {mine}")

    def count(self) -> int:
        """How many rows have a defect."""
        return self._unshaped_count + int(
            self._session.value("SELECT count(*) FROM (SELECT DISTINCT tbl, row_no FROM load_reject) r")
        )

    def by_table(self) -> dict[str, int]:
        """How many rows of each table are left out."""
        counts = {name: staged.bad for name, staged in self._session.staged.items()}
        for table, count in self._session.rows(
            "SELECT tbl, count(DISTINCT row_no) FROM load_reject GROUP BY 1"
        ):
            counts[table] = counts.get(table, 0) + count
        return counts

    def by_rule(self) -> dict[str, int]:
        """How many defects of each kind were found (those of unshaped records up to the limit)."""
        counts = dict(self._session.rows("SELECT rule, count(*) FROM load_reject GROUP BY 1"))
        for reject in self._unshaped:
            counts[reject.rule] = counts.get(reject.rule, 0) + 1
        return counts

    def listing(self) -> list[Reject]:
        """The defects, by table and line, up to the limit."""
        found = self._session.rows(
            "SELECT tbl, row_no, col, value, rule, other, detail FROM load_reject"
            f" ORDER BY place LIMIT {int(self.limit)}"
        )
        order = list(self._session.staged)
        rejects = self._unshaped + [self._reject(*row) for row in found]
        files = {self._session.staged[name].file: place for place, name in enumerate(order)}
        rejects.sort(key=lambda reject: (files.get(reject.file, -1), reject.line or 0))
        return rejects[: self.limit]

    def _reject(
        self, table: str, row: int, column: str, value: str | None, rule: str, other: int | None, detail: Any
    ) -> Reject:
        staged = self._session.staged[table]
        what = str(detail or "")
        if rule == "duplicate":
            what = f" (line {staged.lines.line(other)})" if other else ""
        elif rule == "overlap":
            what = "an earlier row" if other is None else "a row that is already loaded"
            what = f"the row of line {staged.lines.line(other)}" if other else what
        line = staged.lines.line(row)
        return Reject(staged.file, line, column, shown(value or ""), rule, MENDING[rule].format(what))


def write(path: Path, rejects: Sequence[Reject]) -> None:
    """Write the list as CSV for people, readable by its owner only: it may hold personal data.

    A value that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(HEADER)
    for reject in rejects:
        line = "" if reject.line is None else reject.line
        cells = (reject.file, line, _inert(reject.column), _inert(reject.value), reject.rule, reject.mend)
        writer.writerow(cells)
    try:
        write_private(path, target.getvalue())
    except OSError as error:
        first = f" The first: {rejects[0]}" if rejects else ""
        raise LoadRefused(f"Cannot list the rejects in {path}: {error.strerror}.{first}", rejects) from error


def _inert(value: str) -> str:
    return "'" + value if value.startswith(FORMULA_SIGNS) else value


def default_path(package: Path) -> Path:
    """`<package>.rejects.csv` beside the package, or in the state directory where that cannot be written."""
    name = package.resolve().name.removesuffix(".zip") + ".rejects.csv"
    beside = package.resolve().parent
    return (beside if os.access(beside, os.W_OK) else make_state_directory()) / name
