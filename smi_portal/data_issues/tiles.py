"""What the data issues say on the home page: open lines by age, and those that wait for the viewer."""

from __future__ import annotations

from django.urls import reverse

from smi_portal import days
from smi_portal.access.readers import Role
from smi_portal.data_issues.figures import AGES, open_ages
from smi_portal.data_issues.kinds import State
from smi_portal.data_issues.standing import lines, waiting
from smi_portal.tiles import Figure, Looking, Tile, tile

OPEN = (State.OPEN.value, State.MENDED.value)


@tile(Role.DCC, place=35)
def issues(looking: Looking) -> Tile:
    """Everyone's open lines by the days since they were raised, and DCC's own queue."""
    found, figures_url = open_ages(days.today()), reverse("data-issues:figures")
    queue = waiting(looking.viewer).count()
    figures = (
        Figure("Waiting for DCC", queue, reverse("data-issues:overview"), alarm=bool(queue)),
        Figure("Open in all", sum(found.values()), figures_url, "or mended, and not yet verified"),
        *(Figure(f"Open {age}", found[age], figures_url) for age in AGES if age in found),
    )
    return Tile(
        "Data issues",
        figures if found else (),
        "No data issue is open.",
        "The queue, and every submission",
        reverse("data-issues:overview"),
    )


@tile(Role.MAP, Role.SUPPLIER, place=65)
def own_issues(looking: Looking) -> Tile | None:
    """What waits for the viewer, and what it raised or was asked about that is still open; left out where nothing is."""
    still_open = lines(looking.viewer).filter(state__in=OPEN).count()
    if not still_open:
        return None
    queue, url = waiting(looking.viewer).count(), reverse("data-issues:overview")
    figures = (
        Figure("Waiting for you", queue, url, alarm=bool(queue)),
        Figure("Open in all", still_open, url, "or mended, and not yet verified"),
    )
    return Tile("Data issues", figures, link="Your data issues", url=url)
