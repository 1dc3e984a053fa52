"""Rules between rows: keys once, periods apart, references resolved. All against the state that would result.

That state is, for a full extract, the package alone; for a delta, what is loaded less the deletions, with the
package's rows over it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from smi_portal.inventory.hands import COUNT, Hands
from smi_portal.inventory.loading import deletions
from smi_portal.inventory.loading.expressions import text
from smi_portal.inventory.loading.rejects import Rejects
from smi_portal.inventory.loading.rules import overlap_key
from smi_portal.inventory.loading.schema import TABLES, Reference, Table
from smi_portal.inventory.loading.session import Session, base, listed, same


def check(session: Session, rejects: Rejects, allowed: int) -> None:
    """Find every row that breaks a rule, leave it out, and look again: what rests on it falls with it.

    Stops early once more rows than `allowed` are rejected, since nothing will be loaded then.
    """
    present = [TABLES[name] for name in TABLES if name in session.staged]
    session.progress("checking keys, periods and references")
    apart: set[str] = set()
    for table in present:
        session.about(table.name, "keys")
        if not session.delta and overlap_key(table) and _is_apart(session, table):
            apart.add(table.name)
        else:
            _duplicates(session, rejects, table)
    deletions.check(session, rejects)
    while True:
        found = 0
        for table in present:
            session.about(table.name, "periods and references")
            if table.name not in apart:
                found += _overlaps(session, rejects, table)
            for reference in table.references:
                found += _dangling(session, rejects, table, reference)
        found += deletions.check_references(session, rejects)
        if not found or rejects.count() > allowed:
            return


def are_sound(session: Session, hands: Hands) -> bool:
    """Whether a full package breaks none of these rules, asked by several hands; `check` finds where one does."""
    session.progress(f"checking keys, periods and references, in {COUNT} hands")
    broken: list[str] = []
    present = [TABLES[name] for name in TABLES if name in session.staged]
    present.sort(key=lambda table: -session.staged[table.name].rows)

    def keys(table: Table, cursor: Any) -> None:
        mine = replace(session, cursor=cursor)
        mine.about(table.name, "keys")
        sound = _is_apart(mine, table) if overlap_key(table) else not _repeated_keys(mine, table)
        if not sound:
            broken.append(table.name)

    def references(table: Table, reference: Reference, cursor: Any) -> None:
        mine = replace(session, cursor=cursor)
        mine.about(table.name, "references")
        if mine.value(f"SELECT count(*) {_missing(mine, table, reference)}"):
            broken.append(table.name)

    tasks = [partial(keys, table) for table in present]
    hands.share([*tasks, *(partial(references, table, one) for table in present for one in table.references)])
    return not broken


def _key_text(table: Table, alias: str) -> str:
    return f"concat_ws(', ', {listed(alias, table.key)})"


def _duplicates(session: Session, rejects: Rejects, table: Table) -> None:
    key = ", ".join(table.key)
    if not _repeated_keys(session, table):
        return
    rejects.insert(
        table.name,
        f"SELECT n.row_no, {text(', '.join(table.key))} AS col, {_key_text(table, 'n')} AS value,"
        " 'duplicate' AS rule, n.first AS other, NULL AS detail"
        f" FROM (SELECT *, min(row_no) OVER (PARTITION BY {key}) AS first FROM new_{table.name}) n"
        " WHERE n.row_no <> n.first",
    )
    rejects.leave_out(table, f"stage_{table.name}")


def _repeated_keys(session: Session, table: Table) -> int:
    repeated = f"SELECT FROM new_{table.name} GROUP BY {', '.join(table.key)} HAVING count(*) > 1"
    return int(session.value(f"SELECT count(*) FROM ({repeated}) r"))


def _is_apart(session: Session, table: Table) -> bool:
    """Whether no two rows of a key share a day, nor their `effective_from`: one look at each row's neighbour."""
    keys = ", ".join(overlap_key(table))
    # Device IDs begin alike, so that sorting by a hash first takes half the time of sorting by the text.
    narrow = (
        f"SELECT hashtextextended({table.key[0]}, 0) AS hash, {keys}, effective_from,"
        f" coalesce(effective_to, 'infinity') AS until FROM new_{table.name} OFFSET 0"
    )
    before = f"lag(until) OVER (PARTITION BY hash, {keys} ORDER BY effective_from)"
    return not session.value(
        f"SELECT count(*) FROM (SELECT effective_from < {before} AS bad FROM ({narrow}) n) n WHERE bad"
    )


