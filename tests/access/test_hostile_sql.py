"""SQL that somebody injects into the site's own connection, inside a MAP's scope: no foreign row, nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction

from smi_portal.access.readers import Reader, Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.access.tables import Kept, OwnerOnly, Reference, Scoped, managed_tables
from tests.support.asking import table, viewer_of

pytestmark = pytest.mark.usefixtures("real")

ATTACKER = "M2"
ROLES = [reader.value for reader in Reader]
TABLES = {model._meta.db_table: access for model, access in managed_tables()}
SCOPED = [name for name, access in TABLES.items() if isinstance(access, Scoped)]
BASE = [name for name, access in TABLES.items() if isinstance(access, OwnerOnly)]
A = "inventory_assetperiod"


@pytest.fixture(scope="module")
def secrets(access_world: None, django_db_blocker: Any) -> frozenset[str]:
    """Identifiers that the attacker may never see: devices, MPxNs, serials of others; any supplier; any post code."""
    with django_db_blocker.unblock(), connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT device_id, coalesce(mpxn, device_id) FROM {A}")
        everyones = {value for row in cursor.fetchall() for value in row}
        cursor.execute(
            f"SELECT device_id, mpxn, hub_id FROM {A} WHERE map_org_id = o.id UNION "
            "SELECT h.device_id, NULL, NULL FROM inventory_emptyhubperiod h WHERE h.map_org_id = o.id".replace(
                "o.id", "(SELECT id FROM inventory_organisation WHERE organisation = %s)"
            ),
            [ATTACKER, ATTACKER],
        )
        own = {value for row in cursor.fetchall() for value in row if value}
        cursor.execute("SELECT encode(inner_pad, 'hex'), encode(outer_pad, 'hex') FROM access_contextkey")
        keys = set(cursor.fetchone())
    assert len(own) > 50
    assert len(everyones - own) > 50
    return frozenset((everyones - own) | keys | {"ZZ1 1ZZ"})


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


@pytest.fixture
def unchanged(real: None) -> Iterator[None]:
    """Nothing that matters is different afterwards."""
    before = state()
    yield
    after = state()
    assert {name for name in after if after[name] != before.get(name)} == set()


READS = [f"SELECT * FROM {name}" for name in (*SCOPED, *BASE)]
READS += [f"COPY {name} TO STDOUT" for name in (*SCOPED, *BASE)]
READS += [f"COPY (SELECT device_id FROM {name}) TO STDOUT" for name in SCOPED if "period" in name]
READS += [f"SELECT device_id FROM {name}" for name in SCOPED if "period" in name]
READS += [
    f"SELECT device_id, mpxn FROM {A} WHERE true OR 1=1 --",
    f"SELECT device_id FROM {A} UNION ALL SELECT device_id FROM inventory_device",
    f"SELECT device_id FROM ONLY {A} TABLESAMPLE SYSTEM (100)",
    f"TABLE {A}",
    f"SELECT a::text FROM {A} a",
    f"SELECT row_to_json(a)::text FROM {A} a",
    f"SELECT ctid, xmin, device_id FROM {A}",
    f"SELECT query_to_xml('SELECT device_id FROM {A}', true, true, '')::text",
    f"SELECT table_to_xml('{A}', true, true, '')::text",
    "SELECT schema_to_xml('public', true, true, '')::text",
    f"DECLARE c CURSOR FOR SELECT device_id FROM {A}",
    f"EXPLAIN (ANALYZE, VERBOSE) SELECT device_id FROM {A}",
    "SELECT * FROM pg_stats WHERE schemaname = 'public' AND tablename LIKE 'inventory_%period'",
    "SELECT * FROM pg_stats_ext",
    "SELECT * FROM pg_statistic",
    "SELECT * FROM access_contextkey",
    "SELECT * FROM pg_authid",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_ls_dir('.')",
    "COPY (SELECT 1) TO PROGRAM 'id'",
    f"COPY (SELECT device_id FROM {A}) TO '/tmp/stolen.csv'",
    "SELECT lo_import('/etc/passwd')",
]
#: Every road to being someone else, and then the same reads.
BECOME: list[tuple[str, ...]] = [
    ("RESET ROLE",),
    ("SET ROLE NONE",),
    *((f"SET ROLE {role}",) for role in ROLES),
    *((f"SET LOCAL ROLE {role}",) for role in ROLES),
    *(("RESET ROLE", f"SET ROLE {role}") for role in ROLES),
    *(("RESET ROLE", f"SET SESSION AUTHORIZATION {role}") for role in ("smi_dcc", "postgres")),
    *((f"SELECT set_config('role', '{role}', false)",) for role in (*ROLES, "postgres", "none")),
    ("SET row_security = off",),
    ("SET session_replication_role = replica",),
    ("SET smi.context = ''",),
    (
        "SELECT set_config('smi.context', 'smi_dcc:0:99999999999:' || repeat('0', 64), true)",
        "SET ROLE smi_dcc",
    ),
    (
        "SELECT set_config('smi.context', replace(current_setting('smi.context'), 'smi_map:', 'smi_dcc:'), true)",
        "SET ROLE smi_dcc",
    ),
    (
        "SELECT set_config('smi.context', regexp_replace(current_setting('smi.context'), ':[0-9]+:', ':1:'), true)",
    ),
]
STORIES = ["; ".join(each) for each in BECOME]


@pytest.mark.usefixtures("unchanged")
def test_reads(secrets: frozenset[str]) -> None:
    assert foreign(run(*READS), secrets) == []


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("become", BECOME, ids=STORIES)
def test_becoming_someone_else(become: tuple[str, ...], secrets: frozenset[str]) -> None:
    """Settings are changed in savepoints that succeed, so they do hold for the reads that follow."""
    text = run(*become, *READS)
    assert foreign(text, secrets) == []


def test_the_attacker_does_read_its_own(secrets: frozenset[str]) -> None:
    """Or these tests would prove nothing; and the search would find what leaks."""
    text = run(f"SELECT device_id FROM {A}")
    assert text.count("00-DB") > 20
    assert foreign(next(iter(secrets)), secrets)
    own = {row[0] for row in table(viewer(), "RSMI_001")[1:]}
    assert any(device in text for device in own)


HIDDEN = [
    f"SELECT supplier_id FROM {A}",
    f"SELECT count(supplier_id) FROM {A}",
    f"SELECT device_id FROM {A} WHERE supplier_id = 'SUPA'",
    f"SELECT device_id FROM {A} ORDER BY supplier_from",
    f"SELECT device_id FROM {A} GROUP BY device_id, supplier_org_id",
    f"SELECT device_id FROM {A} WHERE supplier_id::int = 1",
    f"SELECT device_id FROM {A} a JOIN inventory_participant p ON p.mpid = a.supplier_id",
    f"SELECT device_id FROM {A} NATURAL JOIN inventory_associationperiod",
    f"SELECT device_id FROM {A} WHERE exists(SELECT 1 WHERE supplier_run_from < now())",
    f"SELECT a FROM {A} a",
    f"SELECT to_jsonb(a) FROM {A} a",
    f"SELECT uprn FROM {A}",
    f"SELECT device_id FROM {A} WHERE postcode LIKE 'ZZ%'",
    "SELECT supplier_id FROM inventory_associationperiod",
    "SELECT supplier_id FROM inventory_emptyhubperiod",
    "SELECT organisation FROM inventory_schedule",
    "SELECT owner_id FROM inventory_schedule",
]


@pytest.mark.parametrize("statement", HIDDEN)
def test_what_is_not_released_cannot_be_named(statement: str) -> None:
    assert "permission denied" in run(statement)


def oracles(secret: str) -> list[str]:
    """Statements that fail, or answer, only if a foreign row is looked at."""
    return [
        f"SELECT 1/(CASE WHEN device_id = '{secret}' THEN 0 ELSE 1 END) FROM {A} WHERE device_id = '{secret}'",
        f"SELECT device_id FROM {A} WHERE device_id = '{secret}' AND device_id::int = 1",
        f"SELECT device_id FROM {A} WHERE device_id = '{secret}' AND mpxn::date IS NULL",
        f"SELECT count(*) FROM {A} WHERE device_id = '{secret}' HAVING count(*) > 0",
        f"SELECT device_id FROM {A} WHERE device_id > '{secret[:-1]}' AND device_id <= '{secret}' AND "
        f"length(repeat('x', CASE WHEN device_id = '{secret}' THEN -1 ELSE 1073741824 END)) > 0 AND device_id = '{secret}'",
        f"SELECT min(device_id) FROM {A} WHERE device_id = '{secret}' HAVING min(device_id) IS NOT NULL",
        f"SELECT xmlparse(content device_id || '<') FROM {A} WHERE device_id = '{secret}'",
    ]


def test_errors_tell_nothing_of_foreign_rows(secrets: frozenset[str]) -> None:
    """A foreign row is never computed with: the answer is that for a device that does not exist."""
    device = next(secret for secret in sorted(secrets) if secret.startswith("00-DB"))
    for there, nowhere in zip(oracles(device), oracles("00-DB-FF-FF-FF-FF-FF-FF"), strict=True):
        assert run(there) == run(nowhere) == "", there


WRITES = [
    f"DELETE FROM {A}",
    f"UPDATE {A} SET map_org_id = 1",
    f"TRUNCATE {A}",
    f"INSERT INTO {A} (device_id, lane, from_day, to_day, device_type, pre_notified_on) "
    f"SELECT device_id, lane, from_day, to_day, device_type, pre_notified_on FROM {A} LIMIT 1",
    f"MERGE INTO {A} a USING {A} b ON a.device_id = b.device_id WHEN MATCHED THEN DELETE",
    "INSERT INTO inventory_device (device_id, device_type, pre_notified_on) VALUES ('x', 'ESME', now())",
    "INSERT INTO inventory_organisation (organisation, name, kind, is_user, in_extract) VALUES ('M1', 'x', 'MAP', true, true)",
    "UPDATE inventory_organisation SET kind = 'DCC'",
    'INSERT INTO accounts_releasedecision (organisation_id, "group", is_released, reason, decided_by, decided_at) '
    "SELECT id, 'supplier', true, 'mine', 'me', now() FROM inventory_organisation",
    "UPDATE accounts_releasedecision SET is_released = true",
    "DELETE FROM accounts_releasedecision",
    "UPDATE access_contextkey SET inner_pad = 'x', outer_pad = 'x'",
    "DELETE FROM inventory_extractload",
    "UPDATE django_migrations SET name = 'x'",
    f"LOCK TABLE {A} IN ACCESS EXCLUSIVE MODE",
]
DEFINITIONS = [
    *(
        f"ALTER TABLE {A} {action}"
        for action in ("DISABLE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY", "OWNER TO smi_site")
    ),
    f"CREATE POLICY mine ON {A} USING (true)",
    f"DROP POLICY smi_map ON {A}",
    f"ALTER POLICY smi_map ON {A} USING (true)",
    f"GRANT SELECT ON {A} TO smi_map",
    f"GRANT SELECT ON {A} TO PUBLIC",
    "GRANT smi_dcc TO smi_map",
    "ALTER ROLE smi_site BYPASSRLS",
    "ALTER ROLE smi_site SUPERUSER",
    "CREATE ROLE smi_mine SUPERUSER",
    f"CREATE VIEW mine AS SELECT * FROM {A}",
    f"CREATE MATERIALIZED VIEW mine AS SELECT device_id FROM {A}",
    f"CREATE TABLE mine AS SELECT device_id FROM {A}",
    f"CREATE TEMP TABLE mine AS SELECT device_id FROM {A}",
    f"CREATE TEMP TABLE {A} (device_id text)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS text LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION smi_context_org(reader text) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION pg_temp.smi_context_org(reader text) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "ALTER FUNCTION smi_context_org(text) SECURITY INVOKER",
    "DROP FUNCTION smi_context_org(text) CASCADE",
    "CREATE EXTENSION dblink",
    "ALTER SYSTEM SET row_security = off",
    f"CREATE TRIGGER mine BEFORE SELECT ON {A} EXECUTE FUNCTION mine()",
    f"CREATE RULE mine AS ON SELECT TO {A} DO INSTEAD SELECT 1",
    f"CREATE INDEX mine ON {A} (device_id)",
    f"COMMENT ON TABLE {A} IS 'mine'",
    "ALTER DATABASE CURRENT SET row_security = off",
    f"DO $$ BEGIN EXECUTE 'ALTER TABLE {A} DISABLE ROW LEVEL SECURITY'; END $$",
]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "become", [(), ("RESET ROLE",), ("SET ROLE smi_dcc",)], ids=["as it is", "as smi_site", "as DCC"]
)
def test_nothing_can_be_written_or_redefined(become: tuple[str, ...], secrets: frozenset[str]) -> None:
    for statement in (*WRITES, *DEFINITIONS):
        text = run(*become, statement)
        assert "Error" in text, statement
        assert foreign(text, secrets) == [], statement


@pytest.mark.usefixtures("unchanged")
def test_a_unique_violation_tells_nothing(secrets: frozenset[str]) -> None:
    """A key that exists and one that does not are refused with the same words."""
    device = next(secret for secret in sorted(secrets) if secret.startswith("00-DB"))
    insert = (
        f"INSERT INTO {A} (device_id, lane, from_day, to_day, device_type, pre_notified_on) VALUES ('{{}}', 0, "
        "'2018-07-24', '2018-08-01', 'ESME', '2018-07-24')"
    )
    assert run(insert.format(device)) == run(insert.format("00-DB-FF-FF-FF-FF-FF-FF"))
    assert "permission denied" in run(insert.format(device))


def test_reference_data_is_all_that_the_site_reads_without_a_scope() -> None:
    """And the site's own tables; the rest is closed by grant, not only by policy."""
    for name, access in TABLES.items():
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT 1 FROM {name}")
            opened = True
        except DatabaseError:
            opened = False
        assert opened != isinstance(access, Kept | Scoped | OwnerOnly), name
        if isinstance(access, Reference):
            with scope(viewer()), connection.cursor() as cursor:
                cursor.execute(f"SELECT 1 FROM {name}")


def test_a_viewer_that_is_made_up_has_no_rows() -> None:
    """An id that no organisation has."""
    for role in (Role.MAP, Role.SUPPLIER):
        with scope(Viewer(role, 999_999_999, "X", "X")), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {A}")
            assert cursor.fetchone() == (0,)
