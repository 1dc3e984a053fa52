"""How a report is shown: which columns in which order, and how large the text. Never which rows.

Everything is in the address (`columns`, `density`), so that a copied link shows the same, and nothing is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from reports.engine.ask import Ask, AskRefused
from reports.engine.report import Report
from reports.links import PLACE, Links
from smi_portal.access.scope import Viewer

#: Text and spacing of the table; "large" is for a projector.
DENSITIES = ("compact", "standard", "large")
DEFAULT_DENSITY = "standard"
#: A submit button of the chooser: `up:mpxn` or `down:mpxn`.
MOVE = "move"


def density(text: str | None) -> str:
    """A density that is offered; anything else is refused by name."""
    if text and text not in DENSITIES:
        raise AskRefused({"density": [f"Text can be {', '.join(DENSITIES)}."]})
    return text or DEFAULT_DENSITY


def densities(links: Links, chosen: str) -> list[dict[str, Any]]:
    """Links to each density."""
    return [
        {
            "label": name.capitalize(),
            "url": links.again(density=None if name == DEFAULT_DENSITY else name),
            "current": name == chosen,
        }
        for name in DENSITIES
    ]


@dataclass(frozen=True)
class Chooser:
    """The column chooser: `rows` in the order shown, then what is left out; `kept`: the rest of the question."""

    rows: list[dict[str, Any]]
    kept: list[tuple[str, str]]
    shown: int
    changed: bool
    reset_url: str


def chooser(ask: Ask, links: Links) -> Chooser:
    """What the chooser of this page offers: the viewer's own columns, never one that is not released."""
    every = ask.report.columns_for(ask.viewer)
    chosen = ask.columns or tuple(column.key for column in every)
    known = {column.key: column for column in every}
    left = [column for column in every if column.key not in chosen]
    rows = [
        {"key": key, "title": known[key].title, "shown": True, "first": place == 0, "last": key == chosen[-1]}
        for place, key in enumerate(chosen)
    ]
    rows += [{"key": column.key, "title": column.title, "shown": False} for column in left]
    kept = [
        (key, value)
        for key, values in links.query.lists()
        for value in values
        if value and key not in {*PLACE, "columns", MOVE}
    ]
    return Chooser(rows, kept, len(chosen), bool(ask.columns), links.to(columns=None))


def tidied(report: Report, viewer: Viewer, query: QueryDict) -> str | None:
    """The short address of what the chooser sent (ticks and a move), or None when the query is tidy already.

    `columns=a&columns=b&move=up:b` becomes `columns=b,a`; all columns in their own order become none. What is
    wrong is left in, for the engine to refuse by name.
    """
    ticked = query.getlist("columns")
    if len(ticked) < 2 and MOVE not in query:
        return None
    query = query.copy()
    own = [column.key for column in report.columns_for(viewer)]
    names = [name for value in ticked for name in value.split(",") if name] or list(own)
    direction, _, moved = query.get(MOVE, "").partition(":")
    if moved in names and direction in {"up", "down"}:
        place = names.index(moved)
        other = max(0, min(len(names) - 1, place + (1 if direction == "down" else -1)))
        names[place], names[other] = names[other], names[place]
        query.pop(MOVE)
    elif MOVE in query:
        return None
    query.pop("columns", None)
    if names != own:
        query["columns"] = ",".join(names)
    return f"?{query.urlencode(safe=',')}" + (f"#column-{moved}" if moved else "")
