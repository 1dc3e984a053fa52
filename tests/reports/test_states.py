"""Before the first extract, with an empty one, and with the backfill counted for another day: said, never a crash."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from reports.engine.report import catalogue
from smi_portal.access.readers import Role
from smi_portal.inventory.models import Organisation
from tests.oracle.home import Home
from tests.support.loads import forget, load_tables
from tests.support.people import make_people, signed_in
from tests.support.world import AS_AT

NOTHING = "No extract has been loaded yet"


@pytest.fixture(params=["none", "empty"])
def extract(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> Iterator[str]:
    """No extract (but people, of organisations known before), or one with parties and nothing else."""
    with django_db_blocker.unblock():
        forget()
        try:
            if request.param == "none":
                for code, kind in (("M1", "MAP"), ("S1", "SUPPLIER"), ("DCC", "DCC"), ("SECAS", "SECAS")):
                    Organisation.objects.using("owner").create(
                        organisation=code, name=code, kind=kind, is_user=True
                    )
            else:
                load_tables(tmp_path, Home().tables, AS_AT)
            make_people()
            yield request.param
        finally:
            forget()


@pytest.mark.parametrize("organisation", ["M1", "S1", "DCC", "SECAS"])
def test_every_report_says_that_there_is_nothing(extract: str, organisation: str, tmp_path: Path) -> None:
    role = {"M1": Role.MAP, "S1": Role.SUPPLIER}.get(organisation) or Role[organisation]
    client = signed_in(organisation)
    assert client.get("/").status_code == client.get("/reports/").status_code == 200
    for report in catalogue():
        if role not in report.roles:
            continue
        address = f"/reports/{report.code}/"
        page = client.get(address)
        files = {form: client.get(f"{address}download.{form}") for form in ("csv", "json", "xlsx")}
        output = tmp_path / f"{report.code}.csv"
        command = ("run_report", report.code, "--organisation", organisation, f"--output={output}")
        if extract == "none":
            assert page.status_code == 400
            assert NOTHING in page.content.decode()
            assert {(file.status_code, NOTHING in file.content.decode()) for file in files.values()} == {
                (400, True)
            }
            with pytest.raises(CommandError, match=NOTHING):
                call_command(*command)
            assert not output.exists()
        else:
            assert page.status_code == 200
            assert "No rows" in page.content.decode()
            read = {form: b"".join(file.streaming_content) for form, file in files.items()}
            assert len(read["csv"].splitlines()) == 1
            found = json.loads(read["json"])
            assert (found["rows"], found["row_count"]) == ([], 0)
            book = openpyxl.load_workbook(io.BytesIO(read["xlsx"]))
            assert (book["Data"].max_row, book.sheetnames) == (1, ["Data", "About"])
            call_command(*command)
            assert output.read_bytes() == read["csv"]


@pytest.mark.parametrize("extract", ["empty"], indirect=True)
def test_a_backfill_counted_for_another_day_is_refused(extract: str) -> None:
    """Figures of another programme would be wrong, so there are none; the other reports go on."""
    client = signed_in("DCC")
    with override_settings(SMI_IMPLEMENTATION_DATE=date(2018, 12, 1)):
        for code in ("BKF_001", "BKF_002"):
            answer = client.get(f"/reports/{code}/")
            assert answer.status_code == 400
            assert "rebuild_periods" in answer.content.decode()
            assert client.get(f"/reports/{code}/download.csv").status_code == 400
        assert client.get("/reports/MAP_001/").status_code == 200
