"""Mail about what arrived and what did not: a link to the portal, never data, never a public address."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from reports.engine.report import report_for
from reports.exports.models import State
from reports.exports.schedule_models import Schedule, ScheduleRun, Standing
from reports.exports.schedules.running import stop, why_not
from smi_portal.accounts.models import Person
from smi_portal.accounts.rights import administrators_of
from smi_portal.jobs.attempts import UNFINISHED

#: Attempts at one mail before it is given up; the page of the schedule still says what happened.
TRIES = 10

logger = logging.getLogger(__name__)


def tell() -> int:
    """Send the mail of every run that came to an end. Returns how many. No run is told twice."""
    waiting = (
        ScheduleRun.objects.filter(told_at=None, untold__lt=TRIES)
        .exclude(export__state__in=UNFINISHED)
        .exclude(export=None, problem="")
        .select_related("schedule__person", "schedule__organisation", "export")
    )
    return sum(_tell_one(run) for run in waiting.order_by("began_at"))


def recipients(schedule: Schedule) -> list[str]:
    """Whom to tell: the owner while they are there; about a dump, or instead of an owner who left, administrators."""
    owner = Person.objects.filter(
        pk=schedule.person_id, is_active=True, organisation_id=schedule.organisation_id
    ).first()
    told = [owner] if owner else []
    if schedule.is_dump or owner is None:
        told += [person for person in administrators_of(schedule.organisation) if person != owner]
    return [person.email for person in told]


def _tell_one(run: ScheduleRun) -> int:
    """Record first, then send: a crash between the two loses a mail and never sends one twice."""
    schedule = run.schedule
    ready = run.export is not None and run.export.state == State.READY
    if run.export is not None and run.export.state == State.FAILED and (reason := why_not(schedule)):
        stop(schedule, reason)
    if not ScheduleRun.objects.filter(pk=run.pk, told_at=None).update(told_at=timezone.now()):
        return 0
    if run.export is not None and run.export.state == State.CANCELLED:
        return 0  # whoever cancelled it knows
    schedule.refresh_from_db()
    report = report_for(schedule.report)
    title = f"{schedule.report} {report.title}" if report else schedule.report
    where = (
        reverse("exports:export", args=[run.export_id])
        if ready
        else reverse("schedules:schedule", args=[schedule.pk])
    )
    context = {
        "schedule": schedule,
        "run": run,
        "title": title,
        "ready": ready,
        "stopped": schedule.standing == Standing.STOPPED,
        "why": schedule.reason or run.problem or (run.export.reason if run.export else ""),
        "link": settings.SMI_SITE_URL.rstrip("/") + where,
    }
    what = "is ready" if ready else "has stopped" if context["stopped"] else "could not be made"
    subject = f"SMI Portal: {'your data dump' if schedule.is_dump else title} {what}"
    try:
        for address in recipients(schedule):
            send_mail(subject, render_to_string("exports/mail.txt", context), None, [address])
    except (SMTPException, OSError):
        logger.exception("The mail about schedule run %s could not be sent.", run.pk)
        ScheduleRun.objects.filter(pk=run.pk).update(told_at=None, untold=F("untold") + 1)
        return 0
    return 1
