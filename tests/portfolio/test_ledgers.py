"""Large ledgers, which a worker compares: handed in, watched, cancelled, refused, and nobody else's."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from smi_portal.access.scope import scope
from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation
from smi_portal.portfolio.ledger_models import Ledger, LedgerJob, LedgerPart, LedgerState
from smi_portal.portfolio.models import Reconciliation, ReconciliationPart
from smi_portal.portfolio.reconcile import jobs, working
from smi_portal.portfolio.reconcile.run import Step
from smi_portal.portfolio.views import reconcile as views
from tests.portfolio.conftest import page
from tests.portfolio.worlds import device, viewer
from tests.support.people import address, signed_in

pytestmark = pytest.mark.usefixtures("two_extracts")
LEDGER = f"device,from,to\n{device(9)},2018-11-01,2018-11-21\nXYZ,2018-11-01,2018-11-21\n"


@pytest.fixture(autouse=True)
def large(
    two_extracts: None, monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Every ledger counts as large; jobs are put away afterwards."""
    monkeypatch.setattr(views, "DIRECT_BYTES", 0)
    yield
    for model in (LedgerPart, Ledger, LedgerJob, ReconciliationPart, Reconciliation):
        model.objects.using("owner").all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def hand_in(text: str = LEDGER, organisation: str = "M1", **given: str) -> Any:
    form = {"start": "2018-11-01", "end": "2018-11-21", "rate": "", "saved": "", "save_as": ""} | given
    file = SimpleUploadedFile("ledger.csv", text.encode())
    return signed_in(organisation).post("/reconcile/", {**form, "file": file})


def handed_in(text: str = LEDGER, **given: str) -> tuple[str, LedgerJob]:
    """The address of a ledger's page, and its job."""
    answer = hand_in(text, **given)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    place = str(answer["Location"])
    assert place.startswith("/reconcile/ledgers/")
    return place, LedgerJob.objects.get(pk=place.split("/")[-2])


def work(job: LedgerJob) -> LedgerState | None:
    return working.work(job.pk, lambda: False)


def pieces() -> int:
    return LedgerPart.objects.using("owner").count()


def test_a_worker_compares_it_and_the_file_is_forgotten() -> None:
    place, job = handed_in(rate="0.1", save_as="Large ones")
    assert "Waiting" in page("M1", place)
    assert "ledger.csv" in page("M1", "/reconcile/")
    assert pieces() == 1
    call_command("worker", once=True)
    job.refresh_from_db()
    assert (job.state, job.reason) == (LedgerState.READY, "")
    assert pieces() == 0
    answer = signed_in("M1").get(place)
    assert answer.status_code == 302
    assert "2.00" in page("M1", answer["Location"])
    assert "See the result of 2 lines" in page("M1", place + "progress/")
    body = signed_in("M1").get(answer["Location"] + "workbook.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(body.streaming_content)))
    assert [book[name].max_row for name in ("Agrees", "Malformed")] == [2, 2]
    assert "Large ones" in page("M1", "/reconcile/")
    assert work(job) is None, "what is finished is not compared again"
    assert Reconciliation.objects.using("owner").count() == 1


def test_it_says_what_the_direct_way_says(monkeypatch: pytest.MonkeyPatch) -> None:
    _, job = handed_in()
    assert work(job) == LedgerState.READY
    monkeypatch.setattr(views, "DIRECT_BYTES", 2_000_000)
    assert hand_in().status_code == 302
    first, second = Reconciliation.objects.using("owner").all()
    assert (first.totals, first.facts, first.file_sha256) == (second.totals, second.facts, second.file_sha256)


def test_many_lines_in_few_bytes_become_a_job_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "DIRECT_BYTES", 2_000_000)
    monkeypatch.setattr(views, "DIRECT_LINES", 1)
    handed_in()


