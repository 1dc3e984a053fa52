"""Who supplies an MPxN over the years: registrations with changes of supplier."""

from math import log
from typing import Final

from smi_portal.inventory.demo import cast
from smi_portal.inventory.demo.days import ISO, NEVER, number
from smi_portal.inventory.demo.home import Home, Periods
from smi_portal.inventory.demo.oddities import STEP

_MEAN_DAYS: Final = 1400
"""Mean days between changes of supplier: about one household in four changes each year."""

_SHORTEST: Final = 28
_ODD_MPIDS: Final = {
    "SUPPLIER_UNKNOWN": cast.ODD_SUPPLIERS["unknown"][0],
    "SUPPLIER_NO_ORGANISATION": cast.ODD_SUPPLIERS["no_organisation"][0],
    "SUPPLIER_DEAD": cast.ODD_SUPPLIERS["dead"][0],
    "SUPPLIER_MOVED": cast.SUPPLIER_MOVED,
}
_TURNS: Final = {
    "COS_RECENT": -18,
    "SCHEDULE_LOST": -70,
    "HISTORY_DELTA": -40,
    "COS_DELTA": 17,
    "COS_AND_STATUS": -25,
}
"""Planned changes of supplier, in days from the full extract's day."""


def supply(home: Home) -> tuple[Periods, Periods]:
    """Draw the electricity and the gas registrations of a home: (MPID, first day, day after the last).

    Three homes in four buy both fuels from one supplier and change on the same day.
    """
    random = home.random
    start = number(cast.FIRST_REGISTRATION) + int(random() * 1500)
    electricity = _planned(home, _chain(home, "E", start))
    gas_of = home.world.gas_of
    if home.odd or random() < 0.75:
        return electricity, [(gas_of[mpid], a, b) for mpid, a, b in electricity]
    return electricity, _chain(home, "G", start)


def _chain(home: Home, fuel: str, start: int) -> Periods:
    """Draw suppliers in turn until past the delta's day; one change in eight returns to the last but one."""
    random, table = home.random, home.world.suppliers[fuel]
    limit = home.world.delta_day + 20
    periods: Periods = []
    day, mpid = start, table[int(random() * len(table))]
    while True:
        until = day + _SHORTEST - int(log(1 - random()) * _MEAN_DAYS)
        if until > limit:
            periods.append((mpid, day, NEVER))
            return periods
        periods.append((mpid, day, until))
        following = periods[-2][0] if len(periods) > 1 and random() < 0.125 else mpid
        while following == mpid:
            following = table[int(random() * len(table))]
        day, mpid = until, following


def _planned(home: Home, periods: Periods) -> Periods:
    """Give a home with a planned oddity the changes of supplier that it needs.

    It begins with one of the two largest suppliers, whose backfills are in steady progress.
    """
    odd, world = home.odd, home.world
    if not odd:
        return periods
    start, mpid = periods[0][1], ("BW1E", "LK1E")[home.premise // STEP // 2 % 2]
    if odd in _ODD_MPIDS:
        turn = min(number(cast.SUPPLIER_MOVED_ON), world.full_day) - 45
        return [(mpid, start, turn), (_ODD_MPIDS[odd], turn, NEVER)]
    if odd in _TURNS:
        turn = world.full_day + _TURNS[odd]
        outgoing, incoming = ("BW1E", "LK1E") if mpid == "LK1E" else ("LK1E", "BW1E")
        return [(outgoing, start, turn), (incoming, turn, NEVER)]
    if odd == "THERE_AND_BACK":
        out, back = world.full_day - 60, world.full_day - 30
        return [("BW1E", start, out), ("LK1E", out, back), ("BW1E", back, NEVER)]
    return [(mpid, start, NEVER)]


def register(home: Home, mpxn: str, periods: Periods) -> None:
    """Write the registrations of an MPxN."""
    home.registrations += [(mpxn, mpid, ISO[start], ISO[end]) for mpid, start, end in periods]


def supplier_at(periods: Periods, day: int) -> str:
    """Return the MPID registered on a day number; the first one before the first registration."""
    for mpid, start, end in reversed(periods):
        if start <= day < end:
            return mpid
    return periods[0][0]
