"""A file from the question to the download: what is promised is what arrives, once."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import shlex
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from reports.engine.ask import AskRefused
from reports.engine.run import FORMS
from reports.exports import house, jobs, making
from reports.exports.models import Delivery, Export, State
from reports.exports.rights import TooMuch
from smi_portal.accounts.models import Person
from tests.support.asking import table
from tests.support.files import csv_rows
from tests.support.people import address, signed_in

from .asking import ask, content, fetch, made, person, run_worker, viewer


def test_a_worker_makes_what_is_queued_and_it_arrives_whole(files: Path) -> None:
    """The same bytes that the direct download sends; with the length, the count and the checksum that were promised."""
    client, export = signed_in("M1"), ask(question="device_status=Commissioned")
    assert export.state == State.QUEUED
    assert not files.exists()
    run_worker()
    export.refresh_from_db()
    found = content(export)
    assert export.state == State.READY
    answer = fetch(client, export)
    body = b"".join(answer.streaming_content)
    direct = client.get("/reports/RSMI_001/download.csv?device_status=Commissioned")
    assert body == b"".join(direct.streaming_content)
    assert hashlib.sha256(body).hexdigest() == found.sha256 == answer["ETag"].strip('"')
    assert int(answer["Content-Length"]) == len(body) == found.size
    assert found.done == found.total == len(csv_rows(body)) - 1 == int(answer["SMI-Rows"])
    assert found.done > 5
    assert 'filename="rsmi_001_m1_2018-11-20' in answer["Content-Disposition"]
    assert Delivery.objects.filter(export=export, person=person("M1")).count() == 1


@pytest.mark.parametrize("form", FORMS)
def test_every_format_holds_the_same_rows(form: str) -> None:
    question = "sort=-installation_date"
    want = table(viewer("M1"), "MAP_001", sort="-installation_date")
    export = made("M1", "MAP_001", f"dialect=machine&{question}", form)
    body = b"".join(fetch(signed_in("M1"), export).streaming_content)
    assert content(export).done == len(want) - 1
    if form == "csv":
        assert csv_rows(body) == want
    elif form == "csv.gz":
        assert csv_rows(gzip.decompress(body)) == want
    elif form == "csv.zip":
        archive = zipfile.ZipFile(io.BytesIO(body))
        assert archive.testzip() is None
        (name,) = archive.namelist()
        assert name.endswith(".csv")
        assert csv_rows(archive.read(name)) == want
    elif form == "parquet":
        read = pq.read_table(io.BytesIO(body))
        assert read.column_names == want[0]
        assert [[_said(cell) for cell in row.values()] for row in read.to_pylist()] == want[1:]
        assert str(read.schema.field("installation_date").type) == "date32[day]"
        assert str(read.schema.field("dcc_compliant").type) == "bool"


def _said(cell: object) -> str:
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def test_a_second_click_is_the_same_job() -> None:
    first = ask(question="sort=device_id&device_status=Commissioned")
    assert ask(question="device_status=Commissioned&sort=device_id&rows=25&after=x").pk == first.pk
    assert ask(question="device_status=Commissioned").pk != first.pk
    making.make(first.pk, lambda: False)
    assert ask(question="sort=device_id&device_status=Commissioned").pk != first.pk


@pytest.mark.parametrize(
    ("organisation", "report", "question", "form", "status", "words"),
    [
        ("M1", "RSMI_001", "nope=1", "csv", 400, "“nope” is not an input"),
        ("M2", "MAP_001", "supplier_id=SUPA", "csv", 400, "“supplier_id” is not an input"),
        ("M1", "RSMI_001", "as_at=2030-01-01", "csv", 400, "after the loaded extract"),
        ("M1", "RSMI_001", "dialect=martian", "csv", 400, "people or machine"),
        ("M1", "RSMI_001", "", "pdf", 400, "not a format"),
        ("M1", "BKF_001", "", "csv", 403, "not available to your role"),
        ("M1", "NO_SUCH", "", "csv", 404, "no report"),
        ("OTHER", "RSMI_001", "", "csv", 403, "User Entry"),
    ],
)
def test_what_cannot_be_made_is_refused_at_once(
    organisation: str, report: str, question: str, form: str, status: int, words: str
) -> None:
    with pytest.raises(AskRefused, match=words) as refused:
        ask(organisation, report, question, form)
    assert refused.value.status == status
    assert not Export.objects.exists()


def test_cancelled_before_it_begins_and_made_again() -> None:
    export = ask()
    assert jobs.cancel(export)
    assert not jobs.cancel(export)
    run_worker()
    export.refresh_from_db()
    assert (export.state, export.attempt) == (State.CANCELLED, 0)
    found = jobs.find(viewer("M1"), export.pk)
    assert found is not None
    another = jobs.again(person("M1"), found)
    assert another.pk != export.pk
    assert making.make(another.pk, lambda: False) == State.READY


def test_a_job_that_is_run_twice_delivers_once(files: Path) -> None:
    """A late attempt neither changes the file that is ready nor leaves one of its own."""
    export = ask()
    assert making.make(export.pk, lambda: False) == State.READY
    assert making.make(export.pk, lambda: False) is None
    export.refresh_from_db()
    assert [path.name for path in files.iterdir()] == [export.key]


def test_an_attempt_that_was_overtaken_leaves_nothing(files: Path) -> None:
    """Its worker was silent for so long that another took the job; then it comes to its end after all."""
    export = ask()
    slow = Export.begin(export.pk, "person", "schedule")
    assert slow is not None
    fast = Export.begin(export.pk, "person", "schedule")
    assert fast is not None
    making._make(fast, lambda: False)
    with pytest.raises(making.Stopped):
        making._make(slow, lambda: False)
    export.refresh_from_db()
    assert (export.state, export.key) == (State.READY, f"{export.pk}-2")
    assert [path.name for path in files.iterdir()] == [export.key]


def test_rights_are_taken_at_the_run() -> None:
    """Between asking and making, the person leaves."""
    export = ask("M2")
    try:
        Person.objects.filter(email=address("M2")).update(is_active=False)
        run_worker()
        export.refresh_from_db()
        assert (export.state, export.reason) == (State.FAILED, "The person who asked has left.")
    finally:
        Person.objects.filter(email=address("M2")).update(is_active=True)


def test_a_release_that_ended_ends_the_download_too() -> None:
    """M1's file has the supplier's column. Without the release it cannot be fetched; the same without it can be."""
    client = signed_in("M1")
    with_supplier = made("M1", "MAP_001")
    assert with_supplier.groups == "premises,supplier"
    filtered = made("M1", "RSMI_004")
    assert fetch(client, with_supplier).status_code == 200
    call_command("release_field", "M1", "supplier", "--revoke", verbosity=0, stdout=io.StringIO())
    try:
        answer = fetch(client, with_supplier)
        assert answer.status_code == 403
        assert "no longer released" in answer.content.decode()
        assert fetch(client, filtered).status_code == (403 if "supplier" in filtered.groups else 200)
        anew = made("M1", "MAP_001")
        body = b"".join(fetch(client, anew).streaming_content)
        assert "supplier_id" not in csv_rows(body)[0]
    finally:
        call_command("release_field", "M1", "supplier", verbosity=0, stdout=io.StringIO())


def test_another_organisation_and_nobody_get_the_same_answer() -> None:
    export = made("M1")
    for address_ in ("", "progress/", "download/"):
        foreign = signed_in("M2").get(f"/files/{export.pk}/{address_}")
        absent = signed_in("M2").get(f"/files/00000000-0000-4000-8000-000000000000/{address_}")
        assert foreign.status_code == absent.status_code == 404
        assert _without_tokens(foreign) == _without_tokens(absent)
    for action in ("cancel", "again"):
        assert signed_in("M2").post(f"/files/{export.pk}/{action}/").status_code == 404
    assert str(export.pk) not in signed_in("M2").get("/files/?whose=organisation").content.decode()


def _without_tokens(answer: Any) -> str:
    """Tokens against forged requests differ from answer to answer."""
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


def test_files_expire_and_can_be_made_again(files: Path) -> None:
    client, export = signed_in("M1"), made()
    assert export.expires_at is not None
    assert timedelta(days=7) - (export.expires_at - timezone.now()) < timedelta(minutes=1)
    assert house.purge() == 0
    Export.objects.filter(pk=export.pk).update(expires_at=timezone.now())
    assert fetch(client, export).status_code == 410
    assert house.purge() == 1
    assert list(files.iterdir()) == []
    answer = fetch(client, export)
    assert answer.status_code == 410
    assert "Make it again" in answer.content.decode()


def test_fair_use(settings: Any) -> None:
    settings.SMI_FILES_AT_ONCE = 2
    ask(), ask(question="device_status=Commissioned")
    with pytest.raises(TooMuch, match="2 files being made"):
        ask(question="device_status=Pending")
    settings.SMI_FILES_AT_ONCE, settings.SMI_FILES_A_DAY = 9, 2
    with pytest.raises(TooMuch, match="2 files in 24 hours") as much:
        ask(question="device_status=Pending")
    assert much.value.retry_after > 80_000
    settings.SMI_FILES_A_DAY = 1  # lowered since: also the run asks
    run_worker()
    assert {export.state for export in Export.objects.all()} == {State.FAILED}
    settings.SMI_FILES_A_DAY, settings.SMI_FETCHES_A_DAY = 99, 1
    export, client = made(question="device_type=ESME"), signed_in("M1")
    assert fetch(client, export).status_code == 200
    answer = fetch(client, export)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 80_000


def test_a_damaged_file_is_never_delivered_whole(files: Path) -> None:
    client, export = signed_in("M1"), made()
    path = files / export.key
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    assert fetch(client, export).status_code == 410
    path.write_bytes(whole[:-9] + b"something")
    with pytest.raises(OSError, match="not the one that was made"):
        b"".join(fetch(client, export).streaming_content)
    path.unlink()
    assert fetch(client, export).status_code == 410


def test_the_queue_knows_nothing_but_ids() -> None:
    export = ask(question="device_status=Commissioned")
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs")
        assert cursor.fetchall() == [(f'{{"export_id": "{export.pk}"}}',)]


def test_the_start_up_check_holds_with_the_queue() -> None:
    call_command("check", "--database", "default", verbosity=0)


@pytest.mark.parametrize(("form", "ending"), [("csv", "csv"), ("parquet", "parquet")])
def test_the_checks_that_the_documentation_gives(form: str, ending: str, tmp_path: Path) -> None:
    """The commands of docs/exports.md, as a shell runs them, on a file that was fetched."""
    export = made("M1", "MAP_001", form=form)
    path = tmp_path / f"map_001_….{ending}"
    path.write_bytes(b"".join(fetch(signed_in("M1"), export).streaming_content))
    text = (settings.BASE_DIR / "docs" / "exports.md").read_text(encoding="utf-8")
    commands = [line.strip().split("   ")[0] for line in text.splitlines() if path.name in line]
    said = [
        subprocess.run(
            ["bash", "-c", command.replace("python ", f"{shlex.quote(sys.executable)} ")],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for command in commands
    ]
    found = content(export)
    assert any(one.startswith(f"{found.done}") for one in said), said
    if form == "csv":
        assert any(one.startswith(found.sha256) for one in said), said
