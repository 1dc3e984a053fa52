"""What the reports say on the home page, through the one path to rows: the report itself lists what is counted."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from reports.engine.ask import Ask, parse
from reports.engine.options import options_for
from reports.engine.report import report_for
from reports.engine.rows import rows
from reports.engine.run import count
from smi_portal.access.readers import Role
from smi_portal.tiles import Figure, Looking, Tile, tile

#: Statuses in the order of a device's life; any other comes after them.
LIFE = ("Pending", "Whitelisted", "InstalledNotCommissioned", "Commissioned", "Suspended", "Decommissioned")


def _ask(looking: Looking, code: str) -> Ask:
    report = report_for(code)
    assert report is not None  # noqa: S101 - a tile names a report of the catalogue
    return parse(report, looking.viewer, MultiValueDict())


def _link(code: str, **given: str) -> str:
    # `view=none`: the number is of the plain report, whatever view the person opens it with.
    return f"{reverse('reports:report', args=[code])}?{urlencode({**given, 'view': 'none'})}"


def _in_life(status: str) -> tuple[int, str]:
    return (LIFE.index(status) if status in LIFE else len(LIFE), status)


@tile(Role.MAP, place=10)
def assets(looking: Looking) -> Tile:
    """The portfolio by status."""
    return _by_status(looking, "MAP_001", "Your assets", "List them all (MAP_001)")


@tile(Role.SUPPLIER, place=30)
def meters(looking: Looking) -> Tile:
    """A supplier's meters by status."""
    return _by_status(looking, "RSMI_001", "Your meters", "List them all (RSMI_001)")


def _by_status(looking: Looking, code: str, title: str, link: str) -> Tile:
    ask = _ask(looking, code)
    every = looking.kept(f"count:{code}", lambda: count(rows(ask)))
    statuses = options_for(ask)["device_status"]
    unknown = every - sum(statuses.values())
    figures = [Figure("In all", every, _link(code))]
    figures += [
        Figure(status, statuses[status], _link(code, device_status=status))
        for status in sorted(statuses, key=_in_life)
    ]
    figures += [Figure("Without a status", unknown)] if unknown else []
    empty = "" if every else "None on this day."
    return Tile(title, tuple(figures) if every else (), empty, link, _link(code))
