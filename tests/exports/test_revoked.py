"""DCC takes a release back on its page: at that moment the field is gone by every road, what waits included."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from reports.exports import making
from reports.exports.models import Export, Schedule, State
from reports.exports.schedule_models import Rhythm, ScheduleRun, Standing
from reports.exports.schedules import keeping
from reports.exports.schedules.running import run_due
from reports.exports.schedules.telling import tell
from reports.saved.models import SavedView
from smi_portal.portfolio.models import Statement
from smi_portal.tokens.models import ApiToken
from tests.exports.asking import ask, content, fetch, made, person, viewer
from tests.support.files import csv_rows
from tests.support.people import signed_in
from tests.support.tokens import API, program

pytestmark = pytest.mark.usefixtures("real")

MONDAY = date(2018, 11, 19)
FIELD, VALUE = "supplier_id", "SUPA"
BY_IT = f"{FIELD}={VALUE}"


def decide(decision: str, group: str = "supplier") -> None:
    """On DCC's page, as its operator does."""
    answer = signed_in("DCC").post(
        f"/permissions/M1/{group}/", {"decision": decision, "reason": "Agreed in WG2"}, follow=True
    )
    assert answer.status_code == 200


@pytest.fixture(autouse=True)
def released_after() -> Iterator[None]:
    """M1 has both releases before and after each test; nothing that it kept stays."""
    yield
    decide("release")
    decide("release", "premises")
    SavedView.objects.using("owner").all().delete()
    ApiToken.objects.using("owner").all().delete()
    Statement.objects.using("owner").all().delete()


def body(answer: Any) -> bytes:
    """Streamed or not."""
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def tells(answer: Any) -> bool:
    """Whether an answer names the field or one of its values."""
    return answer.status_code == 200 and bool(re.search(rb"SUP[AB]\b|supplier_id|Supplier ID", body(answer)))


def due(question: str) -> Schedule:
    """M1's schedule of MAP_001, due on Monday."""
    found = keeping.save(person("M1"), viewer("M1"), "MAP_001", question, "x", "csv", Rhythm.WEEKLY, 1)
    assert isinstance(found, Schedule)
    Schedule.objects.filter(pk=found.pk).update(next_on=MONDAY)
    return found


def run() -> int:
    """What the worker's clock does on that Monday."""
    return run_due(datetime(2018, 11, 19, 7, tzinfo=UTC))


def job(client: Client) -> str:
    """A job asked for by a program; its address."""
    sent = json.dumps({"format": "csv", "question": {}})
    answer = client.post(f"{API}reports/MAP_001/jobs", sent, content_type="application/json")
    assert answer.status_code == 202
    return str(answer["Location"]).removeprefix("http://testserver")


ROADS = (
    "/reports/MAP_001/",
    "/reports/MAP_001/download.csv?dialect=machine",
    "/reports/MAP_001/download.json",
    "/rental-days/?from=2018-11-01&to=2018-11-21",
    "/rental-days/download.csv?from=2018-11-01&to=2018-11-21",
    "/devices/00-DB-00-00-00-01-00-01/",
    "/find/?device_id=00-DB-00-00-00-01-00-01",
)
PROGRAM = (
    "reports/MAP_001/rows?limit=5",
    "reports/MAP_001/rows.csv",
    "reports/MAP_001/rows.json",
    "inventory?device_id=00-DB-00-00-00-01-00-01",
    "inventory.xml?device_id=00-DB-00-00-00-01-00-01",
)


def test_pages_files_and_programs_at_once_both_ways() -> None:
    browser, token = signed_in("M1"), program("M1")
    every = [(browser, road) for road in ROADS] + [(token, API + road) for road in PROGRAM]
    asked_by = [(browser, f"/reports/MAP_001/?{BY_IT}"), (token, f"{API}reports/MAP_001/rows?{BY_IT}")]
    for _ in range(2):
        told = {road: tells(client.get(road)) for client, road in every[:5] + every[7:10]}
        assert all(told.values()), told
        assert [client.get(road).status_code for client, road in asked_by] == [200, 200]
        decide("revoke")
        told = {road: tells(client.get(road)) for client, road in every}
        assert not any(told.values()), told
        assert [client.get(road).status_code for client, road in asked_by] == [400, 400]
        decide("release")


def test_premises_too() -> None:
    """Another group, another question: who may not see addresses cannot ask by them either."""
    browser = signed_in("M1")
    by_address = "/find/?postcode=ZZ1+1ZZ&address_identifier=1"
    assert "property_post_code" in str(body(browser.get("/reports/MAP_001/download.csv?dialect=machine")))
    assert browser.get(by_address).status_code == 200
    decide("revoke", "premises")
    assert "ZZ1 1ZZ" not in str(body(browser.get("/reports/MAP_001/download.csv?dialect=machine")))
    refused = browser.get(by_address)
    assert refused.status_code == 400
    assert "cannot be asked by" in refused.content.decode()


