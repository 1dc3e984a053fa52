"""The extract's tables as the published Table Schema says (`inventory/extract_schema.json`): the one source.

Tables, columns, types, required columns, enumerations, keys and references are read from that file; what it
cannot say is in `rules`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

SCHEMA_FILE: Final = Path(__file__).resolve().parent.parent / "extract_schema.json"
TYPES: Final = frozenset({"string", "date", "datetime", "boolean"})


@dataclass(frozen=True)
class Column:
    """A column: its Table Schema type, whether a value is required, and the closed enumeration if it has one."""

    name: str
    type: str
    required: bool
    enum: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """The name for SQL (deletions.csv has a column `table`)."""
        return f'"{self.name}"'


@dataclass(frozen=True)
class Reference:
    """A column whose value must name a row of `table` by `parent` (a hard reference)."""

    column: str
    table: str
    parent: str


@dataclass(frozen=True)
class Table:
    """One file of the extract."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...] = ()

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names, in the published order (files may use any order)."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The columns that are not part of the key."""
        return tuple(name for name in self.column_names if name not in self.key)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        return {column.name: column for column in self.columns}[name]


def read(path: Path = SCHEMA_FILE) -> dict[str, Table]:
    """Read the published schema. Raises ValueError where it says something that the loader cannot check."""
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    return {resource["name"]: _table(resource) for resource in descriptor["resources"]}


def _table(resource: dict[str, Any]) -> Table:
    schema = resource["schema"]
    columns = tuple(_column(field) for field in schema["fields"])
    references = tuple(_reference(item) for item in schema.get("foreignKeys", ()))
    return Table(resource["name"], columns, tuple(schema["primaryKey"]), references)


def _column(field: dict[str, Any]) -> Column:
    constraints = field.get("constraints", {})
    unknown = set(constraints) - {"required", "enum"}
    if field["type"] not in TYPES or unknown:
        raise ValueError(
            f"The loader cannot check column {field['name']}: {field['type']}, {sorted(unknown)}"
        )
    return Column(
        field["name"], field["type"], bool(constraints.get("required")), tuple(constraints.get("enum", ()))
    )


def _reference(item: dict[str, Any]) -> Reference:
    (column,), (parent,) = item["fields"], item["reference"]["fields"]
    return Reference(column, item["reference"]["resource"], parent)


TABLES: Final = read()

#: A delta's removals (docs/extract-format.md). It has no key: the same row twice is refused by its content.
DELETIONS: Final = Table(
    "deletions", (Column("table", "string", True), Column("key_json", "string", True)), ()
)
