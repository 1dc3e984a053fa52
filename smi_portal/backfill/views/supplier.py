"""A supplier's pages: its count, its declaration, its allowance; and what it did each day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods, require_safe

from reports.engine.ask import parse
from reports.engine.report import REGISTRY
from reports.engine.rows import rows
from reports.engine.summaries import Summary, cross_table
from reports.engine.summaries import summaries as counted
from smi_portal.access.entered import recorder_of, viewer_of
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.attachments import csv_file
from smi_portal.backfill import figures, programme, records
from smi_portal.backfill.advice import advice_for
from smi_portal.backfill.models import Declaration, PublishedRow
from smi_portal.backfill.rules import Count, declaration_problems
from smi_portal.backfill.views.common import Table, for_roles, programme_facts, put_problems
from smi_portal.backfill.views.forms import DeclarationForm
from smi_portal.days import Days


@require_safe
@for_roles(Role.SUPPLIER)
def overview(request: HttpRequest, days: Days) -> HttpResponse:
    """Where this supplier stands, and what it has to do next."""
    return render(request, "backfill/supplier.html", _overview(viewer_of(request), days, DeclarationForm()))


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SUPPLIER)
def declare(request: HttpRequest, days: Days) -> HttpResponseBase:
    """Record a declaration, or say on the page why not (400)."""
    if request.method != "POST":
        return redirect("backfill:overview")
    viewer, form = viewer_of(request), DeclarationForm(request.POST)
    recorded = _declare(viewer, days, form, recorder_of(request)) if form.is_valid() else None
    if recorded is None:
        return render(request, "backfill/supplier.html", _overview(viewer, days, form), status=400)
    late = recorded.version == 1 and days.today > programme.declaration_deadline().due
    words = "recorded, after the deadline: it shows as late" if late else "recorded"
    messages.success(
        request, f"Your declaration of {recorded.declared:,} MAP IDs is {words}. DCC sees it now."
    )
    return HttpResponseRedirect(reverse("backfill:overview"))


@require_safe
@for_roles(Role.SUPPLIER)
def outcome(request: HttpRequest, days: Days) -> HttpResponse:
    """What became of each day's requests, what to do about refusals, and what to send again."""
    viewer = viewer_of(request)
    with scope(viewer):
        by_day = figures.outcomes(programme.implementation(), days.data, viewer.organisation_id)
        again = list(figures.to_resend(viewer.organisation_id, days.data))
        facts = programme_facts(days)
    codes = sorted({code for answers in by_day.values() for code in answers if code != "I0"})
    waiting: dict[str, int] = {}
    for refused in again:
        waiting[refused.code] = waiting.get(refused.code, 0) + 1
    totals = {code: sum(answers.get(code, 0) for answers in by_day.values()) for code in codes}
    context = {
        **facts,
        "chart": _outcome_chart(by_day),
        "table": Table(
            "Requests by day, latest first (UTC days)",
            ["Day", "Sent", "Accepted", *codes],
            [
                [day, sum(answers.values()), answers.get("I0", 0), *(answers.get(code, 0) for code in codes)]
                for day, answers in sorted(by_day.items(), reverse=True)
            ],
            frozenset(range(1, 3 + len(codes))),
        ),
        "advice": [
            {"advice": advice_for(code), "refused": totals[code], "waiting": waiting.get(code, 0)}
            for code in codes
        ],
        "again": again[:100],
        "again_count": len(again),
    }
    return render(request, "backfill/outcome.html", context)


@require_safe
@for_roles(Role.SUPPLIER)
def resend_csv(request: HttpRequest, days: Days) -> HttpResponseBase:
    """The list to send again."""
    viewer = viewer_of(request)

    def rows() -> Iterator[Sequence[Any]]:
        with scope(viewer):
            for one in figures.to_resend(viewer.organisation_id, days.data):
                yield [
                    one.device_id,
                    one.device_type,
                    one.code,
                    one.sent_on,
                    one.map_id,
                    advice_for(one.code).to_do,
                ]

    headings = ["device_id", "device_type", "last_refusal_code", "last_sent_on", "map_id_sent", "what_to_do"]
    return csv_file(f"backfill-resend_{days.data}", viewer, headings, rows())


@require_safe
@for_roles(Role.SUPPLIER)
def lost(request: HttpRequest, days: Days) -> HttpResponse:
    """MAP IDs that were there after implementation and are gone."""
    viewer = viewer_of(request)
    with scope(viewer):
        found = list(figures.lost(viewer.organisation_id, days.data)[:501])
        number = figures.lost(viewer.organisation_id, days.data).count()
        facts = programme_facts(days)
    table = Table(
        "Lost MAP IDs by Device ID",
        ["Device ID", "Device type", "Pre-notified on", "MAP ID gone since"],
        [[m.device_id, m.device_type, m.pre_notified_on, m.last_map_end] for m in found[:500]],
    )
    return render(request, "backfill/lost.html", {**facts, "table": table, "number": number})


