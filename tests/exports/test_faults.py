"""What goes wrong while a file is made or fetched: it is tried again or fails with a plain reason, and is never half."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.utils import timezone

from reports.engine.run import Stream
from reports.exports import house, making, store
from reports.exports.models import Delivery, Export, State
from tests.browser.serving import ROOT
from tests.support.people import signed_in

from .asking import ask, content, fetch, made, run_worker
from .serving import environment

SMALL = 65_536


@contextmanager
def largest_file(limit: int) -> Iterator[None]:
    """No file of this process may grow beyond `limit` bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def large() -> Export:
    """An export of more than SMALL bytes."""
    return ask("DCC", "RSMI_007", form="json")


def test_a_full_disk_is_tried_again_and_then_said(files: Path) -> None:
    export = large()
    for failures in (1, 2, 3):
        with largest_file(SMALL):
            assert making.make(export.pk, lambda: False) == State.QUEUED
        export.refresh_from_db()
        assert export.failures == failures
        assert export.reason.startswith("The server has no room left for a file of this size.")
        assert list(files.iterdir()) == []
        assert fetch(signed_in("DCC"), export).status_code == 409
    with largest_file(SMALL):
        assert making.make(export.pk, lambda: False) == State.FAILED
    export.refresh_from_db()
    assert export.reason.endswith("It was tried 4 times.")
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE scheduled_at > now()")
        assert cursor.fetchone() == (3,)  # each further attempt waits a little


def test_room_again_and_the_same_job_finishes() -> None:
    export = large()
    with largest_file(SMALL):
        making.make(export.pk, lambda: False)
    assert making.make(export.pk, lambda: False) == State.READY
    assert (content(export, "DCC").size or 0) > SMALL


def test_a_worker_killed_at_any_point_delivers_nothing_half_and_nothing_twice(files: Path) -> None:
    """SIGKILL at calls drawn from all that there are; the next attempt finishes the job, and only its file is there."""
    draw = random.Random(20181101)
    lived = _dying(files, ask(form="xlsx"), 0)
    assert lived.returncode == 0, lived.stderr
    calls = int(lived.stdout)
    assert calls > 100
    export = ask(question="device_type=ESME", form="xlsx")
    for point in (*draw.sample(range(1, calls), 4), calls - 1, calls):
        assert _dying(files, export, point).returncode in {-signal.SIGKILL, 0}
        export.refresh_from_db()
        if export.state == State.READY:
            break  # the very last calls come after the file is ready
        assert export.state in {State.QUEUED, State.RUNNING}
        assert fetch(signed_in("M1"), export).status_code == 409
    if export.state != State.READY:
        assert making.make(export.pk, lambda: False) == State.READY
        export.refresh_from_db()
    answer = fetch(signed_in("M1"), export)
    assert len(b"".join(answer.streaming_content)) == content(export).size
    whole = {path.name for path in files.iterdir() if not path.name.startswith(".")}
    assert export.key in whole
    old = time.time() - 2 * 24 * 60 * 60
    for path in files.iterdir():
        os.utime(path, (old, old))
    house.purge()
    known = set(Export.objects.exclude(key="").values_list("key", flat=True))
    assert {path.name for path in files.iterdir() if path.is_file()} == known


def _dying(files: Path, export: Export, point: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.exports.dying", str(export.pk), str(point)],
        cwd=ROOT,
        env=environment(files.parent),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_job_of_a_dead_worker_goes_to_another() -> None:
    """As the queue has it after a kill: `doing`, by a worker that says nothing any more."""
    export = ask()
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') "
            "RETURNING id) UPDATE procrastinate_jobs SET status = 'doing', worker_id = dead.id FROM dead"
        )
    Export.objects.update(state=State.RUNNING, attempt=1, beat_at=timezone.now() - timedelta(hours=1))
    run_worker()
    export.refresh_from_db()
    assert (export.state, export.attempt) == (State.READY, 2)


def broken(monkeypatch: pytest.MonkeyPatch, harm: Callable[[], None]) -> None:
    """After the file's first chunk, `harm` happens, once."""
    original, happened = making.stream, []

    def harmed(*args: Any, **kwargs: Any) -> Stream:
        made_ = original(*args, **kwargs)

        def chunks() -> Iterator[bytes]:
            with closing(made_.chunks) as inner:
                for chunk in inner:
                    yield chunk
                    if not happened:
                        happened.append(True)
                        harm()

        return replace(made_, chunks=chunks())

    monkeypatch.setattr(making, "stream", harmed)


def disconnect() -> None:
    """What a restart of the database does to the site's connections."""
    known = connections["default"].settings_dict
    with psycopg.connect(
        host=known["HOST"],
        port=known["PORT"],
        dbname=known["NAME"],
        user=known["USER"],
        password=known["PASSWORD"],
    ) as site:
        ended = site.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    assert ended


def test_a_restart_of_the_database(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    export = large()
    broken(monkeypatch, disconnect)
    assert making.make(export.pk, lambda: False) == State.QUEUED
    export.refresh_from_db()
    assert export.reason.startswith("The connection to the database was lost.")
    assert list(files.iterdir()) == []
    assert making.make(export.pk, lambda: False) == State.READY


def test_a_worker_begins_with_connections_that_work() -> None:
    """Those of its own threads were ended since it, or another in this process, last used them."""
    run_worker()
    disconnect()
    connections["default"].close()
    export = ask()
    run_worker()
    export.refresh_from_db()
    assert export.state == State.READY


def test_a_cancel_while_it_is_made(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    export = large()

    def cancel() -> None:
        assert signed_in("DCC").post(f"/files/{export.pk}/cancel/").status_code == 302
        time.sleep(1.5)  # the watch looks once a second

    broken(monkeypatch, cancel)
    assert making.make(export.pk, lambda: False) == State.CANCELLED
    assert list(files.iterdir()) == []
    export.refresh_from_db()
    assert export.state == State.CANCELLED


def test_a_worker_that_is_stopped_puts_its_job_back(monkeypatch: pytest.MonkeyPatch) -> None:
    export, stopping = large(), []

    def stop() -> None:
        stopping.append(True)
        time.sleep(1.5)

    broken(monkeypatch, stop)
    assert making.make(export.pk, lambda: bool(stopping)) == State.QUEUED
    export.refresh_from_db()
    assert (export.reason, export.failures) == ("", 0)
    run_worker()
    export.refresh_from_db()
    assert export.state == State.READY


def test_another_extract_while_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was promised is counted again: the file never mixes two extracts."""
    export = ask()
    original = making.count
    monkeypatch.setattr(making, "count", lambda found: original(found) + 1)
    assert making.make(export.pk, lambda: False) == State.QUEUED
    export.refresh_from_db()
    assert export.reason.startswith("A new extract was loaded")


def test_a_slow_reader_and_a_closed_browser_hold_no_connection() -> None:
    export, client = made("DCC", "RSMI_007", form="json"), signed_in("DCC")
    answer = fetch(client, export)
    pieces = iter(answer.streaming_content)
    next(pieces)
    assert connection.connection is None
    answer.close()
    assert Delivery.objects.filter(export=export).count() == 1


def test_leftovers_of_others_are_let_be(files: Path) -> None:
    """The sweep takes only what is old and nobody's."""
    export = made()
    young = files / f".{export.key}.abc.part"
    young.write_bytes(b"being made")
    house.purge()
    assert young.exists()
    assert (files / export.key).exists()
    assert store.store().exists(export.key)
