"""Submissions and lines: where they stand, what happened, and what the viewer may do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from smi_portal import audit
from smi_portal.access.entered import recorder_of, viewer_of
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.attachments import csv_file, file_answer
from smi_portal.data_issues import standing
from smi_portal.data_issues.forms import ActForm
from smi_portal.data_issues.kinds import By, Kind, Route, State
from smi_portal.data_issues.models import Submission
from smi_portal.data_issues.views.common import RAISERS, for_roles
from smi_portal.days import Days
from smi_portal.preflight.readers.table import request_of
from smi_portal.preflight.requests import Place, Request
from smi_portal.preflight.writer import update_inventory

EVERYONE = (*RAISERS, Role.DCC)
NEEDS_WORDS = {
    Kind.PASSED: "Say why you cannot mend it, so that DCC knows where to begin.",
    Kind.SENT_BACK: "Say what has to be done.",
    Kind.CLOSED: "Say why the line is closed.",
    Kind.COMMENT: "Write a comment.",
}
BUTTONS = {
    Kind.MENDED: "It is mended",
    Kind.PASSED: "Pass it to DCC",
    Kind.SENT_BACK: "Send it back to who raised it",
    Kind.CONFIRMED: "Confirm that it is mended",
    Kind.CLOSED: "Close it",
    Kind.WITHDRAWN: "Withdraw it",
    Kind.COMMENT: "Add the comment",
}
HEADINGS = (
    *("Line", "Reference", "Device ID", "Cause", "Route", "State", "With", "Since", "Raised on"),
    *("Code", "Reason", "Resolution"),
)


@require_safe
@for_roles(*EVERYONE)
def overview(request: HttpRequest, days: Days) -> HttpResponseBase:
    """What waits for the viewer, and what it has raised (DCC: the queue)."""
    viewer = viewer_of(request)
    with scope(viewer):
        queue = standing.waiting(viewer).order_by("raised_on", "id")
        rows = list(queue[: standing.PAGE + 1])
        context = {
            "waiting": standing.shown(viewer, rows[: standing.PAGE]),
            "waiting_more": len(rows) > standing.PAGE,
            "asked": _asked(viewer),
            "submissions": standing.submissions(viewer),
            "days": days,
        }
    return render(request, "data_issues/overview.html", context)


def _asked(viewer: Viewer) -> list[standing.Standing]:
    """Lines that others raised and that concern the viewer, whatever their state; newest first."""
    if viewer.role is Role.DCC:
        return []
    rows = standing.lines(viewer).filter(mine=False).order_by("-id")[: standing.PAGE]
    return list(standing.shown(viewer, rows))


@require_safe
@for_roles(*EVERYONE)
def submission(request: HttpRequest, days: Days, reference: str) -> HttpResponseBase:
    """A submission: its sum, and its lines a hundred at a time."""
    viewer, after = viewer_of(request), _number(request.GET.get("after", ""))
    with scope(viewer):
        found = Submission.objects.filter(reference=reference).first()
        if found is None:
            raise Http404
        query = standing.lines(viewer).filter(submission_id=found.pk, number__gt=after).order_by("number")
        rows = list(query[: standing.PAGE + 1])
        sums = standing.sums(viewer, found.pk)
    shown = rows[: standing.PAGE]
    context = {
        "submission": found,
        "sums": sums,
        "rows": standing.shown(viewer, shown),
        "after": after,
        "next": shown[-1]["number"] if len(rows) > standing.PAGE else None,
        "days": days,
    }
    return render(request, "data_issues/submission.html", context)


@require_safe
@for_roles(*EVERYONE)
def submission_csv(request: HttpRequest, days: Days, reference: str) -> HttpResponseBase:
    """Every line of a submission as a file."""
    viewer = viewer_of(request)
    with scope(viewer):
        found = Submission.objects.filter(reference=reference).first()
        if found is None:
            raise Http404
        rows = list(standing.lines(viewer).filter(submission_id=found.pk).order_by("number"))
    return csv_file(f"data-issues_{reference}", viewer, HEADINGS, _file_rows(viewer, rows))


def _file_rows(viewer: Viewer, rows: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for one in standing.shown(viewer, rows):
        line = one.line
        yield (
            line["number"], line["reference"], line["device_id"], line["cause"], line["route"], one.state.value,
            one.with_whom, one.since, line["raised_on"], line["code"], line["reason"], line["resolution"],
        )  # fmt: skip


@require_safe
@for_roles(*EVERYONE)
def line(request: HttpRequest, days: Days, reference: str) -> HttpResponseBase:
    """A line: what is wrong, where it stands, its history, and what can be done."""
    return _line(request, days, reference)


@require_POST
@for_roles(*EVERYONE)
def act(request: HttpRequest, days: Days, reference: str) -> HttpResponseBase:
    """Do one of the things that the page offers; anything else is said to be no longer possible."""
    viewer, form = viewer_of(request), ActForm(request.POST)
    named = request.POST.get("do", "")
    with scope(viewer):
        one = standing.find(viewer, reference)
        if one is None:
            raise Http404
        last = standing.history(one.line["id"])[-1]["id"]
        kind = Kind(named) if named in Kind.__members__ else None
        form.is_valid()
        words = form.cleaned_data.get("words", "").strip()
        if kind is None or kind not in standing.actions(one):
            form.add_error(
                None, "That is no longer possible: the line has moved on. See below where it stands."
            )
        elif kind is not Kind.COMMENT and form.cleaned_data.get("seen") not in {None, last}:
            form.add_error(
                None, "The line has moved on since you opened this page. Look at it again, then decide."
            )
        elif kind in NEEDS_WORDS and not words:
            form.add_error("words", NEEDS_WORDS[kind])
        if not form.errors and kind is not None:
            standing.add_event(viewer, recorder_of(request), one, kind, words, days.today, days.load.sequence)
    if form.errors or kind is None:
        return _line(request, days, reference, form)
    audit.note("data issue", request.user, line=reference, what=kind.value)
    messages.success(request, f"{kind.words}.")
    return redirect(reverse("data-issues:line", args=[reference]))


def _line(request: HttpRequest, days: Days, reference: str, form: ActForm | None = None) -> HttpResponseBase:
    viewer = viewer_of(request)
    with scope(viewer):
        one = standing.find(viewer, reference)
        if one is None:
            raise Http404
        events = standing.history(one.line["id"])
        within = (
            Submission.objects.filter(pk=one.line["submission_id"])
            .values_list("reference", flat=True)
            .first()
        )
    context = {
        "one": one,
        "change": one.line["change"].items(),
        "events": [
            event | {"what": Kind(event["kind"]).words, "who": _who(event["by"], one)} for event in events
        ],
        "last": events[-1]["id"],
        "buttons": [(kind.value, BUTTONS[kind]) for kind in standing.actions(one)],
        "can_send": one.line["change"] and _sends(one),
        "submission": within,
        "age": (days.today - one.line["raised_on"]).days,
        "held": (days.today - one.since).days,
        "open": one.state in {State.OPEN, State.MENDED},
        "form": form,
    }
    return render(request, "data_issues/line.html", context, status=400 if form and form.errors else 200)


def _sends(one: standing.Standing) -> bool:
    """Whether it is the viewer that would send the 8.4: who raised it, where it can mend it, or who is asked to."""
    return one.part is By.PARTY or (one.part is By.RAISER and one.route is Route.SELF)


def _who(by: str, one: standing.Standing) -> str:
    if by == one.part.value:
        return "Your organisation"
    return {"RAISER": "Who raised it", "PARTY": "The supplier concerned", "DCC": "DCC"}.get(by, "The portal")


@require_safe
@for_roles(*RAISERS)
def request_xml(request: HttpRequest, days: Days, reference: str) -> HttpResponseBase:
    """The SRV 8.4 that would mend a line, for who would send it."""
    viewer = viewer_of(request)
    with scope(viewer):
        one = standing.find(viewer, reference)
    if one is None or not _sends(one) or not one.line["change"]:
        raise Http404
    made = request_of({"device_id": one.line["device_id"], **one.line["change"]}, Place(reference))
    if not isinstance(made, Request):
        raise Http404
    return file_answer(update_inventory(made), "application/xml; charset=utf-8", f"SRV_8.4_{reference}.xml")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
