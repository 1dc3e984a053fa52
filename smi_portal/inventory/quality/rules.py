"""The conditions of data quality, declared once: the report lists by them, the load counts by them.

A condition looks at a row of a period table in force on a day (alias p). It names no column that some viewer of
the row may not read, save where `roles` leaves that viewer out. `{day}` stands for the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from smi_portal.access.readers import Role
from smi_portal.inventory import mdd

#: Days after which a device that is still Pending is stale (our design: no public document says).
STALE_DAYS: Final = 90
METER: Final = "p.device_type IN ('ESME', 'GSME')"
LIVE: Final = "(p.status IS NULL OR p.status NOT IN ('Decommissioned', 'Withdrawn'))"
EVERYONE: Final = frozenset({Role.MAP, Role.SUPPLIER, Role.DCC})


class Source(StrEnum):
    """The period table that a condition looks at."""

    ASSET = "inventory_assetperiod"
    ASSOCIATION = "inventory_associationperiod"
    HUB = "inventory_emptyhubperiod"


@dataclass(frozen=True)
class Rule:
    """A condition that a device can break. `value`: what about the row breaks it, as SQL (never NULL)."""

    code: str
    title: str
    meaning: str
    mend: str
    source: Source
    condition: str
    value: str
    roles: frozenset[Role] = EVERYONE


def _associated(code: str, title: str, meaning: str, mend: str, roles: frozenset[Role] = EVERYONE) -> Rule:
    """One of the DP213 conditions that the association's own periods carry (RSMI_006)."""
    condition = f"'{code}' = ANY (string_to_array(p.finding, ';'))"
    return Rule(code, title, meaning, mend, Source.ASSOCIATION, condition, "p.kind || ' ' || p.mpxn", roles)


