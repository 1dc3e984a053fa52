"""DCC's pages: declarations, allowances under a daily capacity, and demand day by day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from smi_portal.access.entered import recorder_of, viewer_of
from smi_portal.access.readers import Role
from smi_portal.access.scope import scope
from smi_portal.backfill import figures, programme, records
from smi_portal.backfill.allowances import Grant, peak, propose
from smi_portal.backfill.models import Allowance, DailyCapacity, Declaration
from smi_portal.backfill.rules import allowance_problems
from smi_portal.backfill.views import demand as demands
from smi_portal.backfill.views.common import for_roles, programme_facts, put_problems
from smi_portal.backfill.views.forms import AllowanceForm, CapacityForm
from smi_portal.backfill.working_days import ONE_DAY
from smi_portal.days import Days
from smi_portal.inventory.models import Organisation


@require_safe
@for_roles(Role.DCC)
def overview(request: HttpRequest, days: Days) -> HttpResponse:
    """Every User: its declaration, its allowance, and what is due."""
    return render(request, "backfill/dcc.html", _overview(request, days, CapacityForm()))


@require_POST
@for_roles(Role.DCC)
def capacity(request: HttpRequest, days: Days) -> HttpResponseBase:
    """Set the daily capacity; refused when the allowances already confirmed are above it."""
    form = CapacityForm(request.POST)
    with scope(viewer_of(request)):
        most, when = peak(_still_running(days))
        if form.is_valid() and form.cleaned_data["per_day"] < 1:
            form.add_error("per_day", "With a capacity of zero nobody could send: give at least 1.")
        elif form.is_valid() and form.cleaned_data["per_day"] < most and when is not None:
            said = f"{when.day} {when:%B %Y}"
            form.add_error(
                "per_day",
                f"{most:,} a day are already confirmed for {said}. Lower allowances first, or give more.",
            )
        if form.is_valid():
            given = form.cleaned_data
            DailyCapacity.objects.create(
                per_day=given["per_day"], note=given["note"], set_on=days.today, made_by=recorder_of(request)
            )
    if not form.is_valid():
        return render(request, "backfill/dcc.html", _overview(request, days, form), status=400)
    messages.success(request, f"The daily capacity is {form.cleaned_data['per_day']:,} from now on.")
    return redirect("backfill:overview")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.DCC)
def allowance(request: HttpRequest, days: Days, organisation: str) -> HttpResponseBase:
    """Confirm, or correct, one User's allowance and window; the proposal is filled in."""
    with scope(viewer_of(request)):
        user = next((one for one in records.users() if one.organisation == organisation), None)
        if user is None:
            raise Http404
        versions = records.allowances(days.today, user.pk)
        declared = records.declarations(days.today, user.pk)
        proposal = _proposal(days)
        start = _initial(user, versions, proposal, days)
        form = AllowanceForm(request.POST) if request.method == "POST" else AllowanceForm(initial=start)
        confirmed = None
        if request.method == "POST":
            if not declared:
                form.add_error(None, f"{user.name} has not declared yet, so there is nothing to confirm.")
            confirmed = _confirm(form, user, versions, days, recorder_of(request))
        facts = programme_facts(days)
        context = {
            **facts,
            "form": form,
            "user": user,
            "declarations": declared,
            "versions": versions,
            "counts": figures.figures(days.data).get(user.pk, figures.Figures()),
            "proposed": proposal.get(user.pk),
            "capacity": programme.daily_capacity(days.today),
            "beside": peak(_others(user, days))[0],
            **_clock(declared, days),
        }
    if confirmed is None:
        status = 400 if request.method == "POST" else 200
        return render(request, "backfill/allowance.html", context, status=status)
    words = f"{confirmed.daily_allowance:,} a day for {user.name}"
    messages.success(request, f"Confirmed: {words}. It sees this now.")
    if facts["panel_date"] and confirmed.window_to > facts["panel_date"]:
        messages.warning(request, "Its window ends after the Panel date.")
    return redirect("backfill:overview")


@require_safe
@for_roles(Role.DCC)
def demand(request: HttpRequest, days: Days) -> HttpResponse:
    """Planned and actual requests against capacity, by day; and who went over its allowance."""
    with scope(viewer_of(request)):
        context = {**programme_facts(days), **demands.context(days)}
    return render(request, "backfill/demand.html", context)


