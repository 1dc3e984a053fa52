"""The project's own PostgreSQL server: start, stop, status.

`start` is safe to call at any time and from several processes at once: it does nothing when the server
already answers. The server outlives the command that started it; `make stop` ends it.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from smi_portal.database import binaries, cluster, instance, process
from smi_portal.database.advice import explain
from smi_portal.database.errors import DatabaseUnavailable
from smi_portal.database.instance import HOST, SUPERUSER_SECRET, Instance
from smi_portal.database.state import locked, peek_secret, secret

DATABASE = "smi"
OWNER = "smi_owner"
OWNER_SECRET = "database owner"  # noqa: S105 - the name under which the password is kept
START_SECONDS = 300  # recovery after a crash in the middle of a large load can take minutes
LARGE_LOG = 10 * 1024 * 1024
ANY_PORT_TRIES = 3


@dataclass(frozen=True)
class Address:
    """Where the server listens."""

    host: str
    port: int


@dataclass(frozen=True)
class Status:
    """What is known of the server without touching it."""

    running: bool
    address: Address | None
    pid: int | None
    directory: Path | None
    log: Path | None


def start() -> Address:
    """Start the server unless it runs, make the owner and the database unless they exist; return its address.

    Raises DatabaseUnavailable with the cause and the remedy when there can be no server.
    """
    with locked("server"):
        place = instance.claim()
        running = process.server_process(place.data)
        if running is None:
            port = _launch(place)
        else:
            port = _port_of(place)
            _wait_until_answering(place, running, port)
        instance.record(place, port)
        _ensure_owner(place, port)
        return Address(HOST, port)


def stop() -> bool:
    """Stop the server; return whether one was running. Sessions are rolled back, not waited for."""
    with locked("server"):
        place = instance.recorded()
        running = process.server_process(place.data) if place else None
        if place is None or running is None:
            return False
        if not process.shut_down(running):
            raise DatabaseUnavailable(
                f"The server (process {running.pid}) did not stop within a minute. Its log: {place.log}"
            )
        return True


def status() -> Status:
    """Return whether the server runs, and where its files are; starts and changes nothing."""
    place = instance.recorded()
    if place is None:
        return Status(running=False, address=None, pid=None, directory=None, log=None)
    running = process.server_process(place.data)
    if running is None:
        return Status(running=False, address=None, pid=None, directory=place.directory, log=place.log)
    return Status(True, Address(HOST, _port_of(place)), running.pid, place.directory, place.log)


def remove() -> None:
    """Stop the server and delete its data and configuration, wherever they are."""
    with locked("server"):
        place = instance.recorded()
        if place is not None and place.directory.exists():
            instance.discard(place)
        instance.record_file().unlink(missing_ok=True)


def _launch(place: Instance) -> int:
    account = place.account()
    folder = binaries.copy_for_other_user(place.directory) if place.external else binaries.packaged()
    server = binaries.version(folder)
    if place.data.exists():
        cluster.check_release(place, server)
        process.clear_after_crash(place.data)
    else:
        cluster.make_cluster(place, folder, account)
    if place.log.exists() and place.log.stat().st_size > LARGE_LOG:
        place.log.replace(place.log.with_suffix(".log.1"))
    wanted = instance.recorded_port()
    for attempt in range(1, ANY_PORT_TRIES + 1):
        port = instance.free_port(wanted)
        cluster.configure(place, folder, port)
        log_before = place.log.stat().st_size if place.log.exists() else 0
        result = cluster.run_as(
            [
                *(folder / "pg_ctl", "start", "-s", "-w", "-t", str(START_SECONDS)),
                *("-D", place.data, "-l", place.log),
            ],
            account,
            place.directory,
            seconds=START_SECONDS + 30,
        )
        if result.returncode == 0:
            return port
        if attempt == ANY_PORT_TRIES or not _port_was_taken(place.log, log_before):
            break
        wanted = None  # somebody took the port between our look and the start
    raise DatabaseUnavailable(explain(result.stdout, place.log))


def _port_was_taken(log: Path, since: int) -> bool:
    if not log.exists():
        return False
    return b"could not bind" in log.read_bytes()[since:]


def _port_of(place: Instance) -> int:
    claim = process.read_pid_file(place.data)
    port = claim.port if claim else None
    if port is None:
        port = instance.recorded_port()
    if port is None:
        raise DatabaseUnavailable(f"The server in {place.data} does not say its port. Run 'make stop'.")
    return port


def _wait_until_answering(place: Instance, running: psutil.Process, port: int) -> None:
    """Wait for a server that is still starting or recovering; believe it only when it answers."""
    conninfo = f"host={HOST} port={port} sslmode=disable connect_timeout=3".encode()
    deadline = time.monotonic() + START_SECONDS
    while psycopg.pq.PGconn.ping(conninfo) != psycopg.pq.Ping.OK:
        if time.monotonic() > deadline or not running.is_running():
            raise DatabaseUnavailable(
                f"The server (process {running.pid}) runs but does not answer on port {port}. "
                f"'make stop' ends it. Its log: {place.log}"
            )
        time.sleep(0.1)


def owner_parameters(port: int) -> dict[str, Any]:
    """Return how to connect as the owner of the schema to the embedded server on `port`."""
    return {
        "host": HOST,
        "port": port,
        "dbname": DATABASE,
        "user": OWNER,
        "password": peek_secret(OWNER_SECRET) or "",
        "sslmode": "disable",
        "connect_timeout": 10,
    }


def _ensure_owner(place: Instance, port: int) -> None:
    """Make the owner's role and database, as the superuser, whom nothing else ever signs in as."""
    secret(OWNER_SECRET)
    try:
        psycopg.connect(**owner_parameters(port)).close()
    except psycopg.OperationalError:
        pass  # no such role or database yet, or another password: put right below
    else:
        return
    parameters = owner_parameters(port) | {
        "user": cluster.SUPERUSER,
        "dbname": "postgres",
        "password": secret(SUPERUSER_SECRET),
    }
    try:
        with psycopg.connect(**parameters, autocommit=True) as connection:
            _create_owner(connection)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"The server in {place.data} refuses the passwords kept in the state directory: {error}. "
            "If they are lost, 'make clean' removes the database and 'make demo' builds it again."
        ) from error


def _create_owner(connection: psycopg.Connection) -> None:
    owner = sql.Identifier(OWNER)
    password = secret(OWNER_SECRET).encode()
    hashed = connection.pgconn.encrypt_password(password, OWNER.encode(), b"scram-sha-256").decode()
    rights = sql.SQL("LOGIN CREATEDB CREATEROLE NOSUPERUSER NOBYPASSRLS NOREPLICATION")
    attributes = sql.SQL("{} PASSWORD {}").format(rights, sql.Literal(hashed))
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone()
    verb = sql.SQL("ALTER ROLE" if known else "CREATE ROLE")
    connection.execute(sql.SQL("{} {} WITH {}").format(verb, owner, attributes))
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), owner))
