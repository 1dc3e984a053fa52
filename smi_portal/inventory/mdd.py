"""What Market Domain Data says of a MAP ID, as SQL conditions: declared once for the load's findings and the pages.

Each takes an SQL expression for the MAP ID, and where it matters one for the day. MDD is known to hold dead and late
entries, so what fails is told, never refused.
"""

from __future__ import annotations

from typing import Final

#: Kind of finding → what it means.
MEANINGS: Final = {
    "map_unknown": "the MAP ID is not in MDD",
    "map_ended": "every MDD entry of the MAP ID had ended by then",
    "map_not_begun": "the MDD entry of the MAP ID had not begun by then",
}
#: Meter → the fuel of its MAP ID, as MDD codes it.
FUELS: Final = {"ESME": "E", "GSME": "G"}


def known(map_id: str, more: str = "", by_row: bool = False) -> str:
    """MDD has an entry of the MAP ID, on any day, of any fuel, that `more` holds for.

    `by_row`: `more` asks something of the row too. Otherwise PostgreSQL makes one hash of the answer, for all rows
    and in each of its workers.
    """
    found = f"FROM inventory_participant mdd WHERE mdd.role = 'MAP'{more}"
    return (
        f"EXISTS (SELECT {found} AND mdd.mpid = {map_id})"
        if by_row
        else f"{map_id} IN (SELECT mdd.mpid {found})"
    )


def unknown(map_id: str) -> str:
    """MDD has no entry of it at all."""
    return f"{map_id} IS NOT NULL AND NOT {known(map_id)}"


def ended(map_id: str, day: str, by_row: bool = False) -> str:
    """Entries had begun by that day, and none is in force. `by_row`: the day is not the same for all rows."""
    began = f" AND mdd.effective_from <= {day}"
    in_force = f"{began} AND (mdd.effective_to IS NULL OR mdd.effective_to > {day})"
    return (
        f"{map_id} IS NOT NULL AND {known(map_id, began, by_row)} AND NOT {known(map_id, in_force, by_row)}"
    )


def not_begun(map_id: str, day: str, by_row: bool = False) -> str:
    """MDD knows it, but no entry had begun by that day. `by_row`: the day is not the same for all rows."""
    began = f" AND mdd.effective_from <= {day}"
    return f"{map_id} IS NOT NULL AND {known(map_id)} AND NOT {known(map_id, began, by_row)}"


def wrong_fuel(map_id: str, meter: str) -> str:
    """MDD knows the MAP ID, but never for this meter's fuel (RSMI_006's FUEL)."""
    own = f" AND mdd.fuel = '{FUELS[meter]}'"
    return f"{known(map_id)} AND NOT {known(map_id, own)}"
