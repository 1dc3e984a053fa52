"""An attacker in M2's scope on the site's own connection: what is run there, and what may never be seen in the answer."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import DatabaseError, connection, connections, transaction

from smi_portal.access.readers import Reader
from smi_portal.access.scope import Viewer, scope
from smi_portal.access.tables import OwnerOnly, Scoped, managed_tables
from tests.support.asking import viewer_of

ATTACKER = "M2"
ROLES = [reader.value for reader in Reader]
TABLES = {model._meta.db_table: access for model, access in managed_tables()}
SCOPED = [name for name, access in TABLES.items() if isinstance(access, Scoped)]
BASE = [name for name, access in TABLES.items() if isinstance(access, OwnerOnly)]
A = "inventory_assetperiod"


def viewer(organisation: str = ATTACKER) -> Viewer:
    found = viewer_of(organisation)
    assert found is not None
    return found


def run(*statements: str) -> str:
    """What the statements give in the attacker's scope, as text: rows and errors alike. Whatever works is committed."""
    told: list[str] = []
    with scope(viewer()):
        for statement in statements:
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    if statement.startswith("COPY"):
                        with cursor.copy(statement) as copy:
                            told += [bytes(chunk).decode() for chunk in copy]
                    else:
                        cursor.execute(statement)
                        told += [repr(row) for row in (cursor.fetchall() if cursor.description else [])]
            except (DatabaseError, psycopg.Error) as error:  # a COPY's is the driver's own
                told.append(f"{type(error).__name__}: {error}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("smi_site",), "the attack outlived its scope"
    connection.close()  # a setting of the session may have been changed: not for the next test
    return "\n".join(told)


def foreign(text: str, secrets: frozenset[str]) -> list[str]:
    return [secret for secret in secrets if secret in text]


def state() -> dict[str, Any]:
    """Everything that an attack could change: rows, policies, grants, roles, code."""
    found: dict[str, Any] = {}
    with connections["owner"].cursor() as cursor:
        for name in TABLES:
            if not name.startswith("django_session"):
                cursor.execute(
                    f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t"
                )
                found[name] = cursor.fetchone()
        for what, statement in {
            "policies": "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2",
            "tables": "SELECT relname, relkind::text, relowner, relrowsecurity, relforcerowsecurity, relacl::text "
            "FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
            "columns": "SELECT attrelid::regclass::text, attname, attacl::text FROM pg_attribute "
            "WHERE attacl IS NOT NULL ORDER BY 1, 2",
            "functions": "SELECT proname, prosecdef, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
            "roles": "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolinherit FROM pg_roles "
            "WHERE rolname LIKE 'smi%%' ORDER BY 1",
            "schemas": "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_' ORDER BY 1",
            "large objects": "SELECT count(*) FROM pg_largeobject_metadata",
        }.items():
            cursor.execute(statement)
            found[what] = cursor.fetchall()
    return found
