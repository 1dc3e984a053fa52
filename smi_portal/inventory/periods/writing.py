"""Writes the period rows of some devices: all of them where they are cut anew, else only those that differ.

A delta of a few changes reaches whole homes with all their past, which mostly stays as it was. What is not written
again costs no index entry and no log, and stays where the load put it (docs/decisions/0022).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    """A period table: its primary key, the columns that are written, and the order that rows of one part stand in."""

    table: str
    key: tuple[str, ...]
    columns: str
    order: str

    @property
    def names(self) -> list[str]:
        """The columns, one by one."""
        return [name.strip() for name in self.columns.split(",")]


def write(cursor: Any, to: Target, select: str, devices: str, anew: bool) -> None:
    """Bring the rows of `devices` (a table with device_id) to what `select` gives, a column each of `to.columns`.

    `anew`: they have none.
    """
    names = ", ".join(to.names)
    if anew:
        cursor.execute(f"INSERT INTO {to.table} ({names}) {select} ORDER BY {to.order}")
        return
    same = " AND ".join(f"n.{name} = p.{name}" for name in to.key)
    rest = [name for name in to.names if name not in to.key]
    alike = f"({_of('n', rest)}) IS NOT DISTINCT FROM ({_of('p', rest)})"
    cursor.execute(f"CREATE UNLOGGED TABLE part_fresh ({names}) AS {select}")
    cursor.execute(f"CREATE INDEX ON part_fresh ({', '.join(to.key)}); ANALYZE part_fresh (device_id)")
    cursor.execute(
        f"DELETE FROM {to.table} p USING {devices} d WHERE d.device_id = p.device_id"
        f" AND NOT EXISTS (SELECT FROM part_fresh n WHERE {same} AND {alike})"
    )
    cursor.execute(
        f"INSERT INTO {to.table} ({names}) SELECT {names} FROM part_fresh n"
        f" WHERE NOT EXISTS (SELECT FROM {to.table} p WHERE {same}) ORDER BY {to.order}"
    )
    cursor.execute("DROP TABLE part_fresh")


def _of(alias: str, columns: list[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in columns)
