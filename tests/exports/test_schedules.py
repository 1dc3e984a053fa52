"""Reports that arrive by themselves: once, told once, and stopped when a right is lost."""

from __future__ import annotations

import io
import smtplib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from reports.exports.making import make
from reports.exports.models import Export, State
from reports.exports.schedule_models import Rhythm, Schedule, ScheduleRun, Standing
from reports.exports.schedules import keeping, telling
from reports.exports.schedules.running import run_due
from reports.exports.schedules.telling import tell
from smi_portal.accounts.models import Person
from tests.support.asking import table
from tests.support.files import csv_rows
from tests.support.people import address, signed_in

from .asking import content, fetch, person, viewer

QUESTION = "device_status=Commissioned"


def weekly(organisation: str = "M1", report: str = "RSMI_001", question: str = QUESTION) -> Schedule:
    """A schedule of the organisation's person that was due on Monday 19 November 2018."""
    made = keeping.save(
        person(organisation),
        viewer(organisation),
        report,
        question,
        "New <b>meters</b>",
        "csv",
        Rhythm.WEEKLY,
        1,
    )
    assert isinstance(made, Schedule)
    return due(made, date(2018, 11, 19))


def due(schedule: Schedule, day: date) -> Schedule:
    Schedule.objects.filter(pk=schedule.pk).update(next_on=day)
    schedule.refresh_from_db()
    return schedule


def at(day: date, hour: int = 7) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


MONDAY = date(2018, 11, 19)


def work() -> None:
    """What the worker would do with the files."""
    for pk in Export.objects.filter(state=State.QUEUED).values_list("pk", flat=True):
        make(pk, lambda: False)


@pytest.fixture
def administrator() -> Iterator[Person]:
    """M1's person administers M1."""
    Person.objects.using("owner").filter(email=address("M1")).update(is_administrator=True)
    yield person("M1")
    Person.objects.using("owner").filter(email=address("M1")).update(is_administrator=False)


def test_it_runs_once_and_is_told_once() -> None:
    schedule = weekly()
    assert run_due(at(MONDAY, 5)) == 0  # not before the hour
    assert run_due(at(MONDAY)) == 1
    assert run_due(at(MONDAY)) == 0
    assert tell() == 0  # not before it is ready
    work()
    assert tell() == 1
    assert tell() == 0
    schedule.refresh_from_db()
    assert schedule.next_on == date(2018, 11, 26)
    (sent,) = mail.outbox
    run = ScheduleRun.objects.get()
    assert run.export is not None
    assert sent.to == [address("M1")]
    assert f"http://127.0.0.1:8000/files/{run.export.pk}/" in sent.body
    assert "ready" in sent.subject
    assert sent.attachments == []
    assert "00-DB" not in sent.body
    rows = csv_rows(b"".join(fetch(signed_in("M1"), run.export).streaming_content))
    assert len(rows) == len(table(viewer("M1"), "RSMI_001", device_status="Commissioned"))


def test_days_that_were_missed_are_made_up_for_once() -> None:
    weekly()
    assert run_due(at(date(2018, 12, 20))) == 1
    assert Schedule.objects.get().next_on == date(2018, 12, 24)


def test_the_day_of_a_saved_report_is_the_latest() -> None:
    question, had = keeping.regular(signed_question("as_at=2018-11-01&device_status=Commissioned&rows=25"))
    assert (question, had) == ("device_status=Commissioned", True)


def signed_question(text: str) -> Any:
    from django.http import QueryDict

    return QueryDict(text)


def test_it_stops_when_the_person_has_left_and_says_so(administrator: Person) -> None:
    other = Person.objects.db_manager("owner").create_person(
        "second@m1.example", "Second", administrator.organisation, None
    )
    try:
        made = keeping.save(other, viewer("M1"), "RSMI_001", "", "Mine", "csv", Rhythm.DAILY, 1)
        assert isinstance(made, Schedule)
        due(made, MONDAY)
        Person.objects.using("owner").filter(pk=other.pk).update(is_active=False)
        assert run_due(at(MONDAY)) == 0
        made.refresh_from_db()
        assert (made.standing, made.reason) == (Standing.STOPPED, "The person who asked has left.")
        assert tell() == 1
        (sent,) = mail.outbox
        assert sent.to == [address("M1")]  # nobody else can be told
        assert "has stopped" in sent.subject
        assert "has left" in sent.body
        assert run_due(at(MONDAY + timedelta(days=9))) == 0
    finally:
        ScheduleRun.objects.using("owner").all().delete()
        Schedule.objects.using("owner").filter(person=other).delete()
        other.delete(using="owner")


def test_it_stops_when_a_release_is_taken_back_and_can_be_resumed() -> None:
    schedule = weekly(report="MAP_001", question="supplier_id=SUPA")
    call_command("release_field", "M1", "supplier", "--revoke", verbosity=0, stdout=io.StringIO())
    client = signed_in("M1")
    try:
        assert run_due(at(MONDAY)) == 0
        schedule.refresh_from_db()
        assert schedule.standing == Standing.STOPPED
        assert tell() == 1
        assert "not an input" in mail.outbox[0].body
        page = client.post(f"/schedules/{schedule.pk}/resume/", follow=True).content.decode()
        assert "cannot be resumed yet" in page
    finally:
        call_command("release_field", "M1", "supplier", verbosity=0, stdout=io.StringIO())
    client.post(f"/schedules/{schedule.pk}/resume/")
    schedule.refresh_from_db()
    assert (schedule.standing, schedule.reason) == (Standing.ACTIVE, "")


