"""The Panel's pages, for SECAS (and DCC, who may read): each month live and as published, and its pack."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from reports.engine.charts import MAX_SERIES, bar_chart, line_chart
from reports.engine.summaries import Summary
from smi_portal.access.entered import recorder_of, viewer_of
from smi_portal.access.readers import Role
from smi_portal.access.scope import scope
from smi_portal.attachments import file_answer
from smi_portal.backfill import programme
from smi_portal.backfill.models import PanelDate, Publication
from smi_portal.backfill.panel import pack
from smi_portal.backfill.panel.months import Month, columns, differences, live, published
from smi_portal.backfill.panel.publish import NotPublished, publish
from smi_portal.backfill.reminders import last_day, months
from smi_portal.backfill.views.common import Table, for_roles, programme_facts
from smi_portal.backfill.views.forms import PanelDateForm, PublishForm
from smi_portal.days import Days, month_in_words

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@for_roles(Role.SECAS, Role.DCC)
def index(request: HttpRequest, days: Days) -> HttpResponse:
    """Every month of the programme: published or not, and the Panel's date."""
    return render(request, "backfill/panel.html", _index(request, days, PanelDateForm()))


@require_POST
@for_roles(Role.SECAS)
def panel_date(request: HttpRequest, days: Days) -> HttpResponseBase:
    """Record the Panel's date. A month that has ended keeps the date that stood then."""
    form = PanelDateForm(request.POST)
    if form.is_valid() and form.cleaned_data["panel_date"] <= programme.implementation():
        said = programme.implementation()
        form.add_error("panel_date", f"Choose a day after implementation, {said.day} {said:%B %Y}.")
    if not form.is_valid():
        return render(request, "backfill/panel.html", _index(request, days, form), status=400)
    given = form.cleaned_data
    with scope(viewer_of(request)):
        PanelDate.objects.create(
            panel_date=given["panel_date"],
            note=given["note"],
            decided_on=days.today,
            made_by=recorder_of(request),
        )
    said = given["panel_date"]
    messages.success(request, f"The Panel date is {said.day} {said:%B %Y}. All Users see it now.")
    return redirect("backfill:panel")


@require_safe
@for_roles(Role.SECAS, Role.DCC)
def month_page(request: HttpRequest, days: Days, month: date) -> HttpResponse:
    """A month: the latest publication; `?version=2` an earlier one; `?version=live` the figures of the data now."""
    return render(request, "backfill/month.html", _month(request, days, month, PublishForm()))


@require_POST
@for_roles(Role.SECAS)
def publish_month(request: HttpRequest, days: Days, month: date) -> HttpResponseBase:
    """Freeze the month's live figures as its next version, or say on the page why not (400)."""
    form, made = PublishForm(request.POST), None
    if form.is_valid():
        with scope(viewer_of(request)):
            found = live(viewer_of(request), month, days.load)
            if found is None:
                raise Http404
            try:
                made = publish(found, form.cleaned_data["note"].strip(), days.today, recorder_of(request))
            except NotPublished as refused:
                form.add_error("note" if "Say what" in str(refused) else None, str(refused))
    if made is None:
        return render(request, "backfill/month.html", _month(request, days, month, form), status=400)
    messages.success(
        request, f"{month:%B %Y} is published as version {made.version}. It stays as it is from now on."
    )
    return redirect("backfill:month", month=month)


@require_safe
@for_roles(Role.SECAS, Role.DCC)
def pack_page(request: HttpRequest, days: Days, month: date) -> HttpResponse:
    """The pack on one page, ready to print or to save as PDF."""
    found = _version(request, days, month)
    if found.publication is None:
        raise Http404
    context = {
        "month": found,
        "facts": pack.facts(found),
        "totals": pack.totals(found),
        "league": _league_chart(found),
        "trend": _trend_chart(found),
        "progress": _progress(found),
        "columns": columns(),
        "range": pack.RANGE,
    }
    return render(request, "backfill/pack.html", context)


@require_safe
@for_roles(Role.SECAS, Role.DCC)
def pack_xlsx(request: HttpRequest, days: Days, month: date) -> HttpResponseBase:
    """The pack as an Excel workbook."""
    found = _version(request, days, month)
    if found.publication is None:
        raise Http404
    name = f"backfill-panel_{found.key}_v{found.publication.version}.xlsx"
    return file_answer(pack.workbook(found), XLSX, name)


