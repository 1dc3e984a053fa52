"""The roles of the database: what the site may be, and what it may not."""

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connections, transaction

from smi_portal.database import roles
from smi_portal.database.errors import DatabaseUnavailable
from smi_portal.database.roles import READERS, ensure_roles

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def rows(alias, statement, parameters=()):
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def test_site_signs_in_as_a_role_without_powers():
    assert rows("default", "SELECT current_user, session_user") == [("smi_site", "smi_site")]
    powers = "rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit, rolcanlogin"
    found = rows("default", f"SELECT {powers} FROM pg_roles WHERE rolname = current_user")
    assert found == [(False, False, False, False, False, False, True)]


def test_owner_is_no_superuser_and_cannot_step_around_row_level_security():
    found = rows("owner", "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    assert found == [(False, False)]


def test_site_owns_nothing():
    owned = rows("owner", "SELECT count(*) FROM pg_class WHERE relowner = 'smi_site'::regrole")
    tables = rows("owner", "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
    databases = rows("owner", "SELECT count(*) FROM pg_database WHERE datdba = 'smi_site'::regrole")
    assert (owned, databases) == ([(0,)], [(0,)])
    assert tables[0][0] > 10, "the migrations ran as the owner"


@pytest.mark.parametrize("reader", READERS)
def test_site_may_take_on_a_reader_and_inherits_nothing_from_it(reader):
    rights = rows(
        "default",
        "SELECT pg_has_role('smi_site', %s, 'USAGE'), rolcanlogin,"
        " rolsuper OR rolbypassrls OR rolcreaterole OR rolinherit FROM pg_roles WHERE rolname = %s",
        [reader, reader],
    )
    assert rights == [(False, False, False)]
    with transaction.atomic():
        rows("default", f"SET LOCAL ROLE {reader}")
        assert rows("default", "SELECT current_user") == [(reader,)]


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE postgres",
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "ALTER ROLE smi_site BYPASSRLS",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "COPY (SELECT 1) TO '/tmp/mine'",
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT rolpassword FROM pg_authid",
        "TRUNCATE django_migrations",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('a', 'b', now())",
    ],
)
def test_site_may_not(statement):
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be|Only roles with"),
        transaction.atomic(),
    ):
        rows("default", statement)


def test_site_may_not_become_the_owner():
    owner = connections["owner"].settings_dict["USER"]
    with pytest.raises(ProgrammingError, match="permission denied to set role"), transaction.atomic():
        rows("default", f"SET ROLE {owner}")


def test_site_may_see_which_migrations_ran():
    assert rows("default", "SELECT count(*) > 10 FROM django_migrations") == [(True,)]


def test_repeating_changes_nothing():
    def memberships():
        return rows("owner", "SELECT roleid, member, xmin::text FROM pg_auth_members ORDER BY 1, 2")

    before = memberships()
    ensure_roles()
    assert memberships() == before


@pytest.mark.parametrize("change", ["smi_map INHERIT", "smi_dcc LOGIN", "smi_site CREATEROLE"])
def test_role_with_rights_it_must_not_have_is_refused(change):
    rows("owner", f"ALTER ROLE {change}")
    with pytest.raises(DatabaseUnavailable, match=change.split()[0]):
        ensure_roles()


def test_site_that_may_become_somebody_else_is_refused():
    rows("owner", "CREATE ROLE smi_test_stranger")
    rows("owner", "GRANT smi_test_stranger TO smi_site")
    with pytest.raises(DatabaseUnavailable, match="REVOKE smi_test_stranger FROM smi_site"):
        ensure_roles()


def test_lost_grant_is_mended():
    rows("owner", "REVOKE smi_map FROM smi_site")
    ensure_roles()
    assert rows("owner", "SELECT pg_has_role('smi_site', 'smi_map', 'MEMBER')") == [(True,)]


def test_old_server_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(roles, "OLDEST", 99)
    with pytest.raises(DatabaseUnavailable, match=r"leads to PostgreSQL \d+; SMI Portal needs 99 or later"):
        ensure_roles()


def test_migrations_refuse_the_sites_connection():
    with pytest.raises(CommandError, match="as the schema's owner"):
        call_command("migrate", database="default", verbosity=0)


def test_values_are_bound_by_the_server():
    """A value written into the text would be an integer; one that is bound keeps the driver's own type."""
    assert rows("default", "SELECT pg_typeof(5)::text, pg_typeof(%s)::text", [5]) == [("integer", "smallint")]


def test_start_up_checks_hold_in_a_migrated_database():
    call_command("check", databases=["default"])
