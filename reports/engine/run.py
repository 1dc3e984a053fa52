"""Files and exact counts of a question's rows: the same query as the page, through COPY.

A stream opens its own transaction and scope when it is first read, since a scope set up by the view would be
gone before the first row (measured: no rows and no error).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.db import OperationalError, connection
from django.utils.text import slugify
from psycopg.errors import QueryCanceled

from reports.engine.columns import Column, Kind
from reports.engine.files.columns import FileColumn, Message, Tally
from reports.engine.files.csv import csv_stream, guard_sql
from reports.engine.files.json import json_stream
from reports.engine.files.packed import gzip_stream, zip_stream
from reports.engine.files.parquet import parquet_stream
from reports.engine.files.xlsx import xlsx_stream
from reports.engine.rows import Rows
from smi_portal.access.scope import scope

Format = Literal["csv", "csv.gz", "csv.zip", "xlsx", "json", "parquet"]
Dialect = Literal["people", "machine"]


@dataclass(frozen=True)
class Form:
    """A format of files: what people call it, what it is for, and its media type."""

    words: str
    purpose: str
    content_type: str


FORMS: dict[str, Form] = {
    "xlsx": Form(
        "Excel",
        "Opens in Excel, with definitions; further sheets after 1,048,574 rows.",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "csv": Form("CSV", "Opens anywhere; as large as it needs to be.", "text/csv; charset=utf-8"),
    "csv.zip": Form(
        "CSV, zipped", "About a sixth of the size; opens with a double click.", "application/zip"
    ),
    "csv.gz": Form("CSV, gzip", "About a sixth of the size; for programs.", "application/gzip"),
    "parquet": Form(
        "Parquet", "For analysts: typed, small and fast to read.", "application/vnd.apache.parquet"
    ),
    "json": Form("JSON", "For programs.", "application/json"),
}

CONTENT_TYPES = {key: form.content_type for key, form in FORMS.items()}

#: Upper-case hexadecimal and dashes, checked at load: cannot begin a formula, so needs no guard.
SAFE_KEYS = frozenset({"device_id", "communications_hub_id", "last_attached_device_id"})


@dataclass
class Stream:
    """A file being made: its bytes, and what has been written so far."""

    chunks: Iterator[bytes]
    filename: str
    content_type: str
    tally: Tally = field(default_factory=Tally)


def stream(
    found: Rows,
    form: Format,
    dialect: Dialect = "people",
    tally: Tally | None = None,
    gentle: bool = False,
) -> Stream:
    """The rows as a file. Nothing is read before the first chunk is asked for; call outside any scope.

    `gentle`: nobody waits, so the database gives the query one process and not several: pages come first.
    """
    tally = tally if tally is not None else Tally()
    columns = [file_column(column) for column in found.columns]
    writers: dict[str, Callable[[Iterator[Message]], Iterator[bytes]]] = {
        "csv": lambda messages: csv_stream(messages, columns, dialect, tally),
        "xlsx": lambda messages: xlsx_stream(
            messages, columns, about(found), title=found.ask.report.title, tally=tally
        ),
        "json": lambda messages: json_stream(messages, columns, envelope(found), tally),
        "parquet": lambda messages: parquet_stream(messages, columns, envelope(found), tally),
    }
    kind, _, packing = form.partition(".")
    guarded = kind == "csv" and dialect == "people"
    chunks = writers[kind](_copy(found, "csv" if kind in {"csv", "parquet"} else "text", guarded, gentle))
    if packing == "gz":
        chunks = gzip_stream(chunks)
    elif packing == "zip":
        chunks = zip_stream(chunks, filename(found, kind))
    return Stream(chunks, filename(found, form), FORMS[form].content_type, tally)


def count(found: Rows) -> int:
    """How many rows match, exactly. Call inside the viewer's scope."""
    return found.query.count()


def capped_count(found: Rows, cap: int = 10_000) -> tuple[int, bool]:
    """How many rows match, up to `cap`; and whether there are more. Call inside the viewer's scope."""
    number = found.query.values(found.ask.report.key[0])[: cap + 1].count()
    return (cap, True) if number > cap else (number, False)