def _version(request: HttpRequest, days: Days, month: date) -> Month:
    """The month in the version asked for. Http404 when there is none."""
    asked = request.GET.get("version") or ""
    with scope(viewer_of(request)):
        versions = Publication.objects.filter(month=f"{month:%Y-%m}").order_by("-version")
        if asked == "live" or (not asked and not versions):
            found = live(viewer_of(request), month, days.load)
        else:
            if asked:
                versions = (
                    versions.filter(version=int(asked))
                    if asked.isdecimal() and len(asked) < 7
                    else versions.none()
                )
            chosen = versions.first()
            found = published(chosen) if chosen else None
    if found is None:
        raise Http404
    return found


def _index(request: HttpRequest, days: Days, form: PanelDateForm) -> dict[str, Any]:
    with scope(viewer_of(request)):
        facts = programme_facts(days)
        versions: dict[str, list[Publication]] = {}
        for one in Publication.objects.order_by("month", "version"):
            versions.setdefault(one.month, []).append(one)
        dates = list(PanelDate.objects.order_by("-pk"))
    listed = [
        {
            "first": first,
            "complete": last_day(first) <= days.data,
            "versions": versions.get(f"{first:%Y-%m}", []),
        }
        for first in reversed(months(programme.implementation(), days.data))
    ]
    may_record = viewer_of(request).role is Role.SECAS
    return {**facts, "form": form, "months": listed, "dates": dates, "may_record": may_record}


def _month(request: HttpRequest, days: Days, month: date, form: PublishForm) -> dict[str, Any]:
    found = _version(request, days, month)
    viewer = viewer_of(request)
    with scope(viewer):
        facts = programme_facts(days)
        versions = list(Publication.objects.filter(month=found.key).order_by("version"))
        now = found if found.publication is None else live(viewer, month, days.load)
        latest = published(versions[-1]) if versions else None
        changed = differences(latest, now) if latest and now else []
    return {
        **facts,
        "form": form,
        "month": found,
        "versions": versions,
        "changed": changed,
        "may_publish": viewer.role is Role.SECAS
        and now is not None
        and now.complete
        and (changed or not versions),
        "totals": pack.totals(found),
        "league": _league_chart(found),
        "trend": _trend_chart(found),
        "progress": _progress(found),
    }


def _progress(month: Month) -> Table:
    shown = [column for column in columns() if column.key not in {"month", "panel_date"}]
    numeric = {"integer", "decimal"}
    return Table(
        f"BKF_002, {month.first:%B %Y}",
        [column.title for column in shown],
        [[one.row[column.key] for column in shown] for one in month.standings],
        frozenset(place for place, column in enumerate(shown) if column.kind.value in numeric),
    )


def _league_chart(month: Month) -> Summary:
    """Percent complete, best first; bars are whole percent, rounded down, so that 100 means all."""
    league = month.league
    names = [one.name for one in league]
    svg = bar_chart(
        "League",
        "Percent complete",
        names,
        {"Percent complete": [int(one.row["percent_complete"]) for one in league]},
    )
    rows = [[one.name, one.row["percent_complete"], one.row["outstanding"]] for one in league]
    return Summary(
        "League", "Percent complete, best first.", ["User", "Percent complete", "Outstanding"], rows, svg
    )


def _trend_chart(month: Month) -> Summary:
    """Percent complete by month. The chart draws the Users with most outstanding; the table has all."""
    headings, lines = pack.trend(month)
    most = sorted(month.standings, key=lambda one: -one.row["outstanding"])[:MAX_SERIES]
    drawn = {one.name for one in most}
    series = {
        name: [int(line[place] or 0) for line in lines]
        for place, name in enumerate(headings)
        if place and name in drawn
    }
    words = "Percent complete at the end of each month."
    if len(month.standings) > MAX_SERIES:
        words += f" The chart draws the {MAX_SERIES} Users with most outstanding; the table has all."
    months = [month_in_words(line[0]) for line in lines]
    svg = line_chart("Trend", words, months, series)
    rows = [
        [name, *("–" if line[place] is None else line[place] for line in lines)]
        for place, name in enumerate(headings)
        if place
    ]
    return Summary("Trend", words, ["User", *months], rows, svg)
