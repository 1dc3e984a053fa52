"""Making a database cluster and writing its configuration."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psutil

from smi_portal.database.account import Account
from smi_portal.database.advice import explain
from smi_portal.database.binaries import supports_lz4
from smi_portal.database.errors import DatabaseUnavailable
from smi_portal.database.instance import HOST, SUPERUSER_SECRET, Instance
from smi_portal.database.state import secret

SUPERUSER = "postgres"
NEEDED_BYTES = 400 * 1024 * 1024
SMALL_SHARED_MEMORY = 256 * 1024 * 1024

SETTINGS = """\
# Written by smi_portal/database/cluster.py at every start; changes made here are lost.
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
max_connections = 100
password_encryption = 'scram-sha-256'
shared_buffers = '{buffers}MB'
work_mem = '32MB'
maintenance_work_mem = '512MB'
max_wal_size = '4GB'
wal_level = 'minimal'
max_wal_senders = 0
temp_buffers = '128MB'
checkpoint_timeout = '15min'
wal_compression = '{compression}'
dynamic_shared_memory_type = '{shared_memory}'
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %u '
"""


def run_as(
    command: list[str | Path], account: Account | None, directory: Path, seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as the server's user, with nothing of our environment."""
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    # The server inherits its starter's output, so a pipe would stay open for as long as it runs: use a file.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        try:
            result = subprocess.run(  # noqa: S603 - our own command lines, by full path, no shell
                command,
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                check=False,
                **(account.as_arguments() if account else {}),
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise DatabaseUnavailable(explain(f"{Path(command[0]).name}: {error}", None)) from error
        output.seek(0)
        return subprocess.CompletedProcess(command, result.returncode, output.read(), "")


def make_cluster(instance: Instance, folder: Path, account: Account | None) -> None:
    """Run initdb. The cluster appears under its name only when complete, so an interruption leaves none."""
    free = shutil.disk_usage(instance.directory).free
    if free < NEEDED_BYTES:
        raise DatabaseUnavailable(
            f"The disk of {instance.directory} has {free // 2**20} MiB left; the database needs "
            f"{NEEDED_BYTES // 2**20} MiB to begin. Free some space, or set SMI_STATE_DIR to another disk."
        )
    unfinished = instance.directory / "data.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    password = instance.directory / "password.new"
    password.unlink(missing_ok=True)
    password.touch(mode=0o600)
    password.write_text(secret(SUPERUSER_SECRET) + "\n", encoding="utf-8")
    if account:
        for path in (unfinished, password):
            os.chown(path, account.uid, account.gid)
    try:
        result = run_as(
            [
                folder / "initdb",
                f"--pgdata={unfinished}",
                f"--username={SUPERUSER}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                # Code-point order on every platform, and upper/lower that know all of Unicode.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--data-checksums",
                "--no-sync",  # a cluster lost in its first second is made again
            ],
            account,
            instance.directory,
            seconds=120,
        )
    finally:
        password.unlink()
    if result.returncode:
        raise DatabaseUnavailable(explain(result.stdout, None))
    with (unfinished / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\ninclude = '../server.conf'\n")
    unfinished.rename(instance.data)


def shared_buffers(memory: int) -> int:
    """Megabytes for PostgreSQL's own cache, of a machine's `memory`: an eighth, within 128 and 2048."""
    return min(max(memory // 8, 128), 2048)


def configure(instance: Instance, folder: Path, port: int) -> None:
    """Write the server's settings, with the port of this start."""
    shared = Path("/dev/shm")  # noqa: S108 - looked at, never written to
    small = shared.is_dir() and shutil.disk_usage(shared).total < SMALL_SHARED_MEMORY
    instance.configuration.write_text(
        SETTINGS.format(
            host=HOST,
            port=port,
            buffers=shared_buffers(psutil.virtual_memory().total // 2**20),
            # Not pglz: to index new rows, or to vacuum them, took two to four times as long.
            compression="lz4" if supports_lz4(folder) else "off",
            # Containers often give /dev/shm 64 MB, where parallel queries would fail half way.
            shared_memory="mmap" if small else "posix",
        ),
        encoding="utf-8",
    )
    instance.configuration.chmod(0o644)


def check_release(instance: Instance, server: str) -> None:
    """Refuse data that another major release of PostgreSQL wrote; `server` is `postgres --version`'s line."""
    release = server.split()[-1].partition(".")[0]
    data_release = (instance.data / "PG_VERSION").read_text(encoding="utf-8").strip()
    if data_release != release:
        raise DatabaseUnavailable(
            f"The data in {instance.data} is of PostgreSQL {data_release}; the installed one is {release}. "
            "'make clean' removes it; 'make demo' builds it again from the extract."
        )
