"""What the live database grants, held against what the tables' declarations give: more or less is a defect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models

from smi_portal.access.policies import (
    ADDS,
    SITE_ROLE,
    UNSERVED,
    columns_of,
    condition_of,
    doing,
    may_read,
)
from smi_portal.access.readers import Reader
from smi_portal.access.tables import Access, Reference, Scoped, SiteTable, managed_tables

#: (role, table, column or "", verb)
Grant = tuple[str, str, str, str]
#: (table, policy, role, command)
Policy = tuple[str, str, str, str]

GRANTS = """
SELECT coalesce(r.rolname, 'PUBLIC'), found.relname, found.attname, found.privilege_type
FROM (
    SELECT c.relname, '' AS attname, acl.grantee, acl.privilege_type
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) acl
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind <> 'S'
    UNION ALL
    SELECT c.relname, a.attname, acl.grantee, acl.privilege_type
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid CROSS JOIN LATERAL aclexplode(a.attacl) acl
    WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0
) found
LEFT JOIN pg_roles r ON r.oid = found.grantee
WHERE found.grantee = 0 OR r.rolname = ANY (%s)
"""

POLICIES = """
SELECT p.tablename, p.policyname, role, p.cmd, p.qual, p.with_check
FROM pg_policies p CROSS JOIN LATERAL unnest(p.roles) role
WHERE p.schemaname = 'public' AND p.policyname <> 'smi_owner_all'
  AND (p.policyname, p.permissive, p.qual) IS DISTINCT FROM (%s, 'RESTRICTIVE', 'false')
"""


def wrong_grants(cursor: Any) -> list[str]:
    """Sentences about each grant to the site's role, a reader or everyone that is too much or lacking."""
    roles = [SITE_ROLE, *(reader.value for reader in Reader)]
    cursor.execute(GRANTS, [roles])
    found: set[Grant] = {tuple(row) for row in cursor.fetchall()}
    wanted = {grant for model, access in managed_tables() for grant in _grants(model, access)}
    wanted.add((SITE_ROLE, "django_migrations", "", "SELECT"))
    more = [
        f"{role} has {verb} on {_named(table, column)}."
        for role, table, column, verb in sorted(found - wanted)
    ]
    less = [
        f"{role} lacks {verb} on {_named(table, column)}."
        for role, table, column, verb in sorted(wanted - found)
    ]
    return more + less


def wrong_policies(cursor: Any) -> list[str]:
    """Sentences about each policy that nobody declared, that is lacking, or that asks for another's context."""
    cursor.execute(POLICIES, [UNSERVED])
    rows = cursor.fetchall()
    found: set[Policy] = {(table, name, role, command) for table, name, role, command, _, _ in rows}
    wanted = {policy for model, access in managed_tables() for policy in _policies(model, access)}
    without_context = {
        (model._meta.db_table, SITE_ROLE + ADDS, SITE_ROLE)
        for model, access in managed_tables()
        if isinstance(access, Scoped) and access.site_adds
    }
    problems = [f"Policy {name} on {table} was not declared." for table, name, _, _ in sorted(found - wanted)]
    problems += [f"Policy {name} on {table} is missing." for table, name, _, _ in sorted(wanted - found)]
    return problems + [
        f"Policy {name} on {table} does not ask for {role}'s signed context."
        for table, name, role, _, using, check in rows
        if (table, name, role) not in without_context
        and f"smi_context_org('{role}'::text)" not in (using or check or "")
    ]


def _grants(model: type[models.Model], access: Access | None) -> Iterator[Grant]:
    table = model._meta.db_table
    if isinstance(access, SiteTable):
        yield from ((SITE_ROLE, table, "", verb) for verb in access.verbs)
    elif isinstance(access, Reference):
        yield from ((role, table, "", "SELECT") for role in (SITE_ROLE, *(reader.value for reader in Reader)))
    elif isinstance(access, Scoped):
        if access.site_adds:
            yield (SITE_ROLE, table, "", "INSERT")
        for reader in Reader:
            if condition_of(reader, access) is None:
                continue
            names = [column for column in columns_of(model) if may_read(reader, access, column)]
            yield from ((reader.value, table, column, "SELECT") for column in names)
            yield from ((reader.value, table, "", verb) for _, verb, _ in doing(reader, access))


def _policies(model: type[models.Model], access: Access | None) -> Iterator[Policy]:
    if not isinstance(access, Scoped):
        return
    if access.site_adds:
        yield (model._meta.db_table, SITE_ROLE + ADDS, SITE_ROLE, "INSERT")
    for reader in Reader:
        if condition_of(reader, access) is not None:
            yield (model._meta.db_table, reader.value, reader.value, "SELECT")
            for end, verb, _ in doing(reader, access):
                yield (model._meta.db_table, reader.value + end, reader.value, verb)


def _named(table: str, column: str) -> str:
    return f"{table}.{column}" if column else table
