"""The life of the embedded server: real servers are started, killed, moved and damaged."""

import os
import shutil
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from smi_portal.database import account, cluster, embedded, instance
from smi_portal.database.errors import DatabaseUnavailable
from smi_portal.database.state import PROJECT_ROOT, secrets_file
from tests.database.conftest import alive, ask, kill_server, run_manage

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="about what root does")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def data():
    return embedded.status().directory / "data"


@contextmanager
def replaced(path, content):
    """Give a file other content for a while; its owner and mode stay."""
    before = path.read_bytes()
    path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(before)


def test_first_start_then_second_start_stop_and_restart(state):
    assert embedded.status().running is False
    address = embedded.start()
    first = embedded.status()
    assert first.running
    assert first.address == address
    assert embedded.start() == address
    assert embedded.status().pid == first.pid
    assert embedded.stop() is True
    assert embedded.status().running is False
    assert embedded.stop() is False
    assert embedded.start() == address, "a restart keeps the port when nobody took it"


def test_nothing_private_is_readable_by_others(server):
    assert mode(server) == 0o700
    assert mode(server.parent) == 0o700, "the home stays closed"
    assert mode(secrets_file()) == 0o600
    assert mode(data()) == 0o700
    password = embedded.owner_parameters(1)["password"]
    assert len(password) > 30
    readable = [path for path in embedded.status().directory.glob("*") if path.is_file()]
    assert readable
    assert all(password not in path.read_text() for path in readable), "the password file of initdb is gone"


def test_owner_is_no_superuser_and_passwords_are_required(server):
    port = embedded.status().address.port
    assert ask("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") is False
    assert (
        ask("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()")
        == "smi_owner"
    )
    assert ask("SHOW listen_addresses") == "127.0.0.1"
    for user in ("smi_owner", "postgres"):
        with pytest.raises(Exception, match="password authentication failed"):
            ask("SELECT 1", user=user, password="wrong")
    assert port == ask("SELECT inet_server_port()")


def test_survives_kill_minus_nine(server):
    ask("CREATE TABLE survivor AS SELECT 42 AS answer")
    before = embedded.status().pid
    kill_server()
    assert embedded.status().running is False
    embedded.start()
    assert embedded.status().pid != before
    assert ask("SELECT answer FROM survivor") == 42


def test_stale_pid_file_naming_another_program_harms_nobody(server):
    kill_server()
    with subprocess.Popen(["sleep", "60"], cwd=tempfile.gettempdir()) as bystander:
        pid_file = data() / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")
        try:
            assert embedded.status().running is False
            assert embedded.stop() is False
            embedded.start()
            assert embedded.status().running is True
            assert bystander.poll() is None, "an unrelated process was ended"
        finally:
            bystander.kill()


