"""The start-up check finds each way in which the live database could let party data out; and so do we, on our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections
from django.test import override_settings

from smi_portal.access import checks, policies, tables
from smi_portal.access.readers import FieldGroup, Reader
from smi_portal.access.tables import OwnerOnly, Reference, Scoped, SiteTable, managed_tables
from smi_portal.inventory.models import AssetPeriod

pytestmark = pytest.mark.usefixtures("real")

A = "inventory_assetperiod"
ROLES = ["smi_site", *(reader.value for reader in Reader)]
#: Harm → what it takes, and the SQL that mends what `policies.apply` does not.
HARMS = {
    "Row-level security is not forced on inventory_assetperiod": (
        f"ALTER TABLE {A} NO FORCE ROW LEVEL SECURITY",
        "",
    ),
    "Row-level security is not forced on inventory_schedule": (
        "ALTER TABLE inventory_schedule DISABLE ROW LEVEL SECURITY",
        "",
    ),
    "Row-level security is not forced on saved_savedview": (
        "ALTER TABLE saved_savedview NO FORCE ROW LEVEL SECURITY",
        "",
    ),
    "owners_view (kind v)": (f"CREATE VIEW owners_view AS SELECT * FROM {A}", "DROP VIEW owners_view"),
    "copied (kind m)": (
        f"CREATE MATERIALIZED VIEW copied AS SELECT * FROM {A}",
        "DROP MATERIALIZED VIEW copied",
    ),
    "part_one (kind r)": (
        "CREATE TABLE whole (n int) PARTITION BY LIST (n); CREATE TABLE part_one PARTITION OF whole FOR VALUES IN (1)",
        "DROP TABLE whole",
    ),
    "Function helpful runs with its owner's rights": (
        "CREATE FUNCTION helpful() RETURNS bigint LANGUAGE sql SECURITY DEFINER "
        f"AS 'SELECT count(*) FROM {A}'",
        "DROP FUNCTION helpful()",
    ),
    "smi_map has SELECT on inventory_device": ("GRANT SELECT ON inventory_device TO smi_map", ""),
    "smi_site has SELECT on inventory_assetperiod": (f"GRANT SELECT ON {A} TO smi_site", ""),
    "PUBLIC has SELECT on access_contextkey": ("GRANT SELECT ON access_contextkey TO PUBLIC", ""),
    "smi_map has SELECT on inventory_assetperiod.supplier_id": (
        f"GRANT SELECT (supplier_id) ON {A} TO smi_map",
        "",
    ),
    "smi_supplier has UPDATE on inventory_assetperiod": (f"GRANT UPDATE ON {A} TO smi_supplier", ""),
    "smi_site has INSERT on accounts_releasedecision": (
        "GRANT INSERT ON accounts_releasedecision TO smi_site",
        "",
    ),
    "smi_map has INSERT on accounts_releasedecision": (
        "GRANT INSERT ON accounts_releasedecision TO smi_map",
        "",
    ),
    "smi_dcc lacks SELECT on inventory_certificate.key_usage": (
        "REVOKE SELECT (key_usage) ON inventory_certificate FROM smi_dcc",
        "",
    ),
    "Policy generous on inventory_assetperiod was not declared": (
        f"CREATE POLICY generous ON {A} FOR SELECT TO smi_map USING (true)",
        f"DROP POLICY generous ON {A}",
    ),
    # The name of what closes a table opens none: only a restrictive policy that shows nothing is let be.
    "Policy smi_unserved on inventory_assetperiod was not declared": (
        f"CREATE POLICY smi_unserved ON {A} FOR SELECT TO smi_map USING (true)",
        f"DROP POLICY smi_unserved ON {A}",
    ),
    "Policy smi_map on inventory_assetperiod is missing": (f"DROP POLICY smi_map ON {A}", ""),
    "Policy smi_map on inventory_assetperiod does not ask": (f"ALTER POLICY smi_map ON {A} USING (true)", ""),
    "does not accept this site's signed contexts": ("UPDATE access_contextkey SET inner_pad = 'x'", ""),
}


def problems() -> list[str]:
    return [message.msg for message in run_checks(databases=["default"])]


@contextmanager
def harmed(statement: str, mend: str) -> Iterator[None]:
    """The harm, committed through the owner; mended as `manage.py migrate` would, and as the mending says."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)
        try:
            yield
        finally:
            if mend:
                cursor.execute(mend)
            policies.apply()


def test_a_sound_database_passes() -> None:
    assert problems() == []
    call_command("check", "--database", "default", verbosity=0)


@pytest.mark.parametrize("problem", HARMS)
def test_each_harm_is_found_and_migrate_mends_it(problem: str) -> None:
    with harmed(*HARMS[problem]):
        assert [found for found in problems() if problem in found], problems()
        with pytest.raises(SystemCheckError):
            call_command("check", "--database", "default", verbosity=0)
    assert problems() == []