def test_a_failure_is_told_and_the_next_time_comes() -> None:
    schedule = weekly()
    run_due(at(MONDAY))
    Export.objects.update(state=State.FAILED, reason="The server has no room left for a file of this size.")
    assert tell() == 1
    assert "no room left" in mail.outbox[0].body
    schedule.refresh_from_db()
    assert schedule.standing == Standing.ACTIVE


def test_mail_that_cannot_be_sent_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    weekly()
    run_due(at(MONDAY))
    work()

    def down(*args: object, **kwargs: object) -> int:
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as broken:
        broken.setattr(telling, "send_mail", down)
        assert tell() == 0
    assert tell() == 1
    assert len(mail.outbox) == 1


def test_paused_and_removed_schedules_do_not_run() -> None:
    client, schedule = signed_in("M1"), weekly()
    client.post(f"/schedules/{schedule.pk}/pause/")
    due(schedule, MONDAY)
    assert run_due(at(MONDAY)) == 0
    client.post(f"/schedules/{schedule.pk}/resume/")
    schedule.refresh_from_db()
    assert schedule.next_on > timezone.now().date()
    client.post(f"/schedules/{schedule.pk}/remove/")
    due(schedule, MONDAY)
    assert run_due(at(MONDAY)) == 0
    assert client.get(f"/schedules/{schedule.pk}/").status_code == 404


def test_a_schedule_is_its_persons_own() -> None:
    schedule = weekly("S1")
    for other in ("M1", "S2", "DCC"):
        client = signed_in(other)
        assert client.get(f"/schedules/{schedule.pk}/").status_code == 404
        assert client.get(f"/schedules/{schedule.pk}/edit/").status_code == 404
        for action in ("edit", "run", "pause", "remove", "nonsense"):
            assert client.post(f"/schedules/{schedule.pk}/{action}/").status_code == 404
        assert str(schedule.pk) not in client.get("/schedules/").content.decode()
    schedule.refresh_from_db()
    assert schedule.standing == Standing.ACTIVE


def test_the_data_dump(administrator: Person) -> None:
    """October's end, in full, for thirteen months; November's not before the extract reaches it."""
    client = signed_in("M1")
    assert client.post("/schedules/dump/", {"form": "csv", "number": "1"}).status_code == 302
    assert client.post("/schedules/dump/", {"form": "csv", "number": "1"}).status_code == 302
    dump = Schedule.objects.get(is_dump=True)
    due(dump, MONDAY)
    assert run_due(at(MONDAY)) == 1
    work()
    export = Export.objects.get()
    found = content(export)
    assert (export.report, found.day) == ("MAP_001", date(2018, 10, 31))
    assert export.expires_at is not None
    assert 390 < (export.expires_at - timezone.now()).days < 400
    assert found.done == len(table(viewer("M1"), "MAP_001", as_at="2018-10-31")) - 1
    assert tell() == 1
    assert "data dump" in mail.outbox[0].subject
    due(dump, date(2018, 12, 3))
    assert run_due(at(date(2018, 12, 3))) == 0
    dump.refresh_from_db()
    assert dump.next_on == date(2018, 12, 4)
    assert Export.objects.count() == 1
    Person.objects.using("owner").filter(email=address("M1")).update(is_administrator=False)
    Schedule.objects.update(dumped=None, next_on=date(2018, 11, 20))
    assert run_due(at(date(2018, 11, 20))) == 0
    dump.refresh_from_db()
    assert "no administrator" in dump.reason


def test_only_an_administrator_sets_up_the_dump() -> None:
    client = signed_in("M1")
    assert client.get("/schedules/dump/").status_code == 403
    assert client.post("/schedules/dump/", {"form": "csv", "number": "1"}).status_code == 403
    assert not Schedule.objects.exists()


def test_setting_one_up_by_the_page() -> None:
    client = signed_in("M1")
    url = "/schedules/new/RSMI_001/?device_status=Commissioned&as_at=2018-11-01"
    page = client.get(url).content.decode()
    assert "The day that you had chosen is left out" in page
    form = {"name": "Commissioned", "form": "parquet", "rhythm": "working_day", "working_day": "3"}
    wrong = client.post(url, form | {"working_day": "99", "name": ""})
    assert wrong.status_code == 400
    assert "Enter a whole number from 1 to 18." in wrong.content.decode()
    assert "Give it a name" in wrong.content.decode()
    page = client.post(url, form, follow=True).content.decode()
    assert "every month on its 3rd Working Day" in page
    assert "Commissioned" in client.get("/schedules/").content.decode()
    assert client.get("/schedules/new/RSMI_001/?nope=1").status_code == 400
    assert client.get("/schedules/new/BKF_001/").status_code == 403
    schedule = Schedule.objects.get()
    first = client.post(f"/schedules/{schedule.pk}/run/")
    assert first["Location"].startswith("/files/")
    assert client.post(f"/schedules/{schedule.pk}/run/")["Location"] == first["Location"]  # a second click