def test_backend_of_a_killed_server_is_ended_first(server, monkeypatch):
    """Two generations of a server must never write the same data: a backend left over is ended first."""
    address = embedded.status().address
    backend = subprocess.Popen(
        [sys.executable, "-c", BUSY, str(address.port)],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    pid = int(backend.stdout.readline())
    while ask(f"SELECT query LIKE '%generate_series%' FROM pg_stat_activity WHERE pid = {pid}") is not True:
        assert backend.poll() is None
    monkeypatch.setattr("smi_portal.database.process.ORPHAN_SECONDS", 1)
    kill_server()
    assert alive(pid), "the test needs a backend that outlives its server"
    embedded.start()
    assert not alive(pid)
    backend.communicate(timeout=10)


BUSY = """
import sys, psycopg
from smi_portal.database.embedded import owner_parameters
with psycopg.connect(**owner_parameters(int(sys.argv[1]))) as connection:
    print(connection.info.backend_pid, flush=True)
    try:
        connection.execute("SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b")
    except psycopg.OperationalError:
        pass
"""


def test_moves_to_another_port_when_its_own_is_taken(server):
    before = embedded.status().address.port
    embedded.stop()
    with socket.create_server(("127.0.0.1", before)):
        after = embedded.start().port
        assert after != before
        assert ask("SELECT inet_server_port()") == after
        assert instance.recorded_port() == after


def test_concurrent_starts_make_one_server(state):
    with ThreadPoolExecutor(4) as pool:
        code = "from smi_portal.database import embedded; print(embedded.start().port, embedded.status().pid)"
        results = list(
            pool.map(
                lambda _: (
                    subprocess.run(
                        [sys.executable, "-c", code],
                        cwd=PROJECT_ROOT,
                        capture_output=True,
                        text=True,
                        check=True,
                    ).stdout
                ),
                range(4),
            )
        )
    assert len(set(results)) == 1
    assert results[0].strip()


def test_interrupted_initdb_leaves_nothing_in_the_way(state):
    instance.claim()
    unfinished = embedded.status().directory / "data.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    embedded.start()
    assert ask("SELECT 1") == 1
    assert not unfinished.exists()


def test_lost_port_record_is_no_loss(server):
    ask("CREATE TABLE kept AS SELECT 7 AS answer")
    instance.record_file().unlink()
    embedded.start()
    assert ask("SELECT answer FROM kept") == 7


def test_copy_of_a_project_gets_a_server_of_its_own(state, monkeypatch):
    embedded.start()
    ask("CREATE TABLE original AS SELECT 1")
    original = embedded.status()
    embedded.stop()
    copy = state.with_name("copied state")
    shutil.copytree(state, copy)
    if os.geteuid() != 0:
        (copy / "postgres/data").chmod(0o700)
    embedded.start()
    monkeypatch.setenv("SMI_STATE_DIR", str(copy))
    embedded.start()
    try:
        assert embedded.status().directory != original.directory
        ask("CREATE TABLE copied AS SELECT 1")
        embedded.remove()
    finally:
        monkeypatch.setenv("SMI_STATE_DIR", str(state))
    assert ask("SELECT to_regclass('copied') IS NULL AND to_regclass('original') IS NOT NULL") is True


def test_moved_project_keeps_its_data(state, monkeypatch):
    embedded.start()
    ask("CREATE TABLE kept AS SELECT 3 AS answer")
    embedded.stop()
    moved = state.with_name("moved state")
    state.rename(moved)
    monkeypatch.setenv("SMI_STATE_DIR", str(moved))
    try:
        embedded.start()
        assert ask("SELECT answer FROM kept") == 3
    finally:
        embedded.remove()


def test_remove_leaves_nothing(state):
    embedded.start()
    found = embedded.status()
    embedded.remove()
    assert not found.directory.exists()
    assert not alive(found.pid)
    assert embedded.status().directory is None


def test_damaged_data_is_explained(server):
    embedded.stop()
    with replaced(data() / "global/pg_control", b"\0" * 8192):
        with pytest.raises(DatabaseUnavailable, match=r"damaged.*make clean.*make demo"):
            embedded.start()
        assert embedded.status().running is False


def test_data_of_another_release_is_explained(server):
    embedded.stop()
    with (
        replaced(data() / "PG_VERSION", b"17\n"),
        pytest.raises(DatabaseUnavailable, match=r"is of PostgreSQL 17; the installed one is 18.*make clean"),
    ):
        embedded.start()


def test_full_disk_is_explained_before_anything_is_written(state, monkeypatch):
    monkeypatch.setattr(cluster, "NEEDED_BYTES", 2**62)
    with pytest.raises(DatabaseUnavailable, match=r"MiB left.*Free some space, or set SMI_STATE_DIR"):
        embedded.start()
    place = embedded.status().directory
    assert not list(place.rglob("PG_VERSION"))
    embedded.remove()
    assert not place.exists(), "what a failed start left behind is removed too"


def test_lost_passwords_are_explained(server):
    with (
        replaced(secrets_file(), b'{"database superuser": "another"}'),
        pytest.raises(DatabaseUnavailable, match=r"refuses the passwords.*make clean"),
    ):
        embedded.start()


@as_root
def test_root_runs_the_server_as_somebody_else(server):
    found = embedded.status()
    owner = psutil.Process(found.pid).uids().real
    assert owner == account.unprivileged().uid != 0
    assert not found.directory.is_relative_to(server)
    assert found.directory.stat().st_uid == 0, "the server cannot replace its own programs"
    assert all(path.stat().st_uid == 0 for path in found.directory.glob("binaries-*/**/*"))


@as_root
def test_server_of_a_deleted_checkout_makes_room(state):
    embedded.start()
    first = embedded.status()
    shutil.rmtree(state)
    embedded.start()
    assert embedded.status().directory == first.directory
    assert not alive(first.pid)
    assert ask("SELECT 1") == 1


@as_root
def test_ordinary_user_runs_it_in_the_project():
    """As `nobody`, with a state directory of their own: everything stays inside it."""
    person = account._lookup("nobody")
    environment = {"PYTHONPATH": os.pathsep.join([str(PROJECT_ROOT), sysconfig.get_path("purelib")])}
    python = next(
        (
            candidate
            for candidate in (sys.executable, "/usr/bin/python3")
            if may_import("psycopg, psutil, smi_portal", candidate, environment, person)
        ),
        None,
    )
    if python is None:
        pytest.skip("this machine's Python or this checkout is under a home that no other user may enter")
    home = Path(tempfile.mkdtemp(prefix="smi user "))
    os.chown(home, person.uid, person.gid)
    code = (
        "import os; from smi_portal.database import embedded; embedded.start(); found = embedded.status();"
        "print(found.directory, os.stat(found.directory / 'data').st_uid); embedded.remove()"
    )
    try:
        result = subprocess.run(
            [python, "-c", code],
            cwd=home,
            env=environment | {"SMI_STATE_DIR": str(home / "state")},
            capture_output=True,
            text=True,
            check=False,
            **person.as_arguments(),
        )
        assert result.stdout == f"{home / 'state' / 'postgres'} {person.uid}\n", result.stderr
    finally:
        shutil.rmtree(home)


def may_import(modules, python, environment, person):
    try:
        return not subprocess.run(
            [python, "-c", f"import {modules}"],
            cwd="/",
            env=environment,
            capture_output=True,
            check=False,
            **person.as_arguments(),
        ).returncode
    except PermissionError:
        return False


def test_help_starts_nothing_and_status_says_so(state):
    assert run_manage("help").returncode == 0
    assert "There is none yet" in run_manage("database", "status").stdout
    assert not (state / "server.json").exists()


def test_importing_the_settings_writes_and_starts_nothing(state):
    code = "import smi_portal.settings.test as found; print(found.DATABASES['default']['USER'])"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout == "smi_site\n"
    assert not state.exists()
