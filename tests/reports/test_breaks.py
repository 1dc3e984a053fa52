"""A file whose connection dies half-way says so in itself, cannot be taken for complete, and leaves nothing behind."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from pytest_django import DjangoDbBlocker

from reports.engine.files.atomic import write_atomically
from reports.engine.filters import filter_rows
from reports.engine.run import Format, Stream, stream
from tests.support.asking import ask_of, viewer_of
from tests.support.loads import forget, load_tables
from tests.support.world import AS_AT, build

ROWS = 60_000  # 30 MB: more than the sockets' buffers hold, so that the server is still sending


@pytest.fixture(scope="module", autouse=True)
def _many_meters(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    with django_db_blocker.unblock():
        forget()
        load_tables(tmp_path_factory.mktemp("breaks"), build(), AS_AT)
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "INSERT INTO inventory_assetperiod (device_id, lane, from_day, to_day, map_org_id, map_run_from, "
                "map_run_to, device_type, pre_notified_on, map_id, serial_number) SELECT 'Z' || n, 0, '2018-01-01', "
                "'infinity', o.id, '2018-01-01', 'infinity', 'ESME', '2018-01-01', 'MAPA', repeat('9', 500) "
                "FROM generate_series(1, %s) n, inventory_organisation o WHERE o.organisation = 'M1'",
                [ROWS],
            )
        try:
            yield
        finally:
            forget()


def file(form: Format) -> Stream:
    viewer = viewer_of("M1")
    assert viewer is not None
    return stream(filter_rows(ask_of(viewer, "RSMI_001")).rows, form, "machine")


def end_the_session() -> None:
    """End the site's session from another of the same role: from outside, as a fail-over or an administrator does."""
    wanted = {"host", "port", "dbname", "user", "password"}
    settings = {key: value for key, value in connection.get_connection_params().items() if key in wanted}
    with psycopg.connect(**settings, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])


@pytest.fixture(autouse=True)
def _fresh_connection() -> Iterator[None]:
    """The next test does not find the dead one."""
    yield
    connection.close()


def cut(made: Stream) -> bytes:
    """What arrives when the database ends the session after the first rows; the error must come through."""
    chunks = made.chunks
    found = [next(chunks), next(chunks), next(chunks)]
    end_the_session()
    with pytest.raises(psycopg.OperationalError):
        found.extend(chunks)
    return b"".join(found)


def test_csv_says_so_in_its_last_row() -> None:
    made = file("csv")
    *rows, last = cut(made).decode().splitlines()
    assert 0 < made.tally.rows < ROWS
    assert len(rows) == made.tally.rows + 1
    reason = "the connection to the database was lost; do not use it"
    assert last == f"# INCOMPLETE: this file stopped after {made.tally.rows} rows: {reason}"


def test_excel_cannot_be_opened() -> None:
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(cut(file("xlsx"))))


def test_json_cannot_be_read() -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut(file("json")))


def test_a_break_before_the_first_row_counts_too() -> None:
    made = file("csv")
    chunks = made.chunks
    found = [next(chunks)]  # the header: nothing has been read yet
    connection.ensure_connection()
    end_the_session()
    with pytest.raises((DatabaseError, psycopg.Error)):
        found.extend(chunks)
    assert b"# INCOMPLETE: this file stopped after 0 rows" in b"".join(found)


def test_the_command_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old file stays as it was, and no part of the new one is left."""
    output = tmp_path / "report.csv"
    output.write_text("yesterday's")

    def killing(path: Path, chunks: Iterator[bytes]) -> object:
        def cut_off() -> Iterator[bytes]:
            for number, chunk in enumerate(chunks):
                yield chunk
                if number == 1:
                    end_the_session()

        return write_atomically(path, cut_off())

    monkeypatch.setattr("reports.management.commands.run_report.write_atomically", killing)
    with pytest.raises(psycopg.OperationalError):
        call_command("run_report", "RSMI_001", "--organisation", "M1", f"--output={output}")
    assert output.read_text() == "yesterday's"
    assert list(tmp_path.iterdir()) == [output]
