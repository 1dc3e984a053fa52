"""Loading one extract: in one transaction, so that the old data serves until the new is in.

A large first load, before which nothing is served, goes in committed steps instead (`steps`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from smi_portal.inventory import changes
from smi_portal.inventory.hands import IN_TRANSACTION, OWNER, OneHand
from smi_portal.inventory.loading import (
    after,
    apply,
    cells,
    findings,
    leftovers,
    rejects,
    relations,
    steps,
    touched,
)
from smi_portal.inventory.loading.descriptor import DELTA, Descriptor, read_descriptor
from smi_portal.inventory.loading.errors import LoadRefused
from smi_portal.inventory.loading.package import Package, open_package
from smi_portal.inventory.loading.report import LoadReport
from smi_portal.inventory.loading.schema import DELETIONS, TABLES
from smi_portal.inventory.loading.session import Session, base
from smi_portal.inventory.loading.staging import Digest, copy, fingerprint, unstage
from smi_portal.inventory.loading.tidy import changed_much, tidy
from smi_portal.inventory.models import ExtractLoad

LOCK: Final = 0x534D495F  # one load or clearing at a time, over the whole database

#: periods.rebuild(cursor, everything, progress)
Rebuild = Callable[[Any, bool, Callable[[str], None]], None]


class Output(Protocol):
    """Where progress goes: any text stream, or a command's own."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> object: ...


@dataclass(frozen=True)
class LoadOptions:
    """How to load. `allow_rejects`: rows that may be left out; `rejects_limit`: defects listed at most.

    `rejects_file`: where they are written, by default `<package>.rejects.csv` beside the package.
    `vacuum`: tidy the tables after the commit. `rebuild`: what cuts the periods (tests may bring their own).
    """

    allow_rejects: int = 0
    rejects_limit: int = 1_000
    rejects_file: Path | None = None
    vacuum: bool = True
    rebuild: Rebuild | None = None


def load(path: Path, options: LoadOptions, out: Output) -> LoadReport:
    """Load the extract at `path` (a directory or .zip); progress goes to `out`.

    Raises LoadRefused, with the defects, when it cannot be loaded: the inventory is then as it was. The same
    package again changes nothing (`already_loaded`).
    """

    def progress(message: str) -> None:
        out.write(message + "\n")
        out.flush()

    check_migrations()
    if options.rejects_file is not None and not options.rejects_file.absolute().parent.is_dir():
        raise LoadRefused(f"The rejects cannot be listed in {options.rejects_file}: no such directory.")
    with open_package(path) as package:
        descriptor = read_descriptor(package)
        work = _Load(package, descriptor, options, progress)
        try:
            with transaction.atomic(using=OWNER, durable=True), connections[OWNER].cursor() as cursor:
                report = work.run(cursor)
            work.carry_on()
        finally:
            if work.in_steps:
                connections[OWNER].close()  # and with it the lock, the settings and what was temporary
    if options.vacuum and not (report.already_loaded or work.in_steps):
        tidy(report, progress)
    return report


def check_migrations() -> None:
    """Raise LoadRefused when the database is not of this release's shape."""
    executor = MigrationExecutor(connections[OWNER])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise LoadRefused("The database is not of this release: run 'manage.py migrate' first.")


def take_lock(cursor: Any, progress: Callable[[str], None]) -> None:
    """Hold the loads' lock to the end of the transaction; loads at the same time wait for their turn."""
    cursor.execute(f"SELECT pg_try_advisory_xact_lock({LOCK})")
    if not cursor.fetchone()[0]:
        progress("Waiting for another load to finish …")
        cursor.execute(f"SELECT pg_advisory_xact_lock({LOCK})")


