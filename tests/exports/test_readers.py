"""Readers who are slow, stop or leave, before a real server on a real socket: what they hold, and for how long."""

from __future__ import annotations

import shlex
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from smi_portal.audit.models import AuditEntry
from tests.browser.serving import ROOT
from tests.support.people import signed_in
from tests.support.tokens import make_token

from .asking import content, made
from .serving import cookies_of, served

#: More than one piece, so that a reader who stops stops the server in the middle.
LONG = "/reports/RSMI_007/download.json"
API = "/api/v1/reports/MAP_001/rows.csv"
#: What the issue allows after a disconnect.
SOON = 5.0
PATIENCE = 8


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's state directory."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def site(exports_world: None, django_db_blocker: DjangoDbBlocker, state: Path) -> Iterator[str]:
    """gunicorn, one process, that sends one file at once and soon loses patience."""
    buffers = ROOT / "tests" / "exports" / "small_buffers.py"
    with served(
        django_db_blocker,
        state,
        SMI_DIRECT_AT_ONCE="1",
        SMI_DIRECT_SECONDS="30",
        SMI_READER_SECONDS=str(PATIENCE),
        GUNICORN_CMD_ARGS=f"--config {shlex.quote(str(buffers))}",
    ) as address:
        yield address.removeprefix("http://")


@pytest.fixture(autouse=True)
def settled(site: str, real: None) -> Iterator[None]:
    """The server has one place for a download: whoever had it has left before the next test begins."""
    before = begun_and_not_ended()
    yield
    assert within(SOON, lambda: begun_and_not_ended() <= before)


def begun_and_not_ended() -> int:
    return len(ends("report file begun")) - len(ends())


@contextmanager
def reading(site: str, path: str, headers: dict[str, str]) -> Iterator[tuple[HTTPResponse, socket.socket]]:
    """An answer of which only the beginning has been taken."""
    host, port = site.split(":")
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        line.settimeout(30)
        line.connect((host, int(port)))
        browser = HTTPConnection(host, int(port))
        browser.sock = line
        browser.request("GET", path, headers=headers)
        answer = browser.getresponse()
        yield answer, line
        answer.close()  # it holds the socket too


def cookie(organisation: str) -> dict[str, str]:
    """The header of a browser in which its person has signed in."""
    return {"Cookie": "; ".join(f"{key}={value}" for key, value in cookies_of(organisation).items())}


def token(organisation: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {make_token(organisation)}"}


def held(more: str = "") -> list[str]:
    """What the site's connections are busy with, other than this process's; one that is free for the next is not."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT concat_ws(': ', state, wait_event, query) FROM pg_stat_activity WHERE usename = current_user "
            f"AND datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' {more}"
        )
        found = [str(row[0]) for row in cursor.fetchall()]
    connections["default"].close()
    return found


def within(seconds: float, happened: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.1)
    return False


def ends(kind: str = "report file ended") -> list[Any]:
    """What the audit says of the files that came to an end, oldest first.

    A file made by a worker is no reader's: one left from an earlier test may end at any time.
    """
    found = AuditEntry.objects.using("owner").filter(kind=kind).exclude(details__channel="job")
    return list(found.order_by("at"))


def test_a_reader_who_stops_holds_no_connection_and_still_gets_everything_once(site: str) -> None:
    before, headers = len(ends()), cookie("DCC")
    with reading(site, LONG, headers) as (answer, line):
        assert answer.status == 200
        start = answer.read(100)
        assert within(SOON, lambda: not held())
        time.sleep(1)
        assert not held()
        assert len(ends()) == before  # the reader is still there: nothing has ended
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        body = start + answer.read()
        # Its end is noted while the reader is still there: one who has left by then has perhaps not had it all.
        assert within(SOON, lambda: len(ends()) == before + 1)
    assert body == b"".join(signed_in("DCC").get(LONG).streaming_content)
    assert len(body) > 65_536
    assert within(SOON, lambda: len(ends()) == before + 2)
    ours, theirs = ends()[before:]
    assert ours.details["complete"]
    assert ours.details["rows"] == theirs.details["rows"]


def test_a_reader_who_leaves_before_the_first_row_ends_the_query(site: str) -> None:
    """The query waits, as a long sort would keep it; nothing is ever written to the socket that was closed."""
    headers = token("M1")
    owner = connections["owner"]
    owner.set_autocommit(False)
    try:
        with owner.cursor() as cursor:
            cursor.execute("LOCK TABLE inventory_assetperiod")
        with reading(site, API, headers) as (answer, _):
            assert answer.status == 200
            assert within(SOON, lambda: len(waiting()) == 1)
        assert within(SOON, lambda: not waiting())
    finally:
        owner.rollback()
        owner.set_autocommit(True)
    assert within(SOON, lambda: not held())


def waiting() -> list[str]:
    """Queries of the site that wait for the lock."""
    return held("AND wait_event_type = 'Lock'")


def test_one_too_many_at_once_becomes_a_job_and_a_program_is_told_to_wait(site: str) -> None:
    headers = cookie("DCC")
    with reading(site, LONG, headers) as (first, _):
        assert first.status == 200
        with reading(site, LONG + "?certificate_status=Expired", headers) as (second, _):
            assert second.status == 302
            where = second.headers["Location"]
        assert where.startswith("/files/new/RSMI_007/")
        with reading(site, where, headers) as (page, line):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            assert page.status == 200
            assert "Many files are being downloaded just now" in page.read().decode()
        with reading(site, API, token("M1")) as (refused, _):
            assert refused.status == 503
            assert int(refused.headers["Retry-After"]) > 0


def test_a_finished_file_is_handed_over_without_a_connection(site: str, state: Path, settings: Any) -> None:
    entry = settings.STORAGES["exports"]
    options = {**entry["OPTIONS"], "location": str(state / "files")}
    settings.STORAGES = {**settings.STORAGES, "exports": {**entry, "OPTIONS": options}}
    export = made("DCC", "RSMI_007", form="json")
    size, headers = content(export, "DCC").size, cookie("DCC")
    with reading(site, f"/files/{export.pk}/download/", headers) as (answer, line):
        assert answer.status == 200
        start = answer.read(100)
        assert within(SOON, lambda: not held())
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        assert len(start + answer.read()) == size
    assert export.deliveries.count() == 1
