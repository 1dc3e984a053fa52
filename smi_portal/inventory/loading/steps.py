"""A large first load: in committed steps, by two hands, served only by the last step (decision 0026).

Every other load is one transaction. Here nothing is served before the record of the load, which comes last; until
then the tables are closed to every reader, and whatever ends the load before that leaves an empty inventory, at once
or when the next load begins (`leftovers`).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, Final

from django.db import connections, transaction

from smi_portal.inventory.hands import COUNT, OWNER, SCHEMA, SETTINGS, two_hands
from smi_portal.inventory.loading import apply, cells, findings, leftovers, relations
from smi_portal.inventory.loading.report import LoadReport
from smi_portal.inventory.loading.session import Session
from smi_portal.inventory.loading.tidy import tidy
from smi_portal.inventory.periods import parts, rebuild, viewers

#: A load of fewer parts of devices is as quick in one transaction.
FROM_PARTS: Final = 2


def are_worth_it(session: Session) -> bool:
    """Whether this load, all staged, goes in steps: the first, large, and by an owner that may make schemas."""
    devices = session.staged.get("devices")
    if not session.first or devices is None or devices.rows <= FROM_PARTS * parts.SIZE:
        return False
    if session.value("SELECT EXISTS (SELECT FROM inventory_device)"):
        return False
    return bool(session.value("SELECT has_database_privilege(current_database(), 'CREATE')"))


def begin(session: Session, lock: int) -> None:
    """The first step, at the end of the staging's transaction. `lock` is then held until the connection is closed."""
    session.execute(f"SELECT pg_advisory_lock({lock})")
    leftovers.make_room(session.cursor)
    for name, staged in session.staged.items():
        session.execute(f"DROP VIEW new_{name}")
        session.execute(f"ALTER TABLE stage_{name} SET (autovacuum_enabled = false)")
        session.execute(f"ALTER TABLE stage_{name} SET SCHEMA {SCHEMA}")
        session.execute(f"CREATE VIEW {SCHEMA}.new_{name} AS {cells.typed_rows(staged.table, SCHEMA + '.')}")


def carry_on(
    session: Session,
    report: LoadReport,
    day: date,
    judge: Callable[[], None],
    end: Callable[[Any], None],
    vacuum: bool,
) -> None:
    """All further steps.

    `judge` is called, inside a transaction, where rows do not agree: it raises LoadRefused, or leaves some out.
    `end` is called inside the last one, to write the record and what goes with it; `vacuum`: the tables are tidied
    beside it. Raises what any step raises, with nothing of the load left.
    """
    try:
        with connections[OWNER].cursor() as cursor:
            cursor.execute(f"{SETTINGS}; SET search_path = {SCHEMA}, public")
            session.cursor = cursor
            _write(session, report, day, judge)
            cursor.execute("RESET search_path; RESET synchronous_commit")
            # Nobody may mark a row as visible to all whose commit has not reached the disk. This one takes all along.
            cursor.execute(f"COMMENT ON SCHEMA {SCHEMA} IS 'All rows are written.'")
            with ThreadPoolExecutor(1) as beside, transaction.atomic(using=OWNER, durable=True):
                tidied = beside.submit(_tidy, report, session.progress) if vacuum else None
                end(cursor)
                if tidied:
                    tidied.result()  # before the tables are locked
                leftovers.forget_room(cursor)
    except BaseException:
        leftovers.give_up(session.progress)
        raise


def _tidy(report: LoadReport, progress: Callable[[str], None]) -> None:
    """All rows are committed by now, so they can be marked as such while the last step reads them."""
    try:
        tidy(report, progress)
    finally:
        connections[OWNER].close()  # this thread's own


def _write(session: Session, report: LoadReport, day: date, judge: Callable[[], None]) -> None:
    session.everything = report.rebuilt_everything = True
    with two_hands(session.cursor) as hands:
        with session.stage("checks"):
            is_sound = relations.are_sound(session, hands)
        if not is_sound:
            with transaction.atomic(using=OWNER):
                judge()
        with session.stage("apply"):
            report.tables = apply.fill(session, hands, viewers.LATE)
        with session.stage("findings"):
            report.findings = findings.find(session, day, hands)
        with session.stage("periods"):
            session.progress(f"periods, in {COUNT} hands")
            rebuild(
                session.cursor,
                True,
                session.progress,
                hands=hands,
                late=lambda: apply.fill_late(session, report.tables, viewers.LATE),
            )