def _overview(request: HttpRequest, days: Days, form: CapacityForm) -> dict[str, Any]:
    with scope(viewer_of(request)):
        facts = programme_facts(days)
        held = records.in_force(records.allowances(days.today))
        declared: dict[int, list[Declaration]] = {}
        for version in records.declarations(days.today):
            declared.setdefault(version.user_org_id, []).append(version)
        counts, proposal = figures.figures(days.data), _proposal(days)
        users = [
            {
                "user": user,
                "counts": counts.get(user.pk, figures.Figures()),
                "versions": declared.get(user.pk, []),
                "allowance": held.get(user.pk),
                "proposed": proposal.get(user.pk),
                "nothing": user.pk in declared and not counts.get(user.pk, figures.Figures()).outstanding,
                **_clock(declared.get(user.pk, []), days),
            }
            for user in records.users()
        ]
        per_day = programme.daily_capacity(days.today)
        most, when = peak(_still_running(days))
    missing = [one for one in users if not one["versions"]]
    return {
        **facts,
        "form": form,
        "users": users,
        "capacity": per_day,
        "peak": most,
        "peak_on": when,
        "tallies": {
            "received": len(users) - len(missing),
            "late": sum(bool(one["late"]) for one in users if one["versions"]),
            "missing": len(missing),
            "corrected": sum(len(one["versions"]) > 1 for one in users),
            "to_confirm": sum(
                bool(one["versions"]) and not one["allowance"] and not one["nothing"] for one in users
            ),
        },
        "overdue": days.today > facts["declare_by"],
    }


def _proposal(days: Days) -> Mapping[int, int]:
    """What to give the Users that wait: the capacity that the confirmed allowances leave, fair by outstanding."""
    per_day = programme.daily_capacity(days.today)
    if per_day is None:
        return {}
    held = records.in_force(records.allowances(days.today))
    waiting = {version.user_org_id for version in records.declarations(days.today)} - set(held)
    counts = figures.figures(days.data)
    need = {user: counts[user].outstanding for user in waiting if user in counts and counts[user].outstanding}
    most, _ = peak(_still_running(days))
    return propose(need, max(per_day - most, 0))


def _still_running(days: Days) -> list[Grant]:
    """Confirmed allowances from tomorrow on: what is past binds no more."""
    held = records.grants(records.in_force(records.allowances(days.today)).values())
    start = days.today + ONE_DAY
    return [Grant(g.user, g.per_day, max(g.first, start), g.last) for g in held if g.last >= start]


def _others(user: Organisation, days: Days) -> list[Grant]:
    held = records.grants(records.in_force(records.allowances(days.today)).values())
    return [grant for grant in held if grant.user != user.pk]


def _initial(
    user: Organisation, versions: list[Allowance], proposal: Mapping[int, int], days: Days
) -> dict[str, Any]:
    """The allowance in force; or the proposal from the next Working Day to the Panel's date."""
    if versions:
        last = versions[-1]
        return {
            "daily_allowance": last.daily_allowance,
            "window_from": last.window_from.isoformat(),
            "window_to": last.window_to.isoformat(),
        }
    start = programme.working_calendar().deadline(days.today, 1).due
    panel = programme.panel_date(days.today)
    return {
        "daily_allowance": proposal.get(user.pk),
        "window_from": start.isoformat(),
        "window_to": panel.isoformat() if panel else None,
    }


def _confirm(
    form: AllowanceForm, user: Organisation, versions: list[Allowance], days: Days, person: str
) -> Allowance | None:
    """Store the allowance when the rules allow it; otherwise the form has the reasons."""
    if not form.is_valid():
        return None
    given = form.cleaned_data
    grant = Grant(user.pk, given["daily_allowance"], given["window_from"], given["window_to"])
    limit = programme.daily_capacity(days.today)
    put_problems(form, allowance_problems(grant, _others(user, days), limit, programme.implementation()))
    if form.errors:
        return None
    record = Allowance(
        user_org_id=user.pk,
        version=versions[-1].version + 1 if versions else 1,
        daily_allowance=grant.per_day,
        window_from=grant.first,
        window_to=grant.last,
        confirmed_on=days.today,
        note=given["note"].strip(),
        made_by=person,
    )
    try:
        records.add(record)
    except records.SaidMeanwhile:
        form.add_error(None, "A colleague has confirmed at this moment: look at it again, then correct it.")
        return None
    return record


def _clock(declared: list[Declaration], days: Days) -> dict[str, Any]:
    """By when DCC confirms, with its arithmetic, and how many Working Days are left (negative: gone by)."""
    due = programme.declaration_deadline().due
    if not declared:
        return {"late": days.today > due, "confirm_by": None}
    deadline = programme.confirmation_deadline(declared[0].declared_on)
    return {
        "late": declared[0].declared_on > due,
        "confirm_by": deadline.due,
        "confirm_steps": records.arithmetic(deadline),
        "confirm_left": programme.working_calendar().between(days.today, deadline.due),
    }
