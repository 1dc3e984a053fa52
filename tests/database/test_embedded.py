"""The life of the embedded server: real servers are started, killed, moved and damaged."""

import os
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from smi_portal.database import account, cluster, embedded, instance
from smi_portal.database.errors import DatabaseUnavailable
from smi_portal.database.state import PROJECT_ROOT, secrets_file
from tests.database.conftest import alive, ask, kill_server


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
    # Another program of the same user: PostgreSQL itself takes it for a running server and would not start.
    same = account.account_of(data())
    arguments = same.as_arguments() if same else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **arguments) as bystander:
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
