"""Start-up checks: the site refuses to run on a database or a model that would let party data out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from smi_portal.access.granted import wrong_grants, wrong_policies
from smi_portal.access.policies import OWNER_ALIAS, SITE_ROLE
from smi_portal.access.readers import Reader, Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.access.tables import Scoped, managed_tables


def register_all() -> None:
    """Hook the checks into Django; `check --database default` (run by serve and `make check`) asks the database."""
    register(every_table_declares_access, Tags.models)
    register(database_enforces, Tags.database)


def every_table_declares_access(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A model without `access = …` is an error: nobody decided who may read it."""
    return [
        Error(f"{model._meta.label} does not declare who may read it (access = …).", obj=model, id="smi.E001")
        for model, access in managed_tables()
        if access is None
    ]


def database_enforces(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Ask the live catalogue whether row-level security really holds for the site's connection."""
    if not databases or "default" not in databases:
        return []
    with connections["default"].cursor() as cursor:
        problems = [problem for find in LIVE_CHECKS for problem in find(cursor)]
    problems += _context_key()
    return [Error(problem, hint="Run manage.py migrate.", id="smi.E002") for problem in problems]


def _site_role(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT session_user, rolsuper, rolbypassrls, rolcreaterole, rolinherit "
        "FROM pg_roles WHERE rolname = session_user"
    )
    name, superuser, bypass, create_role, inherit = cursor.fetchone()
    problems = []
    if superuser or bypass or create_role:
        problems.append(f"The site connects as {name}, which can step around row-level security.")
    if inherit and name == SITE_ROLE:
        problems.append(f"{name} inherits its readers' rights outside a scope.")
    cursor.execute(
        "SELECT relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner "
        "WHERE r.rolname = session_user AND c.relkind IN ('r','p','v','m') AND c.relpersistence <> 't'"
    )
    return problems + [
        f"The site's role owns {table}: owners can drop policies." for (table,) in cursor.fetchall()
    ]


def _row_security(cursor: Any) -> list[str]:
    tables = [model._meta.db_table for model, access in managed_tables() if isinstance(access, Scoped)]
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relnamespace = 'public'::regnamespace "
        "AND NOT (relrowsecurity AND relforcerowsecurity)",
        [tables],
    )
    return [f"Row-level security is not forced on {table}." for (table,) in cursor.fetchall()]


def _back_doors(cursor: Any) -> list[str]:
    """Views, materialised views, partitions, foreign tables and definer functions that bypass policies."""
    cursor.execute(
        "SELECT relkind, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "AND (relkind IN ('m','f') OR relispartition "
        "     OR (relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY(reloptions), false)))"
    )
    problems = [
        f"{name} (kind {kind}) would be read around the policies." for kind, name in cursor.fetchall()
    ]
    cursor.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef "
        "AND proname <> 'smi_context_org'"
    )
    return problems + [f"Function {name} runs with its owner's rights." for (name,) in cursor.fetchall()]


#: Each asks the live database one thing, and says in sentences what is wrong.
LIVE_CHECKS = (_site_role, _row_security, _back_doors, wrong_grants, wrong_policies)


def _context_key() -> list[str]:
    """A context that this process signs must be one that the database accepts (same secret on both sides)."""
    with scope(Viewer(Role.DCC, 0, "check", "check")), connections["default"].cursor() as cursor:
        cursor.execute("SELECT smi_context_org(%s)", [Reader.DCC.value])
        if cursor.fetchone() == (0,):
            return []
    return [
        f"The database does not accept this site's signed contexts (installed through alias {OWNER_ALIAS})."
    ]
