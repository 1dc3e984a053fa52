"""The tests' database.

Every session makes a database of its own on the project's server and runs the migrations in it as the
owner. Both of Django's aliases lead to it, so what a test does through `default` it does as the
restricted role smi_site, as the site does.

Write tests for the plain `django_db` mark: each is rolled back at its end. smi_site may not empty tables,
so `transaction=True`, `transactional_db` and `live_server` cannot work and are refused. Data that many
tests read is loaded once, in a session fixture that takes `django_db_setup` and `django_db_blocker`, does
its work through `owner` inside `with django_db_blocker.unblock():` and commits. A test that touches
`owner` itself says so: `@pytest.mark.django_db(databases=["default", "owner"])`.
"""

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from hypothesis import HealthCheck, settings
from psycopg import sql
from pytest_django import DjangoDbBlocker

from smi_portal.database import locate

# No test is about time: a busy machine makes examples slowly.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

PREFIX = "test_smi_"
NEEDS_FLUSH = {"transactional_db", "live_server", "django_db_reset_sequences"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse what would empty tables after a test, which the site's role may not do."""
    for item in items:
        mark = item.get_closest_marker("django_db")
        asked = NEEDS_FLUSH & set(getattr(item, "fixturenames", ()))
        if asked or (mark and (mark.kwargs.get("transaction") or mark.kwargs.get("reset_sequences"))):
            raise pytest.UsageError(
                f"{item.nodeid} asks for {', '.join(sorted(asked)) or 'a transactional test'}: "
                "the site's role may not empty tables. See tests/conftest.py for what to do instead."
            )


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Make this session's database and point both aliases at it; without a server the tests fail."""
    with django_db_blocker.unblock():
        locate.ensure_running()
        locate.refresh()
        usual = connections.settings["owner"]["NAME"]
        name = f"{PREFIX}{secrets.token_hex(5)}"
        guard = create(name)
        point_aliases_at(name)
        call_command("migrate", verbosity=0, interactive=False)
    try:
        yield
    finally:
        with django_db_blocker.unblock():
            point_aliases_at(usual)
            guard.close()
            with connect(usual) as server:
                drop(server, name)


def point_aliases_at(name: str) -> None:
    """Close both connections and lead them to another database of the same server."""
    for alias in ("default", "owner"):
        connections[alias].close()
        connections.settings[alias]["NAME"] = name


def create(name: str) -> psycopg.Connection:
    """Drop stale databases and create ours; the connection returned shows others that it is in use."""
    with connect(connections.settings["owner"]["NAME"]) as server:
        # One session at a time, so that no other takes ours for stale before our connection is there.
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])
        drop_stale(server)
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return connect(name)


def connect(database: str) -> psycopg.Connection:
    """Connect as the owner, outside Django."""
    settings = connections.settings["owner"]
    options = {key: value for key, value in settings["OPTIONS"].items() if key.startswith("ssl")}
    return psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"] or None,
        dbname=database,
        user=settings["USER"],
        password=settings["PASSWORD"],
        autocommit=True,
        **options,
    )


def drop_stale(server: psycopg.Connection) -> None:
    """Drop the databases of sessions that ended without cleaning up; those still in use are kept."""
    found = server.execute(
        "SELECT datname FROM pg_database d WHERE starts_with(datname, %s)"
        " AND pg_get_userbyid(datdba) = current_user"
        " AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)",
        [PREFIX],
    ).fetchall()
    for (name,) in found:
        drop(server, name)


def drop(server: psycopg.Connection, name: str) -> None:
    """Drop a test database; one that somebody still uses is left for the next session's cleaning."""
    try:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
    except psycopg.errors.ObjectInUse:
        return
