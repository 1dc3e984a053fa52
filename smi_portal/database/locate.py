"""How Django connects: two aliases onto one database.

`default` is the site: the restricted role smi_site, which owns nothing. `owner` owns the schema, and only
migrations and loads use it. Both lead to the embedded server, or, when DATABASE_URL is set, to that one.

Nothing here starts a server, and importing the settings works when there is none yet.
"""

from typing import Any

from environs import Env

from smi_portal.database import embedded, instance
from smi_portal.database.errors import DatabaseUnavailable
from smi_portal.database.state import peek_secret, secret

SITE = "smi_site"
SITE_SECRET = "database site"  # noqa: S105 - the name under which the password is kept
ALIASES = {"default": "the site", "owner": "migrations and loads"}
ADDRESS_KEYS = ("ENGINE", "HOST", "PORT", "NAME", "USER", "PASSWORD")
POSTGRESQL = "django.db.backends.postgresql"
UNKNOWN_PORT = 1  # nothing listens there: a connection made too early is refused at once


def is_embedded() -> bool:
    """Return whether the project's own server is used, which is so unless DATABASE_URL is set."""
    return not Env().str("DATABASE_URL", default="")


def site_password_is_ours() -> bool:
    """Return whether we choose smi_site's password; SITE_DATABASE_URL brings its own."""
    return not Env().str("SITE_DATABASE_URL", default="")


def databases() -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES. Raises DatabaseUnavailable for a URL that cannot be right."""
    owner = _embedded_owner() if is_embedded() else _from_url("DATABASE_URL")
    if site_password_is_ours():
        site = owner | {"USER": SITE, "PASSWORD": peek_secret(SITE_SECRET) or ""}
    else:
        site = _from_url("SITE_DATABASE_URL")
    if site["USER"] != SITE:
        raise DatabaseUnavailable(f"SITE_DATABASE_URL must sign in as {SITE}, not as {site['USER']!r}.")
    return {
        "default": _finish(site, "smi site") | {"CONN_MAX_AGE": 60},
        "owner": _finish(owner, "smi owner") | {"CONN_MAX_AGE": 0},
    }


def refresh() -> None:
    """Bring Django's connections up to date after the server was started, perhaps on another port."""
    from django.db import connections

    if site_password_is_ours():
        secret(SITE_SECRET)
    for alias, found in databases().items():
        connections[alias].close()
        known = connections.settings[alias]
        known.update({key: found[key] for key in ADDRESS_KEYS})
        known["OPTIONS"].update(found["OPTIONS"])


def ensure_running() -> None:
    """Start the embedded server when it is the one in use; what DATABASE_URL names is not ours to start."""
    if is_embedded():
        embedded.start()
    if site_password_is_ours():
        secret(SITE_SECRET)


def _embedded_owner() -> dict[str, Any]:
    parameters = embedded.owner_parameters(instance.recorded_port() or UNKNOWN_PORT)
    return {
        "ENGINE": POSTGRESQL,
        "HOST": parameters["host"],
        "PORT": parameters["port"],
        "NAME": parameters["dbname"],
        "USER": parameters["user"],
        "PASSWORD": parameters["password"],
        "OPTIONS": {"sslmode": parameters["sslmode"], "connect_timeout": parameters["connect_timeout"]},
    }


def _from_url(variable: str) -> dict[str, Any]:
    """Read a connection from the environment. Without sslmode in the URL, libpq's own defaults hold."""
    found = dict(Env().dj_db_url(variable))
    if found.get("ENGINE") != POSTGRESQL or not found.get("NAME") or not found.get("USER"):
        raise DatabaseUnavailable(
            f"{variable} must be postgres://user:password@host:port/database; only PostgreSQL is supported."
        )
    return found


def _finish(connection: dict[str, Any], application: str) -> dict[str, Any]:
    options = {
        "connect_timeout": 10,
        **connection.get("OPTIONS", {}),
        "application_name": application,
        "server_side_binding": True,  # values never become part of a statement's text
    }
    return connection | {"OPTIONS": options, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
