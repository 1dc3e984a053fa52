"""DATABASE_URL: another PostgreSQL, by the same code. A server of our own plays the stranger's."""

import psycopg
import pytest

from smi_portal.database import embedded, locate
from smi_portal.database.cluster import SUPERUSER
from smi_portal.database.instance import SUPERUSER_SECRET
from smi_portal.database.locate import SITE
from smi_portal.database.roles import READERS
from smi_portal.database.state import secret
from tests.database.conftest import ask, run_manage


@pytest.fixture
def stranger(server):
    """Give the port and the superuser's password of a server that has none of our roles but the owner."""
    found = embedded.status().address.port, secret(SUPERUSER_SECRET)
    roles = [SITE, *READERS]
    for role in roles:
        if ask(f"SELECT count(*) FROM pg_roles WHERE rolname = '{role}'"):
            as_superuser(found, f"DROP OWNED BY {role}", f"DROP ROLE {role}")
    return found


def url(user, password, port):
    return f"postgres://{user}:{password}@127.0.0.1:{port}/smi?sslmode=disable"


def as_superuser(stranger, *statements):
    port, password = stranger
    parameters = embedded.owner_parameters(port) | {"user": SUPERUSER, "password": password}
    with psycopg.connect(**parameters, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def start(tmp_path, **environment):
    return run_manage("database", "start", SMI_STATE_DIR=str(tmp_path / "its state"), **environment)


def test_role_that_may_not_create_roles_is_told_what_to_run(stranger, tmp_path):
    as_superuser(stranger, "CREATE ROLE weak LOGIN PASSWORD 'weak'")
    result = start(tmp_path, DATABASE_URL=url("weak", "weak", stranger[0]))
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    commands = [line.strip() for line in result.stderr.splitlines() if line.startswith("  ")]
    assert "CREATE ROLE smi_map NOLOGIN" in result.stderr
    assert "SITE_DATABASE_URL=postgres://smi_site:" in result.stderr
    # Having run exactly that, it works.
    as_superuser(stranger, *(command.replace("…", "given") for command in commands))
    as_superuser(
        stranger, "GRANT CONNECT ON DATABASE smi TO smi_site", "REVOKE ALL ON DATABASE smi FROM PUBLIC"
    )
    as_superuser(stranger, "GRANT ALL ON DATABASE smi TO weak")
    again = start(
        tmp_path,
        DATABASE_URL=url("weak", "weak", stranger[0]),
        SITE_DATABASE_URL=url("smi_site", "given", stranger[0]),
    )
    assert again.returncode == 0, again.stderr


def test_owner_makes_the_roles_and_the_site_signs_in(stranger, tmp_path, monkeypatch):
    owner = url("smi_owner", embedded.owner_parameters(1)["password"], stranger[0])
    result = start(tmp_path, DATABASE_URL=owner)
    assert result.returncode == 0, result.stderr
    assert "smi on 127.0.0.1" in result.stdout
    assert not (tmp_path / "its state/server.json").exists(), "no server of our own was started"
    monkeypatch.setenv("SMI_STATE_DIR", str(tmp_path / "its state"))
    monkeypatch.setenv("DATABASE_URL", owner)
    site = locate.databases()["default"]
    with psycopg.connect(
        host=site["HOST"],
        port=site["PORT"],
        dbname=site["NAME"],
        user=site["USER"],
        password=site["PASSWORD"],
    ) as connection:
        assert connection.execute("SELECT session_user").fetchone() == ("smi_site",)


def test_wrong_password_is_a_sentence(stranger, tmp_path):
    result = start(tmp_path, DATABASE_URL=url("smi_owner", "wrong", stranger[0]))
    assert result.returncode == 1
    assert result.stderr.startswith("CommandError: Cannot connect to DATABASE_URL as the owner")


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"DATABASE_URL": "sqlite:////tmp/some.db"}, "only PostgreSQL is supported"),
        ({"DATABASE_URL": "postgres:///smi"}, "DATABASE_URL must be postgres://user"),
        ({"SITE_DATABASE_URL": "postgres://somebody:x@127.0.0.1/smi"}, "must sign in as smi_site"),
    ],
)
def test_url_that_cannot_be_right_is_refused(tmp_path, variables, message):
    result = start(tmp_path, **variables)
    assert result.returncode == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr
