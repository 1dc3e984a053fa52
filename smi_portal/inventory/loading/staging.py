"""From a file into its staging table of text columns: header, shape and bytes are checked on the way."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Final

from django.db import DataError

from smi_portal.inventory.loading.errors import LoadRefused, Reject
from smi_portal.inventory.loading.package import Package, Reader
from smi_portal.inventory.loading.records import BLOCK, Records
from smi_portal.inventory.loading.rejects import Rejects
from smi_portal.inventory.loading.rules import MENDING
from smi_portal.inventory.loading.schema import Table
from smi_portal.inventory.loading.session import Session, Staged

EVERY: Final = 2.0  # seconds between lines of progress


class Digest:
    """The package's content hash: the descriptor's bytes, and each table's name with its file's plain bytes."""

    def __init__(self, descriptor: bytes) -> None:
        self._parts: dict[str, str] = {"": hashlib.sha256(descriptor).hexdigest()}

    def reading(self, table: str, reader: Reader) -> Callable[[int], bytes]:
        """A read function that hashes what passes through it; the file counts once its end was read."""
        running = hashlib.sha256()

        def read(size: int) -> bytes:
            data = reader.read(size)
            running.update(data)
            if not data:
                self._parts[table] = running.hexdigest()
            return data

        return read

    def value(self) -> str:
        """The hash of all that was read."""
        parts = "\n".join(f"{table} {digest}" for table, digest in sorted(self._parts.items()))
        return hashlib.sha256(parts.encode()).hexdigest()


def fingerprint(package: Package, files: dict[str, str], descriptor: bytes) -> str:
    """The content hash of a package, by reading it once without loading."""
    digest = Digest(descriptor)
    for table, file in files.items():
        with package.reader(file) as reader:
            read = digest.reading(table, reader)
            while read(BLOCK):
                pass
    return digest.value()


def copy(
    session: Session, rejects: Rejects, package: Package, table: Table, file: str, digest: Digest
) -> None:
    """Copy one file into `stage_<table>`. Raises LoadRefused where the whole file cannot be used."""
    with package.reader(file) as reader:
        records = Records(digest.reading(table.name, reader), file, rejects.limit)
        _check_header(table, file, records.header)
        columns = ", ".join(f'"{name}"' for name in records.header)
        definitions = ", ".join(f'"{name}" text COLLATE "C"' for name in table.column_names)
        stage = f"stage_{table.name}"
        # Not a temporary table: PostgreSQL's parallel workers could not read it. It needs no log, nobody but the
        # owner may read it, nobody sees it before the commit, and `unstage` drops it before that.
        session.execute(
            f"CREATE UNLOGGED TABLE {stage} ({definitions}, row_no bigint GENERATED ALWAYS AS IDENTITY)"
        )
        statement = f"COPY {stage} ({columns}) FROM STDIN WITH (FORMAT csv, FORCE_NULL ({columns}))"
        started = shown = time.monotonic()
        try:
            with session.cursor.copy(statement) as target:
                for block in records:
                    target.write(block)
                    now = time.monotonic()
                    if now - shown >= EVERY:
                        shown = now
                        session.progress(f"{file}: {_rate(records.rows, now - started)}")
        except DataError as error:
            # Records checks all that COPY checks; should they ever differ, the operator still gets a sentence.
            raise LoadRefused(f"{file}: PostgreSQL refuses a row: {error}") from error
    session.progress(f"{file}: {_rate(records.rows, time.monotonic() - started)}, read")
    session.staged[table.name] = Staged(table, file, records.rows, records.bad_count, records.lines)
    rejects.add(records.bad, records.bad_count)


def unstage(session: Session) -> None:
    """Drop the staging tables, and the views over them."""
    for name in session.staged:
        session.execute(f"DROP TABLE stage_{name} CASCADE")


def _rate(rows: int, seconds: float) -> str:
    return f"{rows:,} rows ({rows / max(seconds, 0.001):,.0f} rows/s)"


def _check_header(table: Table, file: str, header: list[str]) -> None:
    faults: list[Reject] = []

    def fault(column: str, rule: str) -> None:
        faults.append(Reject(file, 1, column, column, rule, MENDING[rule]))

    for name in header:
        if name not in table.column_names:
            fault(name, "unknown_column")
    for name in sorted({name for name in header if header.count(name) > 1}):
        fault(name, "duplicate_column")
    for name in table.column_names:
        if name not in header:
            fault(name, "missing_column")
    if faults:
        raise LoadRefused("\n".join(map(str, faults)), faults)
