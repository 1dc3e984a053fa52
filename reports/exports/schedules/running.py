"""What is due is asked for, once; what cannot be asked for any more stops, and says so."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import QueryDict

from reports.engine.ask import AskRefused
from reports.exports import jobs, rights
from reports.exports.models import Export, ScheduleContent
from reports.exports.schedule_models import Schedule, ScheduleRun, Standing
from reports.exports.schedules.calendar import last_month_end, next_day
from smi_portal.access.scope import scope
from smi_portal.accounts.rights import is_administrator
from smi_portal.backfill.programme import working_calendar
from smi_portal.inventory.models import ExtractLoad

ONE_DAY = timedelta(days=1)

logger = logging.getLogger(__name__)


def run_due(now: datetime) -> int:
    """Ask for everything that is due by `now`. Returns how many files were asked for. Safe to run twice, or at once."""
    today = now.astimezone(UTC).date()
    if now.astimezone(UTC).hour < settings.SMI_SCHEDULE_HOUR:
        today -= ONE_DAY
    due = Schedule.objects.filter(standing=Standing.ACTIVE, next_on__lte=today)
    return sum(_run_one(pk, today) for pk in due.order_by("next_on", "pk").values_list("pk", flat=True))


def run_now(schedule: Schedule, today: date) -> ScheduleRun:
    """Ask for it now, besides its rhythm. The run of this day, if it has run already, is returned as it is."""
    with transaction.atomic():
        found = Schedule.objects.select_for_update(of=("self",)).select_related("person").get(pk=schedule.pk)
        run, new = ScheduleRun.objects.get_or_create(schedule=found, due_on=today)
        if new:
            _ask(found, run)
    return run


def stop(schedule: Schedule, reason: str) -> None:
    """It stops, and keeps saying why."""
    Schedule.objects.filter(pk=schedule.pk, standing=Standing.ACTIVE).update(
        standing=Standing.STOPPED, reason=reason
    )


def why_not(schedule: Schedule) -> str:
    """Why its owner may not have this report any more; empty while they may."""
    try:
        viewer = rights.viewer_now(schedule.person, schedule.organisation_id)
        if schedule.is_dump and not is_administrator(schedule.person):
            return "The person who set it up is no administrator of your organisation any more."
        with scope(viewer):
            question = ScheduleContent.objects.get(pk=schedule.pk).question
        jobs.rows_of(viewer, schedule.report, question, schedule.form)
    except rights.RightLost as lost:
        return str(lost)
    except AskRefused as refused:
        return (
            f"The report can no longer be run with these inputs. {refused}"
            if refused.status == 400
            else str(refused)
        )
    return ""


def following(schedule: Schedule, today: date) -> date:
    """The day on which it is due next, after `today`."""
    return next_day(schedule.rhythm, schedule.number, today, working_calendar())


def _run_one(pk: UUID, today: date) -> int:
    with transaction.atomic():
        schedule = (
            Schedule.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("person")
            .filter(pk=pk, standing=Standing.ACTIVE, next_on__lte=today)
            .first()
        )
        if schedule is None:
            return 0
        due_on = schedule.next_on
        if schedule.is_dump and _month_end(due_on) in {None, schedule.dumped}:
            # The month's extract has not come yet: look again tomorrow.
            Schedule.objects.filter(pk=pk).update(next_on=today + ONE_DAY)
            return 0
        Schedule.objects.filter(pk=pk).update(next_on=following(schedule, today))
        run, new = ScheduleRun.objects.get_or_create(schedule=schedule, due_on=due_on)
        return int(new and _ask(schedule, run))


def _ask(schedule: Schedule, run: ScheduleRun) -> bool:
    """Ask for the file of this run, or write down why not. Within the caller's transaction."""
    reason = why_not(schedule)
    if reason:
        ScheduleRun.objects.filter(pk=run.pk).update(problem=reason)
        stop(schedule, reason)
        return False
    end = _month_end(run.due_on) if schedule.is_dump else None
    try:
        export = jobs.request(
            schedule.person, schedule.report, _question(schedule, end), schedule.form, schedule=schedule
        )
    except AskRefused as refused:
        problem = str(refused) if isinstance(refused, rights.TooMuch) else "The report could not be run."
        ScheduleRun.objects.filter(pk=run.pk).update(problem=problem)
        return False
    ScheduleRun.objects.filter(pk=run.pk).update(export=export)
    if end is not None:
        Schedule.objects.filter(pk=schedule.pk).update(dumped=end)
    return True


def _question(schedule: Schedule, month_end: date | None) -> str:
    """Its question, for the latest day of the data; a dump's for the month end."""
    with scope(rights.viewer_now(schedule.person, schedule.organisation_id)):
        data = QueryDict(ScheduleContent.objects.get(pk=schedule.pk).question, mutable=True)
    data.pop("as_at", None)
    if month_end is not None:
        data["as_at"] = month_end.isoformat()
    return data.urlencode()


def _month_end(due_on: date) -> date | None:
    """The month end that a dump due on this day shows: the newest that is over, and that the extract covers."""
    load = ExtractLoad.current()
    return last_month_end(min(load.day, due_on - ONE_DAY)) if load else None


def expects(export: Export) -> bool:
    """Whether the export is a data dump, which is kept longer and is no one person's use."""
    return export.schedule is not None and export.schedule.is_dump