class _Load:
    """One load, inside its transaction; or, `in_steps`, the first of its transactions, and then `carry_on`."""

    def __init__(
        self,
        package: Package,
        descriptor: Descriptor,
        options: LoadOptions,
        progress: Callable[[str], None],
    ) -> None:
        self.package = package
        self.descriptor = descriptor
        self.options = options
        self.in_steps = False
        self.started = datetime.now(UTC)
        self.digest = Digest(descriptor.raw)
        self.session = Session(None, descriptor.kind == DELTA, progress)
        self.report = LoadReport(
            descriptor.extract_id, descriptor.sequence, descriptor.kind, descriptor.as_at
        )

    def run(self, cursor: Any) -> LoadReport:
        """Load, or raise; the caller's transaction keeps or forgets all of it."""
        session, day = self.session, self.descriptor.as_at.date()
        session.cursor = cursor
        session.execute(IN_TRANSACTION)
        take_lock(session.cursor, session.progress)
        if self._is_loaded():
            self.report.already_loaded = True
            return self.report
        found = self._stage()
        if self.options.rebuild is None and not found.count() and steps.are_worth_it(session):
            steps.begin(session, LOCK)
            self.in_steps = True
            return self.report
        self._judge(found)
        with session.stage("apply"):
            self.report.tables = apply.apply(session)
            self._analyze()
        with session.stage("findings"):
            self.report.findings = findings.find(session, day, OneHand(cursor))
        with session.stage("periods"):
            self.report.rebuilt_everything = touched.finish(session)
            if not session.first:
                changes.begin(session.cursor)
            self._rebuild()(session.cursor, self.report.rebuilt_everything, session.progress)
        if not session.first:
            with session.stage("changes"):
                self._tell_changes()
        unstage(session)
        self._end(cursor)
        return self.report

    def carry_on(self) -> None:
        """The further steps of a load in steps, outside any transaction; or raise, with nothing left of it."""
        if self.in_steps:
            day = self.descriptor.as_at.date()
            steps.carry_on(self.session, self.report, day, self._judge, self._end, self.options.vacuum)

    def _end(self, cursor: Any) -> None:
        """Record the load, and let the other apps follow: in the transaction by which it is served."""
        self.report.seconds = self.session.seconds
        loaded = self._record()
        after.run(after.Loaded(cursor, loaded, self.report.rebuilt_everything, self.session.progress))

    def _is_loaded(self) -> bool:
        """Whether this very package was loaded before. Raises LoadRefused when it comes out of order."""
        mine = self.descriptor
        loads = ExtractLoad.objects.using(OWNER)
        latest = loads.order_by("-sequence").first()
        named = loads.filter(extract_id=mine.extract_id).first()
        if latest is None:
            if mine.kind == DELTA:
                raise LoadRefused("Nothing is loaded yet: a delta needs a full extract before it.")
            self.session.first = True
            leftovers.sweep(self.session.cursor, self.session.progress)
            return False
        if mine.sequence > latest.sequence and named is None:
            return False
        files = self.descriptor.files
        if loads.filter(content_hash=fingerprint(self.package, files, mine.raw)).exists():
            return True
        if named is not None and named.sequence != mine.sequence:
            raise LoadRefused(
                f"extract_id {mine.extract_id!r} was already loaded, as sequence {named.sequence}; "
                "each package needs an id of its own."
            )
        same = loads.filter(sequence=mine.sequence).exists()
        raise LoadRefused(
            f"Out of order: sequence {mine.sequence} does not come after {latest.sequence}, the last one loaded"
            + (" (a package of that sequence, with other content, was loaded)." if same else ".")
        )

    def _stage(self) -> rejects.Rejects:
        """Read every file and check each row by itself; what is wrong so far."""
        session = self.session
        found = rejects.Rejects(session, self.options.rejects_limit)
        for table in [*TABLES.values(), DELETIONS]:
            if file := self.descriptor.files.get(table.name):
                with session.stage("copy"):
                    copy(session, found, self.package, table, file, self.digest)
                with session.stage("checks"):
                    cells.check(session, found, table)
        self.report.rows_in = {name: staged.rows + staged.bad for name, staged in session.staged.items()}
        return found

    def _judge(self, found: rejects.Rejects | None = None) -> None:
        """Check the rows against each other. Raises LoadRefused with the rejects when more are bad than allowed."""
        session, options = self.session, self.options
        found = found or rejects.Rejects(session, options.rejects_limit)
        with session.stage("checks"):
            relations.check(session, found, options.allow_rejects)
        count = found.count()
        if count:
            listing = found.listing()
            self.report.rejected = found.by_table()
            self.report.rejects_by_rule = found.by_rule()
            self.report.rejects_file = self._write(listing)
        if count > options.allow_rejects:
            first = "\n".join(f"  {reject}" for reject in listing[:5])
            more = f"\n  … {count - 5:,} more rows" if count > 5 else ""
            raise LoadRefused(
                f"{count:,} rows are rejected and {options.allow_rejects:,} are allowed, so nothing was loaded:\n"
                f"{first}{more}\nAll are in {self.report.rejects_file}.",
                listing,
                count,
                self.report.rejects_file,
            )

    def _write(self, listing: list[Any]) -> Path:
        path = self.options.rejects_file or rejects.default_path(self.package.path)
        rejects.write(path, listing)
        return path

    def _analyze(self) -> None:
        """Fresh statistics for the rebuild where much changed; little changes leave the old ones good."""
        for name, change in self.report.tables.items():
            if changed_much(self.session.cursor, base(name), change.written):
                self.session.execute(f"ANALYZE {base(name)}")

    def _rebuild(self) -> Rebuild:
        if self.options.rebuild is not None:
            return self.options.rebuild
        from smi_portal.inventory.periods import rebuild

        return rebuild

    def _tell_changes(self) -> None:
        """Write what this load changed in each organisation's view; the first extract is the baseline."""
        latest = ExtractLoad.objects.using(OWNER).latest()
        mine, cursor = self.descriptor, self.session.cursor
        day = mine.as_at.astimezone(UTC).date()
        self.report.events = changes.record(cursor, mine.sequence, day, latest.day)
        self.session.progress(f"change feed: {self.report.events:,} events")

    def _record(self) -> ExtractLoad:
        mine = self.descriptor
        return ExtractLoad.objects.using(OWNER).create(
            extract_id=mine.extract_id,
            sequence=mine.sequence,
            kind=mine.kind,
            as_at=mine.as_at,
            content_hash=self.digest.value(),
            started_at=self.started,
            finished_at=datetime.now(UTC),
            report=self.report.as_json(),
        )
