"""Setting schedules up, finding them, and changing how they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from reports.engine.ask import AskRefused
from reports.engine.report import Report, report_for
from reports.exports import jobs
from reports.exports.models import ScheduleContent
from reports.exports.schedule_models import Rhythm, Schedule, ScheduleRun, Standing
from reports.exports.schedules.running import following
from smi_portal import audit
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.accounts.models import Person

#: Of which report the data dump is, by role: the one whose rows are all the assets that the role may see.
DUMPED = {Role.MAP: "MAP_001", Role.SUPPLIER: "RSMI_002", Role.DCC: "RSMI_002"}
#: Schedules that one person may have (our design: each costs a file every time).
MOST = 20


@dataclass(frozen=True)
class Kept:
    """A schedule with its content, as its organisation may know it."""

    schedule: Schedule
    content: ScheduleContent


def dump_report(viewer: Viewer) -> Report | None:
    """The report that the viewer's data dump holds; None for a role without assets."""
    return report_for(DUMPED[viewer.role]) if viewer.role in DUMPED else None


def dump_months() -> int:
    """Months for which a dump is kept (setting SMI_DUMP_MONTHS)."""
    return int(settings.SMI_DUMP_MONTHS)


def regular(given: MultiValueDict[str, str]) -> tuple[str, bool]:
    """The question to ask regularly: without its day, as it always asks for the latest; and whether it had one."""
    data = QueryDict(jobs.written(given), mutable=True)
    had = data.pop("as_at", None)
    return data.urlencode(), had is not None


def problems(viewer: Viewer, report: Report, question: str) -> list[str]:
    """Why the question cannot be asked; empty when it can."""
    try:
        jobs.rows_of(viewer, report, question, "csv")
    except AskRefused as refused:
        return [sentence for sentences in refused.errors.values() for sentence in sentences]
    return []


def save(
    person: Person, viewer: Viewer, code: str, question: str, name: str, form: str, rhythm: str, number: int
) -> Schedule | str:
    """A new schedule; or the sentence that says why there cannot be one more."""
    own = Schedule.objects.filter(person=person, is_dump=False).exclude(standing=Standing.REMOVED)
    if own.count() >= MOST:
        return f"You have {MOST} schedules, which is the most one person may have. Remove one first."
    return _made(person, viewer, name, question, report=code, form=form, rhythm=rhythm, number=number)


def change(kept: Kept, viewer: Viewer, name: str, form: str, rhythm: str, number: int) -> None:
    """Another name, format or rhythm of a person's own schedule. Its next day follows the new rhythm from today on."""
    schedule = kept.schedule
    schedule.form, schedule.rhythm, schedule.number = form, rhythm, number
    with transaction.atomic():
        Schedule.objects.filter(pk=schedule.pk).update(
            form=form, rhythm=rhythm, number=number, next_on=following(schedule, _today())
        )
        with scope(viewer):
            ScheduleContent.objects.filter(pk=schedule.pk).update(name=name)
        _note("schedule changed", schedule)


def save_dump(person: Person, viewer: Viewer, form: str, number: int) -> Schedule:
    """The organisation's data dump, or the one that it has already: a second click makes no second dump."""
    report = dump_report(viewer)
    if report is None:
        raise ValueError("There is no data dump for this role: the view must ask first.")
    try:
        with transaction.atomic():
            return _made(
                person,
                viewer,
                "Monthly data dump",
                "",
                report=report.code,
                form=form,
                rhythm=Rhythm.WORKING_DAY,
                number=number,
                is_dump=True,
            )
    except IntegrityError:
        standing = dump_of(viewer)
        if standing is None:
            raise
        return standing


def dump_of(viewer: Viewer) -> Schedule | None:
    """The organisation's data dump, whatever its standing; None when there is none."""
    found = Schedule.objects.filter(organisation_id=viewer.organisation_id, is_dump=True)
    return found.exclude(standing=Standing.REMOVED).select_related("person").first()


def schedules(viewer: Viewer, person: Person) -> list[Kept]:
    """The person's own schedules and their organisation's dump, the oldest first."""
    return _kept(viewer, _visible(viewer, person))


def find(viewer: Viewer, person: Person, schedule_id: UUID) -> Kept | None:
    """One of these; None for an absent one and for anybody else's alike."""
    found = _kept(viewer, _visible(viewer, person) & Q(pk=schedule_id))
    return found[0] if found else None


def told_runs(viewer: Viewer, runs: Sequence[ScheduleRun]) -> list[tuple[ScheduleRun, jobs.Told | None]]:
    """Runs with their files, where they have one."""
    told = {one.export.pk: one for one in jobs.told(viewer, [run.export for run in runs if run.export])}
    return [(run, told.get(run.export_id) if run.export_id else None) for run in runs]


def put(schedule: Schedule, standing: Standing) -> None:
    """Pause or remove it."""
    Schedule.objects.filter(pk=schedule.pk).update(standing=standing, reason="")
    _note(f"schedule {standing.value}", schedule)


def resume(schedule: Schedule) -> None:
    """Let it run again, from its next day on; days that have passed are not made up for."""
    Schedule.objects.filter(pk=schedule.pk).update(
        standing=Standing.ACTIVE, reason="", next_on=following(schedule, _today())
    )
    _note("schedule resumed", schedule)


def take_over(schedule: Schedule, person: Person) -> Schedule:
    """Another administrator becomes responsible for the data dump."""
    Schedule.objects.filter(pk=schedule.pk, is_dump=True).update(person=person)
    return Schedule.objects.select_related("person").get(pk=schedule.pk)


def _made(person: Person, viewer: Viewer, name: str, question: str, **facts: object) -> Schedule:
    schedule = Schedule(person=person, organisation_id=viewer.organisation_id, **facts)
    # A dump is first made on the next day that it is looked at: its month end may be long over.
    schedule.next_on = _today() if schedule.is_dump else following(schedule, _today())
    with transaction.atomic():
        schedule.save(force_insert=True)
        with scope(viewer):
            ScheduleContent(
                schedule=schedule, organisation_id=viewer.organisation_id, name=name, question=question
            ).save(force_insert=True)
        _note("schedule made", schedule)
    return schedule


def _note(kind: str, schedule: Schedule) -> None:
    audit.note(
        kind, schedule.person, schedule=str(schedule.pk), report=schedule.report, rhythm=str(schedule.rhythm)
    )


def _visible(viewer: Viewer, person: Person) -> Q:
    own = Q(person=person, is_dump=False) | Q(is_dump=True)
    return Q(organisation_id=viewer.organisation_id) & own & ~Q(standing=Standing.REMOVED)


def _kept(viewer: Viewer, which: Q) -> list[Kept]:
    found = list(
        Schedule.objects.filter(which).select_related("person", "organisation").order_by("made_at", "pk")
    )
    with scope(viewer):
        contents = ScheduleContent.objects.in_bulk([one.pk for one in found])
    return [Kept(one, contents[one.pk]) for one in found if one.pk in contents]


def _today() -> date:
    return datetime.now(UTC).date()
