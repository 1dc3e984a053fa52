"""What the home page says of a portfolio's changes; each number is the number of events behind its link."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from smi_portal.access.readers import FieldGroup, Role
from smi_portal.portfolio.asking import last_month
from smi_portal.portfolio.feed import Wanted
from smi_portal.portfolio.feed.summary import counts
from smi_portal.tiles import Figure, Looking, Tile, tile

WEEK = timedelta(days=6)


@tile(Role.MAP, Role.SUPPLIER, place=20, scoped=False)
def changes(looking: Looking) -> Tile:
    """Gained and lost this month, changes of supplier this week and last month, by the day they took effect."""
    day, month = looking.day, last_month(looking.day)
    this = (day.replace(day=1), day)
    figures = [
        _figure(looking, "Gained this month", "gained", *this),
        _figure(looking, "Lost this month", "lost", *this, alarm=True),
        _figure(looking, "Lost last month", "lost", month.start, month.last, alarm=True),
    ]
    if looking.viewer.role is Role.MAP and looking.viewer.sees(FieldGroup.SUPPLIER):
        figures += [
            _figure(looking, "Changes of supplier this week", "supplier_changed", day - WEEK, day),
            _figure(looking, "Changes of supplier last month", "supplier_changed", month.start, month.last),
        ]
    elif looking.viewer.role is Role.MAP:
        figures.append(Figure("Changes of supplier", "Not released to you"))
    return Tile("What changed", tuple(figures), link="All changes", url=reverse("changes:feed"))


def _figure(looking: Looking, label: str, kind: str, first: date, last: date, alarm: bool = False) -> Figure:
    wanted = Wanted(kinds=(kind,), effective_from=first, effective_to=last)
    number = looking.kept(
        f"changes:{kind}:{first}:{last}", lambda: counts(looking.viewer, wanted).get(kind, 0)
    )
    query = urlencode({"kind": kind, "effective_from": first, "effective_to": last})
    return Figure(label, number, f"{reverse('changes:feed')}?{query}", alarm=alarm and bool(number))
