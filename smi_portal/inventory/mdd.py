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


def known(map_id: str, more: str = "") -> str:
    """MDD has an entry of the MAP ID, on any day, of any fuel, that `more` holds for."""
    return (
        f"EXISTS (SELECT FROM inventory_participant mdd WHERE mdd.role = 'MAP' AND mdd.mpid = {map_id}{more})"
    )


def unknown(map_id: str) -> str:
    """MDD has no entry of it at all."""
    return f"{map_id} IS NOT NULL AND NOT {known(map_id)}"


def ended(map_id: str, day: str) -> str:
    """Entries had begun by that day, and none is in force."""
    began = f" AND mdd.effective_from <= {day}"
    in_force = f"{began} AND (mdd.effective_to IS NULL OR mdd.effective_to > {day})"
    return f"{map_id} IS NOT NULL AND {known(map_id, began)} AND NOT {known(map_id, in_force)}"


def not_begun(map_id: str, day: str) -> str:
    """MDD knows it, but no entry had begun by that day."""
    began = f" AND mdd.effective_from <= {day}"
    return f"{map_id} IS NOT NULL AND {known(map_id)} AND NOT {known(map_id, began)}"


def wrong_fuel(map_id: str, meter: str) -> str:
    """MDD knows the MAP ID, but never for this meter's fuel (RSMI_006's FUEL)."""
    own = f" AND mdd.fuel = '{FUELS[meter]}'"
    return f"{known(map_id)} AND NOT {known(map_id, own)}"
