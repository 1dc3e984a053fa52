"""What the backfill says on the home page."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from reports.engine.backfill import counted_for_another_date
from smi_portal import days
from smi_portal.access.readers import Role
from smi_portal.backfill import programme, records
from smi_portal.backfill.figures import Figures, figures
from smi_portal.backfill.models import Publication
from smi_portal.backfill.panel.months import live
from smi_portal.backfill.reminders import last_day, months, supplier_deadlines
from smi_portal.tiles import Figure, Looking, Tile, tile


@tile(Role.SUPPLIER, place=10)
def position(looking: Looking) -> Tile:
    """A supplier's own count, declaration and allowance."""
    today, url = days.today(), reverse("backfill:overview")
    link = "Your backfill: count, declaration, plan"
    mine = {} if counted_for_another_date() else figures(min(looking.day, today))
    counts = mine.get(looking.viewer.organisation_id)
    if counts is None:
        return Tile("MAP ID backfill", (), "Your organisation has no obligation.", link, url)
    declared = records.declarations(today, looking.viewer.organisation_id)
    held = records.in_force(records.allowances(today, looking.viewer.organisation_id))
    allowance = held.get(looking.viewer.organisation_id)
    return Tile(
        "MAP ID backfill",
        (
            Figure("Outstanding", counts.outstanding, reverse("reports:report", args=["BKF_001"])),
            Figure("In place", f"{counts.percent}%", note=f"{counts.populated:,} of {counts.in_scope:,}"),
            Figure("Lost again", counts.lost, reverse("backfill:lost"), alarm=bool(counts.lost)),
            Figure("Declared", declared[-1].declared if declared else "Not yet", url, alarm=not declared),
            Figure(
                "A day, by your allowance",
                allowance.daily_allowance if allowance else "Not confirmed",
                reverse("backfill:plan") if allowance else "",
            ),
            _next_deadline(looking, today),
        ),
        link=link,
        url=url,
    )


def _next_deadline(looking: Looking, today: date) -> Figure:
    """The nearest day ahead; where all have passed, the one that was missed first."""
    found = sorted(
        supplier_deadlines(looking.viewer, today, min(looking.day, today)), key=lambda one: one.due
    )
    ahead = [one for one in found if one.due >= today]
    one = next(iter(ahead or found), None)
    if one is None:
        return Figure("Next deadline", "None")
    note = one.name if ahead else f"{one.name}: missed"
    return Figure("Next deadline", f"{one.due.day} {one.due:%B %Y}", one.path, note, alarm=not ahead)


@tile(Role.SECAS, place=10)
def at_a_glance(looking: Looking) -> Tile:
    """The running month, from the rows of BKF_002 and from nothing else."""
    title, link, url = "The programme at a glance", "The Panel’s months", reverse("backfill:overview")
    month = None
    if not counted_for_another_date():
        month = live(looking.viewer, looking.day.replace(day=1), looking.load)
    if month is None:
        return Tile(title, (), "There are no figures for this month.", link, url)
    users = len(month.standings)
    declared = sum(one.row["declared"] is not None for one in month.standings)
    panel = programme.panel_date(days.today())
    lost = month.count("lost")
    return Tile(
        title,
        (
            Figure("MAP IDs in place", f"{month.percent}%"),
            Figure("Outstanding", month.count("outstanding"), reverse("reports:report", args=["BKF_002"])),
            Figure("Users on track", f"{month.on_track} of {users}", url),
            Figure("Users that declared", f"{declared} of {users}"),
            Figure("Lost again", lost, alarm=bool(lost)),
            Figure(
                "Panel date", f"{panel.day} {panel:%B %Y}" if panel else "Not recorded", url, alarm=not panel
            ),
        ),
        link=link,
        url=url,
        note=f"{month.first:%B %Y}, to {month.day.day} {month.day:%B}.",
    )


@tile(Role.SECAS, place=20)
def to_publish(looking: Looking) -> Tile:
    """Months that have ended and that the Panel has not been shown."""
    day = min(looking.day, days.today())
    published = set(Publication.objects.values_list("month", flat=True))
    ended = [month for month in months(programme.implementation(), day) if last_day(month) <= day]
    waiting = [month for month in ended if f"{month:%Y-%m}" not in published]
    lines = tuple(
        Figure(f"{month:%B %Y}", "Publish", reverse("backfill:month", args=[month]), alarm=True)
        for month in waiting
    )
    empty = "Every month that has ended is published." if ended else "No month has ended yet."
    return Tile("To publish", lines, empty, "All months", reverse("backfill:panel"))


@tile(Role.DCC, place=40)
def everyone(looking: Looking) -> Tile:
    """What DCC must look after in the backfill."""
    today = days.today()
    link, url = "The backfill, User by User", reverse("backfill:overview")
    if counted_for_another_date():
        return Tile("MAP ID backfill", (), "The counts are for another implementation date.", link, url)
    found = figures(min(looking.day, today))
    whole = _sum(list(found.values()))
    declared = {one.user_org_id for one in records.declarations(today)} & set(found)
    held = set(records.in_force(records.allowances(today)))
    return Tile(
        "MAP ID backfill",
        (
            Figure(
                "MAP IDs in place", f"{whole.percent}%", note=f"{whole.populated:,} of {whole.in_scope:,}"
            ),
            Figure("Users that declared", f"{len(declared)} of {len(found)}", url),
            Figure("Declared, without an allowance", len(declared - held), url, alarm=bool(declared - held)),
        ),
        link=link,
        url=url,
    )


def _sum(found: list[Figures]) -> Figures:
    return Figures(
        sum(one.in_scope for one in found),
        sum(one.populated for one in found),
        sum(one.lost for one in found),
    )
