"""How a meter comes by its MAP ID, and loses it: pre-notification, backfill, updates, with their requests."""

from typing import Final

from smi_portal.inventory.demo import cast
from smi_portal.inventory.demo.days import IMPLEMENTATION, ISO, NEVER
from smi_portal.inventory.demo.home import Home
from smi_portal.inventory.demo.oddities import STEP

_REFUSALS: Final = ("E080410",) * 5 + ("E080407",) * 3 + ("E080406",) * 2 + ("E080409", "E080414", "E080408")
_RETRIES: Final = 0.7
_ODD_MAPS: Final = {
    "MAP_UNKNOWN": cast.ODD_MAPS["unknown"],
    "MAP_DEAD": cast.ODD_MAPS["dead"],
    "MAP_DUMMY": cast.ODD_MAPS["dummy"],
    "MAP_LATE": cast.ODD_MAPS["late"],
    "MAP_NEW": cast.ODD_MAPS["new"],
    "MAP_MOVED": (cast.MAP_MOVED, "TF1"),
}


_SHOWN_TO_LOGINS: Final = ("HUB_EMPTY", "MAP_SOLD", "MAP_LOST", "REMOVED", "THERE")
"""Oddities (by the beginning of their names) that the two MAPs with demo logins share between them."""


def choose_map(home: Home, fuel: str, other: str) -> str:
    """Draw the MAP ID of a meter; `other` is that of the home's other meter, likely of the same owner."""
    if home.odd in _ODD_MAPS:
        return _ODD_MAPS[home.odd][0 if fuel == "E" else 1]
    if fuel == "G" and other:
        if home.odd == "GSME_ELECTRICITY_MAP" or home.random() < 0.004:
            return other
        if home.odd or home.random() < 0.65:
            return home.world.gas_of[other]
    table = home.world.maps[fuel]
    if home.odd.startswith(_SHOWN_TO_LOGINS):
        owner = home.premise // STEP % 2
        return (("NM1E", "SV1E") if fuel == "E" else ("NM1", "SV1"))[owner]
    return table[int(home.random() * len(table))]


def give_map(home: Home, device: str, user: str, map_id: str, notified: int, removed: int) -> None:
    """Write a meter's pre-notification by `user` and its MAP assignments, up to its removal at the latest.

    Before the implementation a pre-notification carried no MAP ID: the user's backfill brings it, or has
    not yet. An assignment begins on the day its request was accepted, and outlives a removal, mostly.
    """
    if notified >= IMPLEMENTATION:
        home.request(user, "12.2", device, map_id, notified, "I0")
        _assign(home, device, user, map_id, notified, removed, "PRE_NOTIFICATION")
        return
    home.request(user, "12.2", device, "", notified, "I0")
    plan = home.world.plans[user]
    day = plan.days[int(home.random() * len(plan.days))]
    if home.odd:
        # An oddity is for MAPs to see, so that its meters are among those which the plan takes early.
        while day >= min(removed, home.world.full_day - 30):
            day = plan.days[int(home.random() * len(plan.days))]
    if day >= min(removed, home.world.delta_day + 15):
        return
    if not home.odd and home.random() < plan.refusals:
        code = _REFUSALS[int(home.random() * len(_REFUSALS))]
        home.request(user, "8.4", device, map_id, day, code)
        if home.random() > _RETRIES:
            return
        day += 3 + int(home.random() * 12)
        if day >= removed:
            return
    home.request(user, "8.4", device, map_id, day, "I0")
    _assign(home, device, user, map_id, day, removed, "BACKFILL")


def _loss(home: Home, user: str, day: int, source: str) -> int:
    """Return the day on which the MAP ID disappears again (NEVER = it stays)."""
    plan = home.world.plans[user]
    if home.odd == "MAP_LOST_DELTA":
        return home.world.full_day + 12
    if not home.odd and source == "BACKFILL" and day < plan.lost_on and home.random() < plan.lost_share:
        return plan.lost_on + int(home.random() * 2)
    return NEVER


def _assign(home: Home, device: str, user: str, map_id: str, day: int, removed: int, source: str) -> None:
    """Write the assignment from `day`, and what ends it: a loss, a sale to another MAP, or the removal."""
    sold_on = _sale(home, user, day)
    lost_on = _loss(home, user, day, source)
    end = removed + 30 if removed < NEVER and home.random() < 0.2 else NEVER
    if lost_on < end:
        home.map_assignments.append((device, map_id, ISO[day], ISO[lost_on], source))
        if not home.odd and home.random() < 0.3:
            again = home.world.full_day + 4 + int(home.random() * 20)
            if again > lost_on:
                home.request(user, "8.4", device, map_id, again, "I0")
                home.map_assignments.append((device, map_id, ISO[again], "", "BACKFILL"))
    elif day < sold_on < end:
        buyer = ("SV1E", "SV1") if map_id.startswith("NM") else ("NM1E", "NM1")
        bought = buyer[len(map_id) == 3]
        home.map_assignments.append((device, map_id, ISO[day], ISO[sold_on], source))
        home.request(user, "8.4", device, bought, sold_on, "I0")
        home.map_assignments.append((device, bought, ISO[sold_on], ISO[end], "UPDATE_INVENTORY"))
    else:
        home.map_assignments.append((device, map_id, ISO[day], ISO[end], source))


def _sale(home: Home, user: str, day: int) -> int:
    """Return the day on which another MAP buys the meter (NEVER = it stays)."""
    if home.odd == "MAP_SOLD":
        return home.world.full_day - 28
    if home.odd == "MAP_SOLD_DELTA":
        return home.world.full_day + 9
    if home.odd or home.random() > 0.015:
        return NEVER
    sold_on = day + 10 + int(home.random() * 90)
    # A supplier that has stopped sending tells nobody of a sale.
    return sold_on if sold_on <= home.world.plans[user].last else NEVER
