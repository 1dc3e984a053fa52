"""SQL that somebody injects to change something: refused by the database, the same for what exists and what does not."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection

from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.access.tables import OwnerOnly, Reference, Scoped
from tests.access.hostile import TABLES, A, foreign, run, viewer

pytestmark = pytest.mark.usefixtures("real")

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
        assert opened != isinstance(access, Scoped | OwnerOnly), name
        if isinstance(access, Reference):
            with scope(viewer()), connection.cursor() as cursor:
                cursor.execute(f"SELECT 1 FROM {name}")


def test_a_viewer_that_is_made_up_has_no_rows() -> None:
    """An id that no organisation has."""
    for role in (Role.MAP, Role.SUPPLIER):
        with scope(Viewer(role, 999_999_999, "X", "X")), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {A}")
            assert cursor.fetchone() == (0,)