def counted_at_once(found: Rows, cap: int, seconds: float) -> tuple[int, bool] | None:
    """As `capped_count`, in the viewer's scope; None when the database has not counted them within `seconds`."""
    try:
        with scope(found.ask.viewer):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('statement_timeout', %s, true)", [f"{seconds * 1000:.0f}ms"]
                )
            counted = capped_count(found, cap)
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', '0', true)")
            return counted
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise


def file_sql(found: Rows, guarded: bool) -> str:
    """The SELECT that COPY reads: values as text says them, free text guarded in the people's dialect.

    A report without a row for this order still has its columns. Call inside the viewer's scope.
    """
    parts = [file_value(column, guarded) for column in found.columns]
    return f"SELECT {', '.join(parts)} FROM ({found.sql()}) r"


def file_value(column: Column, guarded: bool) -> str:
    """A column of the SELECT `r` as files have it."""
    name = f'r."{column.key}"'
    if column.kind is Kind.BOOLEAN:
        return f"{name}::text"
    if guarded and column.kind is Kind.TEXT and column.key not in SAFE_KEYS:
        return guard_sql(name)
    return name


def _copy(found: Rows, copy_format: str, guarded: bool, gentle: bool) -> Iterator[Message]:
    with scope(found.ask.viewer):
        if gentle:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        statement = f"COPY ({file_sql(found, guarded)}) TO STDOUT (FORMAT {copy_format})"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            yield from copy


def file_column(column: Column) -> FileColumn:
    """The column as file writers know it."""
    return FileColumn(column.key, column.title, column.kind.value, f"{column.help} ({column.source})")


def filename(found: Rows, extension: str) -> str:
    """Report, organisation, day and extract, so that a folder of downloads explains itself."""
    ask = found.ask
    parts = [ask.report.code, ask.viewer.organisation, ask.day.isoformat(), f"extract-{ask.load.sequence}"]
    parts += ["history"] if ask.history else []
    return "_".join(slugify(part) for part in parts if part) + f".{extension}"


def about(found: Rows) -> Sequence[tuple[str, str]]:
    """What a reader of the file must know: which report, for whom, asked how, from which extract."""
    ask = found.ask
    inputs = [
        (f"Input: {key}", ", ".join(values)) for key, values in sorted(ask.given.lists()) if any(values)
    ]
    return [
        ("Report", f"{ask.report.code} {ask.report.title}"),
        ("What it answers", ask.report.answers),
        ("Organisation", f"{ask.viewer.organisation_name} ({ask.viewer.organisation})"),
        ("As-at day", ask.day.isoformat()),
        ("History", "yes" if ask.history else "no"),
        *(inputs or [("Inputs", "none")]),
        *((("Columns", f"chosen: {', '.join(ask.columns)}"),) if ask.columns else ()),
        ("Order", ", ".join([*ask.sort, *ask.report.key])),
        ("Extract", f"sequence {ask.load.sequence}, {ask.load.extract_id}"),
        ("Data as at", f"{ask.load.as_at:%Y-%m-%dT%H:%M:%SZ}"),
        *(("Note", note) for note in ask.report.notes),
        ("Data", "Synthetic unless your operator says otherwise."),
    ]


def envelope(found: Rows) -> dict[str, object]:
    """The same facts for machines."""
    ask = found.ask
    return {
        "report": ask.report.code,
        "organisation": ask.viewer.organisation,
        "as_at": ask.day.isoformat(),
        "history": ask.history,
        "inputs": {key: values for key, values in sorted(ask.given.lists()) if any(values)},
        **({"columns": list(ask.columns)} if ask.columns else {}),
        "extract": {
            "extract_id": ask.load.extract_id,
            "sequence": ask.load.sequence,
            "as_at": f"{ask.load.as_at:%Y-%m-%dT%H:%M:%SZ}",
        },
    }
