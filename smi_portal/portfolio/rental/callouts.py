"""What a reader of rental days must know of: no registered supplier, overlapping claims, no installation date, corrections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection

from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.portfolio.asking import Period
from smi_portal.portfolio.feed.rows import stream_of
from smi_portal.portfolio.listing import literal

SHOWN = 20  # assets that are named


@dataclass(frozen=True)
class Callout:
    """A title, what it means, how many assets, and the first of them. `query`: filters of the feed that list it."""

    title: str
    meaning: str
    number: int
    devices: list[str] = field(default_factory=list)
    query: str = ""


def callouts(viewer: Viewer, period: Period, since: int | None = None) -> list[Callout]:
    """What concerns the viewer's assets in the period; nothing that has none. Opens its own scope.

    `since`: the extract of the last statement kept; corrections told by later ones are called out.
    """
    made = [
        _make(viewer, *parts(viewer, period))
        for parts in (_unregistered, _duplicate, _two_owners, _uninstalled)
    ]
    if since is not None:
        made.append(_corrections(viewer, period, since))
    return [callout for callout in made if callout.number]


Parts = tuple[str, str, str]
Maker = Callable[[Viewer, Period], Parts]


def _make(viewer: Viewer, title: str, meaning: str, select: str) -> Callout:
    with scope(viewer), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), (array_agg(device_id ORDER BY device_id))[1:{SHOWN}] "
            f"FROM (SELECT DISTINCT device_id FROM ({select}) x) d"
        )
        number, devices = cursor.fetchone()
    return Callout(title, meaning, number, devices or [])


def _finding(viewer: Viewer, period: Period, finding: str) -> str:
    """Meters whose import association breaks a condition of DP213 in the period (as RSMI_006 says)."""
    return (
        f"SELECT a.device_id FROM inventory_associationperiod a WHERE {_within(viewer, period)} "
        f"AND a.kind = 'IMPORT' AND a.device_type IN ('ESME', 'GSME') AND {literal(finding)} = "
        "ANY (string_to_array(a.finding, ';'))"
    )


def _unregistered(viewer: Viewer, period: Period) -> Parts:
    if viewer.role is Role.SUPPLIER:
        # A supplier sees no association of an MPxN that nobody is registered for: its own meters say it.
        select = (
            f"SELECT a.device_id FROM inventory_assetperiod a WHERE {_within(viewer, period)} "
            "AND a.device_type IN ('ESME', 'GSME') AND a.supplier_id IS NULL"
        )
    else:
        select = _finding(viewer, period, "UNREGISTERED")
    return (
        "No registered supplier",
        "On some of these days nobody was registered for the meter's MPxN: nobody can be billed for them.",
        select,
    )


def _duplicate(viewer: Viewer, period: Period) -> Parts:
    return (
        "MPxN on another meter too",
        "On some of these days another meter has the same import MPxN: two assets claim one supply.",
        _finding(viewer, period, "DUPLICATE"),
    )


def _two_owners(viewer: Viewer, period: Period) -> Parts:
    select = f"""
        SELECT a.device_id FROM inventory_assetperiod a JOIN (
            SELECT p.mpid, p.effective_from, coalesce(p.effective_to, 'infinity') AS effective_to,
                   q.effective_from AS other_from, coalesce(q.effective_to, 'infinity') AS other_to
            FROM inventory_participant p JOIN inventory_participant q ON q.mpid = p.mpid AND q.role = p.role
                AND q.organisation > p.organisation
            WHERE p.role = 'MAP'
        ) two ON two.mpid = a.map_id AND greatest(two.effective_from, two.other_from, a.from_day, {literal(period.start)})
              < least(two.effective_to, two.other_to, a.to_day, {literal(period.end)})
        WHERE {_within(viewer, period)} AND a.device_type IN ('ESME', 'GSME')"""
    return (
        "Overlapping claims",
        "Market Domain Data gives the MAP ID to two organisations on some of these days: both may claim the asset.",
        select,
    )


def _uninstalled(viewer: Viewer, period: Period) -> Parts:
    return (
        "No installation date",
        "In your portfolio, but without an installation date: the asset has no rental days.",
        f"SELECT a.device_id FROM inventory_assetperiod a WHERE {_within(viewer, period)} "
        "AND a.device_type IN ('ESME', 'GSME') AND a.installed_on IS NULL",
    )


def _corrections(viewer: Viewer, period: Period, since: int) -> Callout:
    select = (
        f"SELECT e.device_id FROM inventory_changeevent e WHERE {stream_of(viewer)} AND e.kind = 'corrected_history' "
        f"AND e.extract_sequence > {since:d} AND e.from_day < {literal(period.end)} AND e.to_day > {literal(period.start)}"
    )
    made = _make(
        viewer,
        "Corrected since your last statement",
        "A later extract tells days of this period differently. Your statement is unchanged: see what differs there.",
        select,
    )
    return Callout(made.title, made.meaning, made.number, made.devices, "kind=corrected_history")


def _within(viewer: Viewer, period: Period) -> str:
    lane = " AND a.lane = 0" if viewer.role is Role.DCC else ""
    return f"a.from_day < {literal(period.end)} AND a.to_day > {literal(period.start)}{lane}"