def test_a_ledger_may_be_larger_than_other_uploads_for_those_signed_in(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_200
    long = LEDGER + f"{device(9)},2018-11-01,2018-11-21\n" * 50
    assert hand_in(long).status_code == 302
    for client, where in ((Client(), "/reconcile/"), (signed_in("M1"), "/find/")):
        file = SimpleUploadedFile("ledger.csv", long.encode())
        assert client.post(where, {"file": file}).status_code == 413
    settings.SMI_MAX_LEDGER = 1_000
    answer = hand_in(long)
    assert answer.status_code == 400
    assert "split it" in answer.content.decode()


def test_what_cannot_be_read_is_refused_at_once() -> None:
    for text, sentence in (("", "is empty"), ("Colour\nred\n", "No column holds a Device ID or an MPxN")):
        answer = hand_in(text)
        assert answer.status_code == 400
        assert sentence in answer.content.decode()
    assert not LedgerJob.objects.exists()


def test_what_is_wrong_further_down_is_told_on_its_page() -> None:
    place, job = handed_in(LEDGER + '"never closed\n')
    assert work(job) == LedgerState.FAILED
    text = page("M1", place)
    assert "The file cannot be compared." in text
    assert "ledger.csv, line" in text
    assert pieces() == 0


def test_a_second_click_finds_the_first_and_too_many_are_refused(settings: Any) -> None:
    settings.SMI_FILES_AT_ONCE = 2
    place, _ = handed_in()
    assert handed_in()[0] == place
    assert handed_in(rate="1")[0] != place
    answer = hand_in(rate="2")
    assert answer.status_code == 400
    assert "You have 2 ledgers being compared" in answer.content.decode()


def test_lines_done_of_lines_total_are_told() -> None:
    place, job = handed_in()
    told: list[tuple[str, int, int | None]] = []
    LedgerJob.begin(job.pk)
    job.refresh_from_db()
    life = working._Life(job, viewer("M1", "supplier"), lambda: False)
    for step in (Step("comparing", 5_000, 20_000),):
        life.tell(step)
        with scope(viewer("M1")):
            ledger = Ledger.objects.get(pk=job.pk)
        told.append((ledger.step, ledger.done, ledger.total))
    assert told == [("comparing", 5_000, 20_000)]
    text = page("M1", place)
    assert "<strong>5,000</strong> of 20,000 lines (25%)" in text
    assert 'data-hx-trigger="every 2s"' in text


def test_cancelled_while_it_waits_and_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    place, job = handed_in()
    assert signed_in("M1").post(place + "cancel/").status_code == 302
    assert pieces() == 0
    assert work(job) is None
    assert "It was cancelled" in page("M1", place)
    place, job = handed_in(rate="1")
    monkeypatch.setattr(working, "EVERY", 0.0)
    usual = working.reconcile

    def cancelled_meanwhile(*arguments: Any) -> Any:
        outcome = usual(*arguments)
        assert signed_in("M1").post(place + "cancel/").status_code == 302
        return outcome

    monkeypatch.setattr(working, "reconcile", cancelled_meanwhile)
    assert work(job) == LedgerState.CANCELLED
    assert not Reconciliation.objects.using("owner").exists()


def test_an_attempt_that_was_overtaken_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that was taken for dead comes to its end while another has begun anew."""
    _, job = handed_in()
    usual = working._finish

    def overtaken(*arguments: Any) -> None:
        LedgerJob.objects.using("owner").filter(pk=job.pk).update(attempt=7)  # a transaction of its own
        usual(*arguments)

    monkeypatch.setattr(working, "_finish", overtaken)
    assert work(job) == LedgerState.CANCELLED
    assert not Reconciliation.objects.using("owner").exists()
    job.refresh_from_db()
    assert (job.state, job.attempt) == (LedgerState.RUNNING, 7)


def test_a_worker_that_must_end_puts_it_back() -> None:
    _, job = handed_in()
    assert working.work(job.pk, lambda: True) == LedgerState.QUEUED
    assert pieces() == 1
    assert work(job) == LedgerState.READY


def test_whoever_has_lost_the_right_gets_nothing() -> None:
    place, job = handed_in()
    Organisation.objects.using("owner").filter(organisation="M1").update(is_user=False)
    try:
        assert work(job) == LedgerState.FAILED
        assert pieces() == 0, "the file is forgotten although nobody may read any more"
        assert not Reconciliation.objects.using("owner").exists()
    finally:
        Organisation.objects.using("owner").filter(organisation="M1").update(is_user=True)
    assert "has not completed DCC User Entry" in page("M1", place)
    _, job = handed_in(rate="1")
    Person.objects.using("owner").filter(email=address("M1")).update(is_active=False)
    try:
        assert work(job) == LedgerState.FAILED
    finally:
        Person.objects.using("owner").filter(email=address("M1")).update(is_active=True)


def test_a_release_that_ends_before_it_runs_is_not_used() -> None:
    """Rights are those of the moment at which it is compared; and a result with suppliers is closed when they go."""
    ledger = f"device,supplier,from,to\n{device(9)},SUPA,2018-11-01,2018-11-21\n"
    _, before = handed_in(ledger)
    assert work(before) == LedgerState.READY
    _, after = handed_in(ledger, rate="1")
    call_command("release_field", "M1", "supplier", "--revoke", verbosity=0, stdout=io.StringIO())
    try:
        assert work(after) == LedgerState.READY
        results = {
            one.with_suppliers: one.pk for one in Reconciliation.objects.using("owner").order_by("made_at")
        }
        open_, closed = (signed_in("M1").get(f"/reconcile/{results[k]}/workbook.xlsx") for k in (False, True))
        assert (open_.status_code, closed.status_code) == (200, 404)
    finally:
        call_command("release_field", "M1", "supplier", verbosity=0, stdout=io.StringIO())


def test_nobody_else_sees_a_ledger_or_its_job() -> None:
    place, _ = handed_in()
    absent = f"/reconcile/ledgers/{uuid.uuid4()}/"
    for other in ("M2", "S1"):
        for end in ("", "progress/"):
            assert signed_in(other).get(place + end).status_code == 404
            assert signed_in(other).get(absent + end).status_code == 404
        assert signed_in(other).post(place + "cancel/").status_code == 404
        assert "ledger.csv" not in page(other, "/reconcile/")
    assert signed_in("DCC").get(place).status_code == 403
    colleague = Person.objects.db_manager("owner").create_person(
        "other@m1.example", "Another", Organisation.objects.get(organisation="M1"), None
    )
    client = signed_in("M1")
    client.force_login(colleague)
    assert client.get(place).status_code == 200
    assert client.post(place + "cancel/").status_code == 403


def test_hostile_sql_reads_no_ledger_of_anothers() -> None:
    handed_in()
    mine = viewer("M1").organisation_id
    tables = ("portfolio_ledger", "portfolio_ledgerpart")
    for table in tables:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(f"SELECT * FROM {table}")
        for organisation in ("M2", "S1", "DCC", "SECAS"):
            with scope(viewer(organisation)), connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone() == (0,)
                cursor.execute(f"DELETE FROM {table}")
                assert cursor.rowcount == 0
    with scope(viewer("M2")), connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            cursor.execute("SELECT * FROM portfolio_ledgerjob")
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute(
                "INSERT INTO portfolio_ledgerpart (id, ledger_id, organisation_id, number, body) "
                "SELECT %s, gen_random_uuid(), %s, 9, ''",
                [str(uuid.uuid4()), mine],
            )
    assert pieces() == 1


def test_a_ledger_that_no_worker_took_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    place, _ = handed_in()
    assert jobs.forget_waiting() == 0
    monkeypatch.setattr(jobs, "WAITS", -jobs.WAITS)
    assert jobs.forget_waiting() == 1
    assert pieces() == 0
    assert "No worker was free" in page("M1", place)
