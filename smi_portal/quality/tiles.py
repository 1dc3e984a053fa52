"""What the data quality says on the home page: the same counts as its own page, the most frequent first."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from smi_portal.access.readers import Role
from smi_portal.inventory.quality.rules import rules_for
from smi_portal.quality.trend import current, trend
from smi_portal.tiles import Figure, Looking, Tile, tile

#: Conditions that are named; the page behind the tile has them all.
SHOWN = 5


@tile(Role.MAP, Role.SUPPLIER, Role.DCC, place=60)
def findings(looking: Looking) -> Tile:
    """How many conditions the viewer's devices break, and which most."""
    now = {code: number for code, number in current(looking.viewer, trend(looking.viewer)).items() if number}
    titles = {rule.code: rule.title for rule in rules_for(looking.viewer.role)}
    most = sorted(now, key=lambda code: (-now[code], code))[:SHOWN]
    every = Figure("In all", sum(now.values()), _list())
    lines = (Figure(titles.get(code, code), now[code], _list(code), alarm=True) for code in most)
    empty = "Nothing about your devices breaks a condition."
    link = "Each condition, and what mends it"
    return Tile("Findings", (every, *lines) if now else (), empty, link, reverse("quality:overview"))


def _list(code: str = "") -> str:
    # `view=none`: the number is of the plain report, whatever view the person opens it with.
    given = {"finding": code, "view": "none"} if code else {"view": "none"}
    return f"{reverse('reports:report', args=['DQ_001'])}?{urlencode(given)}"
