"""Where a server lives: inside the project, outside it for root, after a copy, a move and a removal."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import psutil
import pytest

from smi_portal.database import account, embedded
from smi_portal.database.state import PROJECT_ROOT
from tests.database.conftest import alive, ask, run_manage

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="about what root does")


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
