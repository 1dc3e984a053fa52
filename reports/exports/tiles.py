"""What the home page says of files: a person's last ones, and how DCC's queue stands."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from reports.engine.run import FORMS
from reports.exports.models import Export, State
from smi_portal.access.readers import Role
from smi_portal.tiles import Figure, Looking, Tile, tile

SHOWN = 5
DAY = timedelta(days=1)


@tile(Role.MAP, Role.SUPPLIER, Role.SECAS, place=70, scoped=False)
def recent(looking: Looking) -> Tile:
    """The person's last files, newest first."""
    mine = Export.objects.filter(person=looking.person, organisation_id=looking.viewer.organisation_id)
    figures = tuple(
        Figure(
            f"{one.report}, {FORMS[one.form].words if one.form in FORMS else one.form}",
            State(one.state).label,
            reverse("exports:export", args=[one.pk]),
            f"{one.requested_at.day} {one.requested_at:%b, %H:%M}",
            alarm=one.state == State.FAILED,
        )
        for one in mine.order_by("-requested_at")[:SHOWN]
    )
    empty = "Large files that you ask for are listed here."
    return Tile("Recent files", figures, empty, "All files", reverse("exports:files"))


@tile(Role.DCC, place=30, scoped=False)
def queue(looking: Looking) -> Tile:
    """Everyone's files: how many wait, are being made, and failed since this time yesterday. No name, no report."""
    waiting = dict(
        Export.objects.filter(state__in=[State.QUEUED, State.RUNNING])
        .values_list("state")
        .annotate(n=Count("*"))
        .order_by()
    )
    oldest = Export.objects.filter(state=State.QUEUED).order_by("requested_at").first()
    ended = Export.objects.filter(finished_at__gte=timezone.now() - DAY)
    failed = ended.filter(state=State.FAILED).count()
    minutes = int((timezone.now() - oldest.requested_at).total_seconds() // 60) if oldest else 0
    return Tile(
        "Queue of files",
        (
            Figure("Waiting", waiting.get(State.QUEUED, 0)),
            Figure("Longest wait", f"{minutes:,} min", alarm=minutes > 10),
            Figure("Being made", waiting.get(State.RUNNING, 0)),
            Figure("Ready, last 24 hours", ended.filter(state=State.READY).count()),
            Figure("Failed, last 24 hours", failed, alarm=bool(failed)),
        ),
        link="Your own files",
        url=reverse("exports:files"),
    )
