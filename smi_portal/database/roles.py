"""The roles of the database, created through the owner's connection.

smi_site is what the site signs in as: it owns nothing and inherits nothing. For each request it takes on
one of the reader roles with SET LOCAL ROLE; what those may read is granted by the apps' migrations.
"""

import time

import psycopg
from django.db import DatabaseError, NotSupportedError, OperationalError, connections, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from smi_portal.access.readers import Reader
from smi_portal.database.errors import DatabaseUnavailable
from smi_portal.database.locate import SITE, SITE_SECRET, is_embedded, site_password_is_ours
from smi_portal.database.state import secret

READERS = tuple(reader.value for reader in Reader)
OLDEST = 15
TRIES = 5

NO_RIGHTS = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"


def ensure_roles(using: str = "owner") -> None:
    """Create or mend smi_site and the reader roles, and let smi_site connect to this database.

    Safe to repeat, and from several processes at once: what is right already is not written again. Raises
    DatabaseUnavailable when PostgreSQL is too old, when a role has rights it must not have, or when the
    owner may not create roles; the message then has the SQL for an administrator.
    """
    version = check_version(using)
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic(using=using), connections[using].cursor() as cursor:
                _apply(cursor, version)
            break
        except DatabaseError as error:
            if isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
                raise DatabaseUnavailable(_ask_administrator(version, error)) from error
            if attempt == TRIES:
                raise
            time.sleep(0.2 * attempt)  # another process made the same role at the same moment
    _ensure_sign_in(using)


def check_version(using: str = "owner") -> int:
    """Return the server's version, as 180006; DatabaseUnavailable when it is too old or does not answer."""
    connection = connections[using]
    try:
        connection.ensure_connection()
        raw = connection.connection
        found = raw.info.server_version if raw is not None else 0
    except NotSupportedError:  # Django's own limit, which is lower than ours
        found = 0
    except OperationalError as error:
        where = "DATABASE_URL" if not is_embedded() else "the embedded server"
        raise DatabaseUnavailable(f"Cannot connect to {where} as the owner: {str(error).strip()}") from error
    if found // 10000 < OLDEST:
        named = f"PostgreSQL {found // 10000}" if found else "an old PostgreSQL"
        raise DatabaseUnavailable(f"DATABASE_URL leads to {named}; SMI Portal needs {OLDEST} or later.")
    return int(found)


def creation_sql() -> dict[str, str]:
    """Return, for each role, the statement that creates it."""
    statements = {SITE: f"CREATE ROLE {SITE} LOGIN NOINHERIT {NO_RIGHTS}"}
    return statements | {reader: f"CREATE ROLE {reader} NOLOGIN NOINHERIT {NO_RIGHTS}" for reader in READERS}


def grant_sql(reader: str, version: int) -> str:
    """Return the grant that lets smi_site take on a reader's role without inheriting from it."""
    options = " WITH INHERIT FALSE, SET TRUE" if version >= 160000 else ""
    return f"GRANT {reader} TO {SITE}{options}"


def _apply(cursor: CursorWrapper, version: int) -> None:
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [[SITE, *READERS]])
    known = {name for (name,) in cursor.fetchall()}
    for name, statement in creation_sql().items():
        if name not in known:
            cursor.execute(statement)
    _refuse_powerful(cursor)
    for reader in READERS:
        if not _is_granted(cursor, reader, version):
            cursor.execute(grant_sql(reader, version))
    _limit_database(cursor)


