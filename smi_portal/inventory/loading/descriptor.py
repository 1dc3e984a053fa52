"""Reading datapackage.json: what the package says of itself, each fault named plainly."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Final

from smi_portal.inventory.loading.errors import LoadRefused
from smi_portal.inventory.loading.package import DESCRIPTOR, Package
from smi_portal.inventory.loading.schema import DELETIONS, TABLES

FULL: Final = "full"
DELTA: Final = "delta"
MAX_SEQUENCE: Final = 2**63 - 1
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)
_FILE: Final = re.compile(r"(?P<stem>[a-z_]+)\.csv(\.gz)?", re.ASCII)


@dataclass(frozen=True)
class Descriptor:
    """What a package is: `files` maps each table that it brings (and `deletions`) to its file's name."""

    extract_id: str
    sequence: int
    kind: str
    as_at: datetime
    files: dict[str, str]
    raw: bytes


def read_descriptor(package: Package) -> Descriptor:
    """Read and check the descriptor. Raises LoadRefused naming the property and what is wrong with it."""
    raw = package.descriptor()
    properties = _parse(raw)
    kind = properties.get("kind")
    if kind not in {FULL, DELTA}:
        raise _wrong("kind", kind, "must be full or delta")
    files = _files(properties.get("resources"))
    _check_files(files, str(kind), package.names)
    return Descriptor(
        _extract_id(properties.get("extract_id")),
        _sequence(properties.get("sequence")),
        str(kind),
        _instant(properties.get("as_at")),
        files,
        raw,
    )


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        properties = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LoadRefused(f"{DESCRIPTOR}: not UTF-8 (byte {error.start}).") from error
    except json.JSONDecodeError as error:
        raise LoadRefused(f"{DESCRIPTOR}, line {error.lineno}: not JSON ({error.msg}).") from error
    except (RecursionError, ValueError) as error:
        raise LoadRefused(f"{DESCRIPTOR}: not readable as JSON ({error}).") from error
    if not isinstance(properties, dict):
        raise LoadRefused(f"{DESCRIPTOR}: must be a JSON object.")
    return properties


def _wrong(name: str, value: object, rule: str) -> LoadRefused:
    given = "is missing and" if value is None else f"is {json.dumps(value, default=str)[:100]} and"
    return LoadRefused(f"{DESCRIPTOR}: {name} {given} {rule}.")


def _extract_id(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 200 or not value.isprintable():
        raise _wrong(
            "extract_id", value, "must be a text of 1 to 200 characters that names this package alone"
        )
    return value


def _sequence(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_SEQUENCE:
        raise _wrong("sequence", value, "must be a whole number that rises from package to package")
    return value


def _instant(value: object) -> datetime:
    rule = "must be the instant that the data describes, in UTC, as 2019-02-28T23:00:00Z"
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise _wrong("as_at", value, rule)
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        raise _wrong("as_at", value, rule) from None


def _files(resources: object) -> dict[str, str]:
    if not isinstance(resources, list) or not resources:
        raise _wrong("resources", resources, "must be a list of the package's files")
    files: dict[str, str] = {}
    for number, resource in enumerate(resources, start=1):
        if not isinstance(resource, dict):
            raise _wrong(f"resource {number}", resource, "must be an object")
        name = resource.get("name")
        if not isinstance(name, str) or name not in {*TABLES, DELETIONS.name}:
            raise _wrong(
                f"the name of resource {number}", name, f"must be one of {', '.join(TABLES)}, deletions"
            )
        if name in files:
            raise LoadRefused(f"{DESCRIPTOR}: resource {name} is named twice.")
        files[name] = _path(name, resource.get("path"))
        _check_form(name, resource)
    return files


def _path(name: str, path: object) -> str:
    if not isinstance(path, str) or not path.lower().endswith((".csv", ".csv.gz")):
        raise _wrong(
            f"the path of resource {name}", path, "must name one .csv or .csv.gz file of the package"
        )
    parts = PurePosixPath(path).parts
    if "\\" in path or ":" in path or path.startswith("/") or ".." in parts or not path.isprintable():
        raise _wrong(
            f"the path of resource {name}", path, "must stay inside the package: no '..', no absolute path"
        )
    return str(PurePosixPath(path))


def _check_form(name: str, resource: dict[str, Any]) -> None:
    """Refuse what the package says of a file that the loader would read otherwise."""
    encoding = resource.get("encoding", "utf-8")
    if not isinstance(encoding, str) or encoding.lower().replace("_", "-") not in {"utf-8", "utf8"}:
        raise _wrong(f"the encoding of {name}", encoding, "must be utf-8")
    dialect = resource.get("dialect") or {}
    if (
        not isinstance(dialect, dict)
        or dialect.get("delimiter", ",") != ","
        or dialect.get("header") is False
    ):
        raise _wrong(f"the dialect of {name}", dialect, "must be RFC 4180: a header row, commas")
    schema = resource.get("schema")
    if not isinstance(schema, dict) or name == DELETIONS.name:
        return
    fields = [field for field in schema.get("fields") or () if isinstance(field, dict)]
    given = {str(field.get("name")): field.get("type", "string") for field in fields}
    published = {column.name: column.type for column in TABLES[name].columns}
    for column in sorted({*given, *published}):
        if given.get(column) != published.get(column):
            ours = published.get(column, "that there is no such column")
            raise _wrong(
                f"the type of {name}.{column}", given.get(column), f"the published schema says {ours}"
            )


def _check_files(files: dict[str, str], kind: str, names: list[str]) -> None:
    missing = [name for name in TABLES if name not in files]
    if kind == FULL and missing:
        raise LoadRefused(f"{DESCRIPTOR}: a full extract brings every table; missing: {', '.join(missing)}.")
    for name in names:
        found = _FILE.fullmatch(name)
        if found is None or name in files.values():
            continue
        # deletions.csv needs no entry of its own; any other table's file would be left out unnoticed.
        if found["stem"] == DELETIONS.name and DELETIONS.name not in files:
            files[DELETIONS.name] = name
        elif found["stem"] in {*TABLES, DELETIONS.name}:
            raise LoadRefused(f"{name}: the package holds this file and {DESCRIPTOR} does not name it.")
    if kind == FULL and DELETIONS.name in files:
        raise LoadRefused(
            f"{files[DELETIONS.name]}: only a delta has deletions; a full extract leaves the row out."
        )