def test_a_job_that_waits_is_made_without_it_or_says_why_not() -> None:
    plain, by_it, program_s = ask("M1", "MAP_001"), ask("M1", "MAP_001", BY_IT), job(program("M1"))
    decide("revoke")
    for export in Export.objects.filter(state=State.QUEUED):
        making.make(export.pk, lambda: False)
    plain.refresh_from_db()
    by_it.refresh_from_db()
    rows = csv_rows(body(fetch(signed_in("M1"), plain)))
    assert len(rows) > 1
    assert FIELD not in rows[0]
    assert (by_it.state, by_it.key) == (State.FAILED, "")
    assert "cannot be answered any more" in by_it.reason
    assert FIELD in content(by_it).detail
    assert VALUE not in content(by_it).detail
    shown = signed_in("M1").get(f"/files/{by_it.pk}/")
    assert shown.status_code == 200
    assert f"“{FIELD}” is not an input" in shown.content.decode()
    assert FIELD not in str(body(program("M1").get(program_s + "/file")))


def test_a_file_that_was_finished_cannot_be_fetched_by_any_road() -> None:
    browser, token = signed_in("M1"), program("M1")
    export, asked = made("M1", "MAP_001"), job(token)
    making.make(Export.objects.get(state=State.QUEUED).pk, lambda: False)
    assert [tells(fetch(browser, export)), tells(token.get(asked + "/file"))] == [True, True]
    decide("revoke")
    assert [fetch(browser, export).status_code, token.get(asked + "/file").status_code] == [403, 403]
    assert "no longer released" in fetch(browser, export).content.decode()
    decide("release")
    assert fetch(browser, export).status_code == 200


def test_taken_back_while_the_file_is_made() -> None:
    """The job has begun and reads with the old rights: its file is never handed out."""
    export = ask("M1", "MAP_001")
    calls = []

    def stop() -> bool:
        if not calls:
            calls.append(decide("revoke"))
        return False

    making.make(export.pk, stop)
    decide("revoke")
    export.refresh_from_db()
    answer = fetch(signed_in("M1"), export)
    assert answer.status_code == 403 or not tells(answer)
    assert export.state == State.READY


def test_a_schedule_runs_without_it_or_stops_and_says_why() -> None:
    plain, by_it = due(""), due(BY_IT)
    decide("revoke")
    assert run() == 1
    making.make(Export.objects.get().pk, lambda: False)
    assert FIELD not in csv_rows(body(fetch(signed_in("M1"), Export.objects.get())))[0]
    plain.refresh_from_db()
    by_it.refresh_from_db()
    assert (plain.standing, by_it.standing) == (Standing.ACTIVE, Standing.STOPPED)
    assert f"“{FIELD}” is not an input" in by_it.reason
    assert tell() == 2
    for address in ("/schedules/", f"/schedules/{by_it.pk}/"):
        answer = signed_in("M1").get(address)
        assert answer.status_code == 200
    assert "can no longer be run" in answer.content.decode()


def test_a_run_that_was_asked_for_before_and_is_made_after() -> None:
    by_it = due(BY_IT)
    assert run() == 1
    decide("revoke")
    making.make(Export.objects.get().pk, lambda: False)
    assert Export.objects.get().state == State.FAILED
    assert tell() == 1
    by_it.refresh_from_db()
    assert by_it.standing == Standing.STOPPED
    assert ScheduleRun.objects.get().export is not None
    assert signed_in("M1").get(f"/schedules/{by_it.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("query", "lost"),
    [
        (BY_IT, True),
        (f"{BY_IT}&device_status=Commissioned", True),
        (f"sort=-{FIELD}", True),
        (f"columns=device_id,{FIELD}", True),
        ("device_status=Commissioned", False),
    ],
)
def test_a_saved_view_says_what_it_lost_and_never_shows_every_row_instead(query: str, lost: bool) -> None:
    browser = signed_in("M1")
    browser.post(f"/views/new/MAP_001/?{query}", {"name": "Mine", "pinned": "on", "default": "on"})
    address = browser.get("/reports/MAP_001/")["Location"]
    decide("revoke")
    for place in ("/", "/views/", f"/views/{SavedView.objects.using('owner').get().pk}/"):
        assert browser.get(place).status_code == 200, place
    listed = browser.get("/views/").content.decode()
    assert ("It uses Supplier ID, which is not released" in listed) == lost
    answer = browser.get(f"/reports/MAP_001/{address}")
    assert answer.status_code == (400 if lost else 200)
    text = answer.content.decode()
    assert ("cannot be shown as it was saved" in text) == lost
    if lost:
        assert "00-DB-" not in text
        rest = re.search(r'href="(\?[^"]*)">Open what is left of it', text)
        assert rest is not None
        left = browser.get(f"/reports/MAP_001/{rest[1].replace('&amp;', '&')}")
        assert left.status_code == 200
        assert FIELD not in rest[1]
    file = browser.get(f"/reports/MAP_001/download.csv?{query}")
    assert file.status_code == (400 if lost else 200)
    decide("release")
    assert browser.get(f"/reports/MAP_001/{address}").status_code == 200