def _refuse_powerful(cursor: CursorWrapper) -> None:
    """Stop at roles made by hand that could see past the row-level security."""
    cursor.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolbypassrls OR rolcreaterole"
        " OR rolreplication OR rolinherit OR rolcanlogin <> (rolname = %s)) ORDER BY 1",
        [[SITE, *READERS], SITE],
    )
    if wrong := [name for (name,) in cursor.fetchall()]:
        names = ", ".join(wrong)
        raise DatabaseUnavailable(
            f"These roles exist with rights they must not have: {names}. An administrator can mend them: "
            f"ALTER ROLE … NOINHERIT {NO_RIGHTS}, LOGIN for {SITE} and NOLOGIN for the others; or drop them."
        )
    cursor.execute(
        "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid"
        " JOIN pg_roles s ON s.oid = m.member WHERE s.rolname = %s AND r.rolname <> ALL(%s)",
        [SITE, list(READERS)],
    )
    if others := [name for (name,) in cursor.fetchall()]:
        raise DatabaseUnavailable(
            f"{SITE} may take on {', '.join(others)}, which it must not: REVOKE {others[0]} FROM {SITE}"
        )


def _is_granted(cursor: CursorWrapper, reader: str, version: int) -> bool:
    right = "SET" if version >= 160000 else "MEMBER"
    cursor.execute("SELECT pg_has_role(%s, %s, %s)", [SITE, reader, right])
    return bool(cursor.fetchone()[0])


def _limit_database(cursor: CursorWrapper) -> None:
    """Let smi_site connect, and keep temporary tables, which could hide real ones, to the owner."""
    cursor.execute("SELECT current_database()")
    database = sql.Identifier(cursor.fetchone()[0]).as_string()
    cursor.execute("SELECT has_database_privilege(%s, current_database(), 'TEMPORARY')", [SITE])
    if cursor.fetchone()[0]:
        cursor.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
    cursor.execute("SELECT has_database_privilege(%s, current_database(), 'CONNECT')", [SITE])
    if not cursor.fetchone()[0]:
        cursor.execute(f"GRANT CONNECT ON DATABASE {database} TO {SITE}")


def _ensure_sign_in(using: str) -> None:
    """Make the site's password work; it is set only when it does not, and sent hashed."""
    if _can_sign_in(using):
        return
    if not site_password_is_ours():
        raise DatabaseUnavailable(f"{SITE} cannot sign in with SITE_DATABASE_URL: check it.")
    owner = connections[using]
    owner.ensure_connection()
    raw = owner.connection
    assert raw is not None  # noqa: S101 - ensure_connection has just made it
    password = secret(SITE_SECRET).encode()
    hashed = raw.pgconn.encrypt_password(password, SITE.encode(), b"scram-sha-256").decode()
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(SITE), sql.Literal(hashed))
    try:
        with owner.cursor() as cursor:
            cursor.execute(statement.as_string())
    except DatabaseError as error:
        raise DatabaseUnavailable(
            f"Cannot set {SITE}'s password ({str(error).strip()}). Have an administrator set it, then: "
            f"SITE_DATABASE_URL=postgres://{SITE}:password@host:port/database"
        ) from error
    if not _can_sign_in(using):
        raise DatabaseUnavailable(f"{SITE} cannot sign in: pg_hba.conf must let it use a password.")


def _can_sign_in(using: str) -> bool:
    """Try the site's own password against the owner's current database."""
    site = connections.settings["default"]
    current = connections.settings[using]
    target = site if not site_password_is_ours() else current
    password = secret(SITE_SECRET) if site_password_is_ours() else site["PASSWORD"]
    options = {key: value for key, value in target["OPTIONS"].items() if key in ("sslmode", "sslrootcert")}
    try:
        psycopg.connect(
            host=target["HOST"],
            port=target["PORT"] or None,
            dbname=current["NAME"],
            user=SITE,
            password=password,
            connect_timeout=10,
            **options,
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def _ask_administrator(version: int, error: DatabaseError) -> str:
    lines = [*creation_sql().values(), *(grant_sql(reader, version) for reader in READERS)]
    statements = "\n".join(f"  {line};" for line in lines)
    return (
        f"The role in DATABASE_URL may not create roles ({str(error).strip()}). Give it CREATEROLE, or "
        f"have an administrator run:\n{statements}\n  ALTER ROLE {SITE} PASSWORD '…';\n"
        f"and set SITE_DATABASE_URL=postgres://{SITE}:…@host:port/database"
    )