def _overlaps(session: Session, rejects: Rejects, table: Table) -> int:
    """Rows that share a day with an earlier row of their key, or (delta) with one that stays as it is."""
    group = overlap_key(table)
    if not group:
        return 0
    keys = ", ".join(group)
    rows = f"SELECT {keys}, effective_from, effective_to, row_no, false AS loaded FROM new_{table.name}"
    if session.delta:
        rows = _with_neighbours(session, table, group, rows)
    order = f"PARTITION BY {keys} ORDER BY effective_from"
    before = "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
    found = rejects.insert(
        table.name,
        f"SELECT r.row_no, 'effective_from' AS col, {_period_text('r', group)} AS value, 'overlap' AS rule,"
        " CASE WHEN r.effective_from < r.previous_to THEN r.previous"
        " WHEN coalesce(r.effective_to, 'infinity') > r.next_loaded THEN 0 END AS other, NULL AS detail"
        f" FROM (SELECT s.*, max(coalesce(effective_to, 'infinity')) OVER ({order} {before}) AS latest_to,"
        f" min(effective_from) FILTER (WHERE loaded) OVER ({order} DESC {before}) AS next_loaded,"
        f" lag(coalesce(effective_to, 'infinity')) OVER ({order}) AS previous_to,"
        f" lag(coalesce(row_no, 0)) OVER ({order}) AS previous FROM ({rows}) s) r"
        " WHERE NOT r.loaded AND (r.effective_from < r.latest_to"
        " OR coalesce(r.effective_to, 'infinity') > r.next_loaded)",
    )
    if found:
        rejects.leave_out(table, f"stage_{table.name}")
    return found


def _period_text(alias: str, group: tuple[str, ...]) -> str:
    period = f"{alias}.effective_from || ' to ' || coalesce({alias}.effective_to::text, '(open)')"
    return f"concat_ws(', ', {listed(alias, group)}, {period})"


def _with_neighbours(session: Session, table: Table, group: tuple[str, ...], rows: str) -> str:
    """The delta's rows with the loaded rows of their keys that stay as they are."""
    keys = ", ".join(group)
    stays = "true"
    if table.name in session.gone:
        stays = f"NOT EXISTS (SELECT FROM gone_{table.name} g WHERE {same('g', 'b', table.key)})"
    loaded = (
        f"SELECT {listed('b', group)}, b.effective_from, b.effective_to, NULL, true FROM {base(table.name)} b"
        f" JOIN (SELECT DISTINCT {keys} FROM new_{table.name}) t ON {same('t', 'b', group)} WHERE {stays}"
    )
    replaced = f"bool_or(NOT loaded) OVER (PARTITION BY {keys}, effective_from) AS replaced"
    both = f"SELECT u.*, {replaced} FROM ({rows} UNION ALL {loaded}) u"
    columns = f"{keys}, effective_from, effective_to, row_no, loaded"
    return f"SELECT {columns} FROM ({both}) v WHERE NOT (loaded AND replaced)"


def _dangling(session: Session, rejects: Rejects, table: Table, reference: Reference) -> int:
    """Rows whose reference names no row of the resulting state."""
    column = f"n.{reference.column}"
    missing = _missing(session, table, reference)
    # Counted, not EXISTS: the planner takes that for "stop early" and compares every row with every other.
    if not session.value(f"SELECT count(*) {missing}"):
        return 0
    lost = f"EXISTS (SELECT FROM load_lost l WHERE l.tbl = {text(reference.table)} AND l.key = {column})"
    found = rejects.insert(
        table.name,
        f"SELECT n.row_no, {text(reference.column)} AS col, {column} AS value,"
        f" CASE WHEN {lost} THEN 'rejected_reference' ELSE 'reference' END AS rule, NULL::bigint AS other,"
        f" {text(reference.table)} AS detail {missing}",
    )
    rejects.leave_out(table, f"stage_{table.name}")
    return found


def _missing(session: Session, table: Table, reference: Reference) -> str:
    """FROM and WHERE of the rows `n` without a parent: neither brought nor, in a delta, loaded and kept.

    Outer joins on unique keys, and no nested NOT EXISTS: those the planner takes for a row or two in the end.
    """
    name, on = reference.table, f"= n.{reference.column}"
    joins, missing = "", f"n.{reference.column} IS NOT NULL"
    if name in session.staged:
        joins += f" LEFT JOIN new_{name} p ON p.{reference.parent} {on}"
        missing += f" AND p.{reference.parent} IS NULL"
    if session.delta:
        joins += f" LEFT JOIN {base(name)} b ON b.{reference.parent} {on} AND {deletions.alive(name, 'b')}"
        kept = f"b.{reference.parent} IS NOT NULL"
        if name in session.gone:
            joins += f" LEFT JOIN gone_{name} g ON g.{reference.parent} {on}"
            kept += f" AND g.{reference.parent} IS NULL"
        missing += f" AND NOT ({kept})"
    return f"FROM new_{table.name} n{joins} WHERE {missing}"
