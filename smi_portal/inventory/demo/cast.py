"""The demo's cast: invented organisations, their market identifiers, and the part each plays in the backfill.

Codes are fixed, so that the demo's logins and the backfill's declarations can name them.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from smi_portal.inventory.demo.days import number

DCC: Final = "DCC"
SECAS: Final = "SECAS"
OTHER: Final = "OTH-GRIDLIGHT"
FIRST_REGISTRATION: Final = date(2011, 3, 1)
"""The day from which the demo's MPxNs are first registered; before nearly every smart meter."""
PANEL_DAY: Final = date(2019, 4, 30)
"""The day by which the demo's Panel wants the backfill finished."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """A party of the demo: its code, name, kind (as in organisations.csv), and whether it is a DCC User."""

    code: str
    name: str
    kind: str
    is_user: bool = True


@dataclass(frozen=True, slots=True)
class Party:
    """A supplier or MAP with its share of the market and its identifiers, the one most used first."""

    organisation: Organisation
    share: float
    electricity: tuple[str, ...]
    gas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Backfiller:
    """How a supplier backfills MAP IDs: window, share it will ever do, share refused, and what goes wrong.

    `bursts` are days which together take `burst_share` of its requests; `lost_on` is the day on which
    `lost_share` of the MAP IDs it had set by then disappeared again.
    """

    first: date
    last: date
    share: float = 0.985
    refusals: float = 0.07
    bursts: tuple[date, ...] = ()
    burst_share: float = 0.0
    lost_on: date | None = None
    lost_share: float = 0.0


def _supplier(code: str, name: str, rank: int, e: str, g: str, *, is_user: bool = True) -> Party:
    organisation = Organisation(f"SUP-{code}", name, "SUPPLIER", is_user)
    return Party(organisation, 1.0 / rank, tuple(e.split()), tuple(g.split()))


def _map(code: str, name: str, share: float, e: str, g: str, *, is_user: bool = True) -> Party:
    organisation = Organisation(f"MAP-{code}", name, "MAP", is_user)
    return Party(organisation, share, tuple(e.split()), tuple(g.split()))


# Shares follow Zipf's law, as a market of a few large and many small suppliers does.
SUPPLIERS: Final = (
    _supplier("BRIGHTWATER", "Brightwater Energy", 1, "BW1E BW2E BW3E", "BW1 BW2"),
    _supplier("LARKFIELD", "Larkfield Power", 2, "LK1E LK2E", "LK1 LK2"),
    _supplier("HALCYONVALE", "Halcyon Vale Energy", 3, "HV1E", "HV1"),
    _supplier("FENMARSH", "Fenmarsh Gas and Power", 4, "FM1E", "FM1 FM2"),
    _supplier("COPPERGATE", "Coppergate Supply", 5, "CG1E CG2E", "CG1"),
    _supplier("THISTLEDOWN", "Thistledown Utilities", 6, "TD1E", "TD1"),
    _supplier("OAKHOLLOW", "Oakhollow Energy", 7, "OH1E", "OH1"),
    _supplier("MERESIDE", "Mereside Heat and Light", 8, "MS1E", "MS1"),
    _supplier("GREYSTONES", "Greystones Power", 9, "GS1E", "GS1"),
    _supplier("CURLEWDALE", "Curlewdale Energy", 10, "CD1E", "CD1"),
    _supplier("WILLOWBROOK", "Willowbrook Supply", 11, "WB1E WB2E", "WB1"),
    _supplier("EMBERLANE", "Emberlane Energy", 12, "EL1E", "EL1", is_user=False),
)

MAPS: Final = (
    _map("NORTHMOOR", "Northmoor Metering Assets", 0.34, "NM1E NM2E", "NM1"),
    _map("SEVERN", "Severnside Meter Funding", 0.22, "SV1E", "SV1"),
    _map("TREEFALL", "Treefall Meter Leasing", 0.12, "TF1E TF2E", "TF1"),
    _map("CAIRNGATE", "Cairngate Asset Finance", 0.10, "CN1E", "CN1"),
    _map("DOVEDALE", "Dovedale Metering", 0.08, "DV1E", "DV1"),
    _map("ASHLOCK", "Ashlock Gas Meter Company", 0.25, "", "AK1"),
    _map("PENFOLD", "Penfold Meter Rentals", 0.05, "PF1E", "PF1"),
    _map("QUARRYHILL", "Quarryhill Assets", 0.03, "QH1E", "QH1", is_user=False),
)

ORGANISATIONS: Final = (
    Organisation(DCC, "DCC operator (synthetic)", "DCC"),
    Organisation(SECAS, "SECAS code administrator (synthetic)", "SECAS"),
    Organisation(OTHER, "Gridlight Analytics", "OTHER"),
    *(party.organisation for party in (*SUPPLIERS, *MAPS)),
)

BACKFILLERS: Final[dict[str, Backfiller]] = {
    "SUP-BRIGHTWATER": Backfiller(date(2018, 11, 19), date(2019, 4, 5)),
    "SUP-LARKFIELD": Backfiller(date(2018, 11, 19), date(2019, 4, 18)),
    # sends far more than its even pace on three days
    "SUP-HALCYONVALE": Backfiller(
        date(2018, 11, 20),
        date(2019, 4, 26),
        bursts=(date(2018, 12, 12), date(2019, 1, 9), date(2019, 1, 23)),
        burst_share=0.36,
    ),
    # the early finisher
    "SUP-FENMARSH": Backfiller(date(2018, 11, 16), date(2018, 12, 14), share=1.0, refusals=0.02),
    # MAP IDs lost again
    "SUP-COPPERGATE": Backfiller(
        date(2018, 11, 19), date(2019, 3, 29), lost_on=date(2019, 1, 14), lost_share=0.35
    ),
    # declared late, began late, and will not finish by the Panel's day
    "SUP-THISTLEDOWN": Backfiller(date(2018, 12, 17), date(2019, 6, 28)),
    # stalled since December
    "SUP-OAKHOLLOW": Backfiller(date(2018, 11, 19), date(2018, 12, 7), share=0.4, refusals=0.15),
    "SUP-MERESIDE": Backfiller(date(2018, 11, 19), date(2019, 4, 12)),
    "SUP-GREYSTONES": Backfiller(date(2018, 11, 22), date(2019, 3, 15)),
    "SUP-CURLEWDALE": Backfiller(date(2018, 11, 19), date(2019, 4, 26), refusals=0.3),
    "SUP-WILLOWBROOK": Backfiller(date(2018, 11, 26), date(2019, 4, 12)),
}

# Two identifiers that changed hands: (mpid, from organisation, day, to organisation).
MAP_MOVED: Final = "TF2E"
MAP_MOVED_ON: Final = date(2019, 1, 1)
MAP_MOVED_TO: Final = "MAP-NORTHMOOR"
SUPPLIER_MOVED: Final = "WB2E"
SUPPLIER_MOVED_ON: Final = date(2018, 12, 17)
SUPPLIER_MOVED_TO: Final = "SUP-LARKFIELD"

# Identifiers in use that MDD knows badly or not at all; keys name the oddity.
ODD_SUPPLIERS: Final = {
    "unknown": ("QX9E", "QX9"),
    "no_organisation": ("NV1E", "NV1"),
    "dead": ("HV0E", "HV0"),
}
ODD_MAPS: Final = {
    "unknown": ("XX7E", "XX7"),  # no MDD row at all
    "dead": ("OM1E", "OM1"),  # its MDD row ended in 2017
    "dummy": ("ZZZZ", "ZZZ"),  # a placeholder without an organisation
    "late": ("LT1E", "LT1"),  # its MDD row begins after the meters already carry it
    "new": ("LT2E", "LT2"),  # its MDD row arrives with the delta
}


def owner_of_supplier(mpid: str, day: int) -> str | None:
    """Return the organisation that owns a supplier MPID on a day number; None when MDD names none."""
    if mpid == SUPPLIER_MOVED and day >= number(SUPPLIER_MOVED_ON):
        return SUPPLIER_MOVED_TO
    return _SUPPLIER_OWNERS.get(mpid)


_SUPPLIER_OWNERS: Final = {
    mpid: party.organisation.code for party in SUPPLIERS for mpid in (*party.electricity, *party.gas)
}