def test_a_site_that_connects_as_the_owner_is_found() -> None:
    """The owner may make roles and owns the tables. (Roles made with other powers: tests/database/test_roles.py.)"""
    with connections["owner"].cursor() as cursor:
        found = checks._site_role(cursor)
    assert [sentence for sentence in found if "can step around row-level security" in sentence]
    assert f"The site's role owns {A}: owners can drop policies." in found


def test_another_secret_is_found() -> None:
    with override_settings(SECRET_KEY="another"):
        assert "does not accept this site's signed contexts" in " ".join(problems())


def test_a_table_that_nobody_decided_about_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(AssetPeriod, "access")
    assert [m.id for m in checks.every_table_declares_access(None)] == ["smi.E001"]
    assert tables.access_of(AssetPeriod) is None


def privileges(cursor: Any) -> set[tuple[str, str, str, str]]:
    """(role, table, column, verb) that the database itself says each role has, by any road."""
    cursor.execute(
        "SELECT role, c.relname, a.attname, verb FROM unnest(%s::text[]) role, pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped, "
        "unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) verb "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p') "
        "AND has_column_privilege(role, c.oid, a.attnum, verb)",
        [ROLES],
    )
    found = {tuple(row) for row in cursor.fetchall()}
    cursor.execute(
        "SELECT role, c.relname, '', verb FROM unnest(%s::text[]) role, pg_class c, "
        "unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) verb "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p') "
        "AND has_table_privilege(role, c.oid, verb)",
        [ROLES],
    )
    return found | {tuple(row) for row in cursor.fetchall()}


#: What each reader may do with scoped tables, told anew from docs/access-model.md.
RELEASES = {
    "smi_map": set(),
    "smi_map_supplier": {FieldGroup.SUPPLIER},
    "smi_map_premises": {FieldGroup.PREMISES},
}


def declared() -> set[tuple[str, str, str, str]]:
    """The same, from the declarations alone, worked out plainly."""
    found = set()
    for model, access in managed_tables():
        table, columns = model._meta.db_table, [f.column for f in model._meta.concrete_fields if f.column]
        if isinstance(access, SiteTable):
            for verb in access.verbs:
                found |= {("smi_site", table, c, verb) for c in ([""] if verb == "DELETE" else columns)}
        elif isinstance(access, Reference):
            found |= {(role, table, column, "SELECT") for role in ROLES for column in columns}
        elif isinstance(access, Scoped):
            if access.site_adds:
                found |= {("smi_site", table, column, "INSERT") for column in columns}
            for reader in Reader:
                if not _has_rows(access, reader):
                    continue
                for column in columns:
                    group, few = access.hidden.get(column), access.only.get(reader)
                    released = RELEASES.get(reader.value, set(FieldGroup))
                    if (group is None or group in released) and (few is None or column in few):
                        found.add((reader.value, table, column, "SELECT"))
                    if reader in access.adders:
                        found.add((reader.value, table, column, "INSERT"))
                    if reader in access.changers:
                        found.add((reader.value, table, column, "UPDATE"))
                if reader in access.removers:
                    found.add((reader.value, table, "", "DELETE"))
        else:
            assert isinstance(access, OwnerOnly)
    return found


def _has_rows(access: Scoped, reader: Reader) -> bool:
    if access.own or reader in access.everyone:
        return True
    if reader.value.startswith("smi_map"):
        return bool(access.map or access.viewers)
    if reader.value == "smi_secas":
        return bool(access.secas)
    return bool(reader.value == "smi_supplier" and (access.supplier or access.viewers))


def test_no_role_may_do_more_than_is_declared() -> None:
    with connections["owner"].cursor() as cursor:
        found = {each for each in privileges(cursor) if each[1] != "django_migrations"}
    assert found - declared() == set()
    assert declared() - found == set()


def test_every_scoped_table_is_under_policies() -> None:
    with connections["owner"].cursor() as cursor:
        for model, access in managed_tables():
            if not isinstance(access, Scoped):
                continue
            table = model._meta.db_table
            cursor.execute(
                "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", [table]
            )
            assert cursor.fetchone() == (True, True), table
            cursor.execute(
                "SELECT policyname, permissive FROM pg_policies WHERE tablename = %s AND cmd = %s "
                "AND policyname <> 'smi_owner_all'",
                [table, "SELECT"],
            )
            assert {name for name, _ in cursor.fetchall()} == {
                r.value for r in Reader if _has_rows(access, r)
            }, table


def test_the_roles_have_no_power_of_their_own() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolinherit, rolcanlogin "
            "FROM pg_roles WHERE rolname = ANY (%s)",
            [ROLES],
        )
        for name, *powers, can_login in cursor.fetchall():
            assert not any(powers), name
            assert can_login == (name == "smi_site")
        cursor.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = ANY (%s)",
            [ROLES],
        )
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT has_schema_privilege(role, 'public', 'CREATE') OR has_database_privilege(role, current_database(), "
            "'CREATE') OR has_database_privilege(role, current_database(), 'TEMPORARY') FROM unnest(%s::text[]) role",
            [ROLES],
        )
        assert {row[0] for row in cursor.fetchall()} == {False}
