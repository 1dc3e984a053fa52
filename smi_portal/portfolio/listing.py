"""A list of the viewer's rows, once: pages, files and commands all read it from here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.text import slugify
from psycopg import sql

from reports.engine.columns import Column, Kind
from reports.engine.files.columns import Message, Tally
from reports.engine.files.csv import csv_stream
from reports.engine.files.json import json_stream
from reports.engine.files.xlsx import xlsx_stream
from reports.engine.run import FORMS, Dialect, Format, Stream, file_column, file_value
from smi_portal.access.scope import Viewer, scope
from smi_portal.inventory.models import ExtractLoad

FORMATS: tuple[Format, ...] = ("csv", "xlsx", "json")
#: How PostgreSQL calls a column's type.
TYPES = {Kind.TEXT: "text", Kind.DATE: "date", Kind.INTEGER: "int8", Kind.DECIMAL: "numeric"}


@dataclass(frozen=True)
class Listing:
    """Rows of one kind for one viewer. `select` is SQL without parameters whose columns are the columns' keys."""

    name: str
    title: str
    viewer: Viewer
    load: ExtractLoad
    columns: Sequence[Column]
    select: str
    facts: Sequence[tuple[str, str]] = ()

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every row as values by key, in a scope of its own. One statement, so that all rows are of one extract."""
        keys = [column.key for column in self.columns]
        statement = f"COPY ({self.select}) TO STDOUT"
        with scope(self.viewer), connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types([TYPES[column.kind] for column in self.columns])
            for row in copy.rows():
                yield dict(zip(keys, row, strict=True))

    def stream(self, form: Format, dialect: Dialect = "people") -> Stream:
        """The rows as a file. Nothing is read before the first chunk is asked for; call outside any scope."""
        tally = Tally()
        columns = [file_column(column) for column in self.columns]
        writers: dict[str, Callable[[Iterator[Message]], Iterator[bytes]]] = {
            "csv": lambda messages: csv_stream(messages, columns, dialect, tally),
            "xlsx": lambda messages: xlsx_stream(
                messages, columns, self.about(), title=self.title, tally=tally
            ),
            "json": lambda messages: json_stream(messages, columns, self.envelope(), tally),
        }
        messages = self._copy("csv" if form == "csv" else "text", form == "csv" and dialect == "people")
        return Stream(writers[form](messages), self.filename(form), FORMS[form].content_type, tally)

    def about(self) -> list[tuple[str, str]]:
        """What a reader of the file must know."""
        return [
            ("List", self.title),
            ("Organisation", f"{self.viewer.organisation_name} ({self.viewer.organisation})"),
            *self.facts,
            ("Extract", f"sequence {self.load.sequence}, {self.load.extract_id}"),
            ("Data as at", f"{self.load.as_at:%Y-%m-%dT%H:%M:%SZ}"),
            ("Data", "Synthetic unless your operator says otherwise."),
        ]

    def envelope(self) -> dict[str, object]:
        """The same facts for machines."""
        return {
            "list": self.name,
            "organisation": self.viewer.organisation,
            **{slugify(label).replace("-", "_"): value for label, value in self.facts},
            "extract": {
                "extract_id": self.load.extract_id,
                "sequence": self.load.sequence,
                "as_at": f"{self.load.as_at:%Y-%m-%dT%H:%M:%SZ}",
            },
        }

    def filename(self, form: str) -> str:
        """List, organisation, day and extract, so that a folder of downloads explains itself."""
        day, extract = self.load.day.isoformat(), f"extract-{self.load.sequence}"
        parts = [self.name, self.viewer.organisation, day, extract]
        return "_".join(slugify(part) for part in parts) + f".{form}"

    def _copy(self, copy_format: str, guarded: bool) -> Iterator[Message]:
        cells = ", ".join(file_value(column, guarded) for column in self.columns)
        statement = f"COPY (SELECT {cells} FROM ({self.select}) r) TO STDOUT (FORMAT {copy_format})"
        with scope(self.viewer), connection.cursor() as cursor, cursor.copy(statement) as copy:
            yield from copy


def literal(value: Any) -> str:
    """A value as SQL, written by the driver: COPY takes no parameters."""
    return sql.Literal(value).as_string(connection.connection)
