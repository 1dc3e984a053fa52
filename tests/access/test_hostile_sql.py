"""SQL that somebody injects into the site's own connection, inside a MAP's scope, to read: no foreign row."""

from __future__ import annotations

import pytest

from tests.access.hostile import BASE, ROLES, SCOPED, A, foreign, run, viewer
from tests.support.asking import table

pytestmark = pytest.mark.usefixtures("real")

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