@require_safe
@for_roles(Role.SUPPLIER)
def lost_csv(request: HttpRequest, days: Days) -> HttpResponseBase:
    """The same list, whole."""
    viewer = viewer_of(request)

    def rows() -> Iterator[Sequence[Any]]:
        with scope(viewer):
            for meter in figures.lost(viewer.organisation_id, days.data).iterator():
                yield [meter.device_id, meter.device_type, meter.pre_notified_on, meter.last_map_end]

    headings = ["device_id", "device_type", "pre_notified_on", "map_id_gone_since"]
    return csv_file(f"backfill-lost_{days.data}", viewer, headings, rows())


def _declare(viewer: Viewer, days: Days, form: DeclarationForm, person: str) -> Declaration | None:
    """Store what the form says when the rules allow it; otherwise the form has the reasons."""
    given = form.cleaned_data
    user = viewer.organisation_id
    with scope(viewer):
        counted = figures.figures(days.data).get(user, figures.Figures())
        versions = records.declarations(days.today, user)
        standing = versions[-1] if versions else None
        count = Count(counted.in_scope, counted.outstanding)
        reason = given["reason"].strip()
        put_problems(
            form,
            declaration_problems(
                given["declared"], count, given["shown"], reason, standing.declared if standing else None
            ),
        )
        if form.errors:
            return None
        record = Declaration(
            user_org_id=user,
            version=standing.version + 1 if standing else 1,
            declared=given["declared"],
            counted=counted.outstanding,
            declared_on=days.today,
            reason=reason,
            made_by=person,
        )
        try:
            records.add(record)
        except records.SaidMeanwhile:
            form.add_error(
                None, "A colleague has declared at this moment: look at the figure, then correct it."
            )
            return None
        return record


def _overview(viewer: Viewer, days: Days, form: DeclarationForm) -> dict[str, Any]:
    """Everything on the overview, read in the supplier's own scope."""
    user = viewer.organisation_id
    ask = parse(REGISTRY["BKF_001"], viewer, MultiValueDict({"as_at": [days.data.isoformat()]}))
    with scope(viewer):
        counts = figures.figures(days.data).get(user)
        versions = records.declarations(days.today, user)
        allowances = records.allowances(days.today, user)
        facts = programme_facts(days)
        again = sum(1 for _ in figures.to_resend(user, days.data)) if counts else 0
        shown = _shown(user)
        summaries = counted(rows(ask)) if counts else ()
    deadline = facts["declare_by"]
    first = versions[0] if versions else None
    confirm = programme.confirmation_deadline(first.declared_on) if first else None
    return {
        **facts,
        "form": form,
        "counts": counts,
        "summaries": summaries,
        "versions": versions,
        "first": first,
        "standing": versions[-1] if versions else None,
        "late": days.today > deadline if first is None else first.declared_on > deadline,
        "days_left": programme.working_calendar().between(days.today, deadline),
        "confirm_by": confirm.due if confirm else None,
        "confirm_steps": records.arithmetic(confirm) if confirm else [],
        "confirm_missed": confirm is not None and days.today > confirm.due,
        "allowance": allowances[-1] if allowances else None,
        "allowances": allowances,
        "again": again,
        "shown": shown,
    }


def _shown(user: int) -> list[dict[str, Any]]:
    """What the Panel was shown about this User: every version of every month."""
    rows = PublishedRow.objects.filter(Q(user_org_id=user)).select_related("publication")
    return [
        {"publication": row.publication, "figures": row.figures}
        for row in rows.order_by("-publication__month", "-publication__version")
    ]


def _outcome_chart(by_day: dict[Any, dict[str, int]]) -> Summary | None:
    """Requests by week (from Monday): accepted, and refused by code."""
    weeks: dict[str, dict[str, int]] = {}
    for day, answers in sorted(by_day.items()):
        monday = day.fromordinal(day.toordinal() - day.weekday())
        week = weeks.setdefault(f"{monday.day} {monday:%b %Y}", {})
        for code, number in answers.items():
            name = "Accepted" if code == "I0" else code
            week[name] = week.get(name, 0) + number
    if not weeks:
        return None
    words = "SRV 8.4 with a MAP ID: accepted, and refused by code. A week begins on Monday."
    return cross_table("Week from", list(weeks), weeks, "Requests by week", words)
