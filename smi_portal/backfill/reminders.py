"""What an organisation must do soon or has missed: one list for its home page and for its mail (our design).

Every reminder is made inside the organisation's own scope, so none can say what its reader may not see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from smi_portal import days
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.backfill import programme, records
from smi_portal.backfill.figures import figures
from smi_portal.backfill.models import Publication
from smi_portal.backfill.working_days import Calendar
from smi_portal.inventory.models import ExtractLoad

#: How many Working Days ahead of a deadline people are reminded.
DEADLINE_NEAR = 3
WINDOW_NEAR = 5
PANEL_NEAR = 20
#: Working Days into the next month within which SECAS publishes.
WORKING_DAYS_TO_PUBLISH = 5


@dataclass(frozen=True)
class Reminder:
    """One thing to do. `key` names it and its deadline, so that it is sent once; `path` is where to do it."""

    key: str
    due: date
    missed: bool
    sentence: str
    path: str


@dataclass(frozen=True)
class Deadline:
    """What must be done by the day `due`, and where. It reminds from `near` Working Days before that day on."""

    key: str
    name: str
    what: str
    path: str
    due: date
    near: int


def reminders_for(viewer: Viewer) -> list[Reminder]:
    """The viewer's reminders today, missed ones first; none before an extract is loaded. Opens the scope itself."""
    load = ExtractLoad.current()
    if load is None or viewer.role is Role.MAP:
        return []
    today = days.today()
    with scope(viewer):
        made = {Role.SUPPLIER: _supplier, Role.DCC: _dcc, Role.SECAS: _secas}[viewer.role](
            viewer, today, min(load.day, today)
        )
    return sorted(made, key=lambda one: (not one.missed, one.due, one.key))


def supplier_deadlines(viewer: Viewer, today: date, day: date) -> list[Deadline]:
    """What the supplier has still to do, near or far or missed; counted on `day`. Call inside its scope."""
    counts = figures(day).get(viewer.organisation_id)
    if counts is None or today < programme.implementation():
        return []
    found = []
    if not records.declarations(today, viewer.organisation_id):
        due = programme.declaration_deadline().due
        what = "Declare how many MAP IDs you must put into the inventory"
        found.append(Deadline("declaration", "Declaration", what, "/backfill/", due, DEADLINE_NEAR))
    if not counts.outstanding:
        return found
    left = f"your {counts.outstanding:,} outstanding MAP ID{'' if counts.outstanding == 1 else 's'}"
    held = records.in_force(records.allowances(today, viewer.organisation_id)).get(viewer.organisation_id)
    if held is not None:
        what = f"Send {left} before your window closes"
        found.append(
            Deadline("window", "End of your window", what, "/backfill/plan/", held.window_to, WINDOW_NEAR)
        )
    panel = programme.panel_date(today)
    if panel is not None:
        what = f"Put in {left} by the Panel date"
        found.append(Deadline("panel", "Panel date", what, "/backfill/plan/", panel, PANEL_NEAR))
    return found


def _supplier(viewer: Viewer, today: date, day: date) -> list[Reminder]:
    calendar = programme.working_calendar()
    return [
        made
        for one in supplier_deadlines(viewer, today, day)
        for made in _deadline(one.key, one.what, one.path, calendar, today, one.due, one.near)
    ]


def _dcc(viewer: Viewer, today: date, day: date) -> list[Reminder]:
    if today < programme.implementation():
        return []
    calendar, made = programme.working_calendar(), []
    users = {user.pk: user for user in records.users()}
    first = {}
    for declaration in reversed(records.declarations(today)):
        first[declaration.user_org_id] = declaration
    held = records.in_force(records.allowances(today))
    counts = figures(day)
    for pk, declaration in first.items():
        if pk in held or pk not in users or not counts[pk].outstanding:
            continue
        due = programme.confirmation_deadline(declaration.declared_on).due
        what = f"Confirm the allowance and window of {users[pk].name}"
        made += _deadline(
            f"allowance:{users[pk].organisation}", what, "/backfill/", calendar, today, due, DEADLINE_NEAR
        )
    missing = [users[pk].name for pk in users if pk not in first]
    due = programme.declaration_deadline().due
    if missing and today > due:
        what = f"Not declared yet: {', '.join(missing)}. Declarations were due"
        made.append(
            Reminder("missing:" + due.isoformat(), due, True, f"{what} on {_said(due)}.", "/backfill/")
        )
    return made


def _secas(viewer: Viewer, today: date, day: date) -> list[Reminder]:
    if today < programme.implementation():
        return []
    calendar, made = programme.working_calendar(), []
    published = set(Publication.objects.values_list("month", flat=True))
    for month in months(programme.implementation(), day):
        last = last_day(month)
        if last > day or f"{month:%Y-%m}" in published:
            continue
        due = calendar.deadline(last, WORKING_DAYS_TO_PUBLISH).due
        what = f"Publish {month:%B %Y} for the Panel"
        path = f"/backfill/panel/{month:%Y-%m}/"
        made += _deadline(f"publish:{month:%Y-%m}", what, path, calendar, today, due, WORKING_DAYS_TO_PUBLISH)
    if programme.panel_date(today) is None:
        made.append(
            Reminder(
                "panel-date",
                programme.implementation(),
                True,
                "Record the date by which the Panel wants the backfill finished: without it nobody is on track.",
                "/backfill/panel/",
            )
        )
    return made


def months(first: date, last: date) -> list[date]:
    """The first days of the calendar months from that of `first` to that of `last`."""
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = last_day(month) + timedelta(days=1)
    return found


def last_day(month: date) -> date:
    """The last day of the month that begins on `month`."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _deadline(
    key: str, what: str, path: str, calendar: Calendar, today: date, due: date, near: int
) -> list[Reminder]:
    """A reminder when the deadline is near or missed; nothing while it is far."""
    left = calendar.between(today, due)
    if today > due:
        sentence = f"Missed on {_said(due)}: {what[0].lower()}{what[1:]}."
        return [Reminder(f"{key}:{due.isoformat()}:missed", due, True, sentence, path)]
    if left > near:
        return []
    when = "today" if today == due else f"in {left} Working Day{'' if left == 1 else 's'}"
    return [Reminder(f"{key}:{due.isoformat()}", due, False, f"{what}: {when}, {_said(due)}.", path)]


def _said(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