RULES: Final[Sequence[Rule]] = (
    _associated(
        "CHECK_DIGIT",
        "Wrong check digit",
        "The MPxN's check digit does not fit its other digits, or the MPxN is not of the device's fuel.",
        "Compare it with the industry's registration data, and send an Update Inventory (SRV 8.4) with the right one.",
    ),
    _associated(
        "E080413",
        "MPxN unfit for the device",
        "An MPxN of this kind cannot stand on a device of this type or variant.",
        "Remove the association, or put it on the right device, by SRV 8.4.",
    ),
    _associated(
        "E080414",
        "MPxN on a device in an unfit status",
        "An MPxN is expected only on a Whitelisted, InstalledNotCommissioned or Commissioned device.",
        "Bring the device's status up to date, or remove the association.",
    ),
    _associated(
        "DUPLICATE",
        "Same MPxN on another meter",
        "Another live meter has the same MPxN of the same kind.",
        "Find out which of the meters is on the wall; the other's association or status is stale.",
    ),
    _associated(
        "UNREGISTERED",
        "MPxN without a supplier",
        "No supplier is registered for the MPxN on this day.",
        "Compare the MPxN with the industry's registration data: mostly it is mistyped, or the home is vacant.",
        frozenset({Role.MAP, Role.DCC}),
    ),
    Rule(
        "UNREGISTERED",
        "MPxN without a supplier",
        "No supplier is registered for the MPxN of a meter that you pre-notified.",
        "Compare the MPxN with the industry's registration data: mostly it is mistyped, or the home is vacant.",
        Source.ASSET,
        f"{METER} AND p.mpxn IS NOT NULL AND p.supplier_id IS NULL",
        "p.mpxn",
        frozenset({Role.SUPPLIER}),
    ),
    Rule(
        "MAP_BLANK",
        "No MAP ID",
        "The meter carries no MAP ID, so no Meter Asset Provider sees it.",
        "Send an Update Inventory (SRV 8.4) with the MAP ID: this is the backfill.",
        Source.ASSET,
        f"{METER} AND p.map_id IS NULL AND {LIVE}",
        "''",
        frozenset({Role.SUPPLIER, Role.DCC}),
    ),
    Rule(
        "MAP_UNKNOWN",
        "MAP ID not in MDD",
        f"On this day {mdd.MEANINGS['map_unknown']}.",
        "Compare it with the MAP's own MPID; a MAP that is new to the industry must be entered in MDD first.",
        Source.ASSET,
        mdd.unknown("p.map_id"),
        "p.map_id",
    ),
    Rule(
        "MAP_ENDED",
        "MAP ID ended in MDD",
        f"Looked at on this day, {mdd.MEANINGS['map_ended']}.",
        "Ask who took the assets over, and send the new MAP ID by SRV 8.4.",
        Source.ASSET,
        mdd.ended("p.map_id", "{day}"),
        "p.map_id",
    ),
    Rule(
        "MAP_NOT_BEGUN",
        "MAP ID not yet effective in MDD",
        f"Looked at on this day, {mdd.MEANINGS['map_not_begun']}.",
        "Ask the MAP for the MPID that holds now; or wait for the entry to begin.",
        Source.ASSET,
        mdd.not_begun("p.map_id", "{day}"),
        "p.map_id",
    ),
    Rule(
        "FUEL",
        "MAP ID of the other fuel",
        "MDD knows the MAP ID, but never for this meter's fuel.",
        "Put the MAP's ID for this fuel on the meter, by SRV 8.4.",
        Source.ASSET,
        " OR ".join(
            f"(p.device_type = '{meter}' AND {mdd.wrong_fuel('p.map_id', meter)})" for meter in mdd.FUELS
        ),
        "p.map_id",
    ),
    Rule(
        "NO_CPL",
        "Not on the Certified Products List",
        "No entry of the list has this type, variant, manufacturer, model and firmware.",
        "Compare manufacturer, model and firmware with the list: mostly one of them is mistyped (SRV 8.4 mends it).",
        Source.ASSET,
        f"p.cpl_id IS NULL AND p.device_type NOT IN ('IHD', 'CAD') AND {LIVE}",
        "concat_ws(' / ', p.manufacturer, p.model, p.firmware_version)",
    ),
    Rule(
        "STALE_PENDING",
        "Pending for long",
        f"The device has been Pending for {STALE_DAYS} days or more (our design).",
        "If it was installed, its status was lost on the way; if it never was, delete the pre-notification.",
        Source.ASSET,
        f"p.status = 'Pending' AND p.status_from <= {{day}} - {STALE_DAYS}",
        "'since ' || p.status_from",
    ),
    Rule(
        "EMPTY_HUB",
        "Hub without devices",
        "No device but a GPF is linked to this Communications Hub (RSMI_004).",
        "If the home's devices moved to another hub, this one should be decommissioned or withdrawn.",
        Source.HUB,
        "true",
        "coalesce('since ' || p.empty_since, 'never had one')",
    ),
)


def rules_for(role: Role) -> list[Rule]:
    """The conditions that a role's assets are looked at for."""
    return [rule for rule in RULES if role in rule.roles]


def of_source(rules: Sequence[Rule], source: Source) -> list[Rule]:
    """Those that look at one table."""
    return [rule for rule in rules if rule.source is source]


def broken(rules: Sequence[Rule]) -> str:
    """A lateral item `f (code)`: one row for each of these conditions that row `p` breaks."""
    return f"{broken_codes(rules)} f (code)"


def broken_codes(rules: Sequence[Rule]) -> str:
    """The codes of these conditions that row `p` breaks, a row each: to stand in a SELECT's list."""
    cases = ", ".join(f"CASE WHEN {rule.condition} THEN '{rule.code}' END" for rule in rules)
    return f"unnest(array_remove(ARRAY[{cases}]::text[], NULL))"


def value(rules: Sequence[Rule]) -> str:
    """What about row `p` breaks the condition `f.code`."""
    cases = " ".join(f"WHEN '{rule.code}' THEN {rule.value}" for rule in rules)
    return f"coalesce(CASE f.code {cases} END, '')"
