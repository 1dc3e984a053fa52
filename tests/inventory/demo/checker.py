"""An independent check of an extract's hard rules, in plain Python: types, keys, periods, references.

It shares no code with the generator or with the loader; it reads files and the published schema only.
"""

import csv
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

Row = dict[str, str]
Tables = dict[str, dict[tuple[str, ...], Row]]

DEVICE_ID = re.compile(r"[0-9A-F]{2}(-[0-9A-F]{2}){7}")
SOFT = {("service_requests", "device_id"), ("registrations", "mpxn")}
PERIODS = {
    "participants": ("mpid", "fuel", "role"),
    "device_statuses": ("device_id",),
    "device_firmwares": ("device_id",),
    "device_mpxns": ("device_id", "mpxn", "kind"),
    "hub_links": ("device_id",),
    "registrations": ("mpxn",),
    "map_assignments": ("device_id",),
}


def read_package(directory: Path) -> tuple[dict[str, Any], dict[str, list[Row]], list[str]]:
    """Return a package's descriptor, its rows by resource, and what is wrong with shapes, types and keys."""
    descriptor = json.loads((directory / "datapackage.json").read_text(encoding="utf-8"))
    problems: list[str] = []
    tables = {}
    for resource in descriptor["resources"]:
        rows = list(_rows(directory / resource["path"], resource, problems))
        tables[resource["name"]] = rows
        key = resource["schema"].get("primaryKey")
        keys = [tuple(row[name] for name in key) for row in rows] if key else []
        if len(set(keys)) != len(keys):
            problems.append(f"{resource['name']}: duplicate key")
    return descriptor, tables, problems


def _rows(path: Path, resource: dict[str, Any], problems: list[str]) -> Iterator[Row]:
    fields = {field["name"]: field for field in resource["schema"]["fields"]}
    open_text = gzip.open if path.suffix == ".gz" else open
    with open_text(path, "rt", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        assert reader.fieldnames is not None
        assert set(reader.fieldnames) == set(fields), (path, reader.fieldnames)
        for row in reader:
            for name, field in fields.items():
                problem = _cell_problem(name, row[name], field)
                if problem:
                    problems.append(f"{path.name} line {reader.line_num} {name}={row[name]!r}: {problem}")
            yield row


def _cell_problem(name: str, value: str, field: dict[str, Any]) -> str | None:
    constraints = field.get("constraints", {})
    if value is None:
        return "short row"
    if value == "":
        return "required" if constraints.get("required") else None
    if "enum" in constraints and value not in constraints["enum"]:
        return "not in the enumeration"
    if name.endswith("device_id") and not DEVICE_ID.fullmatch(value):
        return "malformed device ID"
    try:
        if field["type"] == "date":
            assert date.fromisoformat(value).isoformat() == value
        elif field["type"] == "datetime":
            datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007 - shape only
        elif field["type"] == "boolean":
            assert value in ("true", "false")
    except (ValueError, AssertionError):
        return f"no {field['type']}"
    return None


def keyed(descriptor: dict[str, Any], tables: dict[str, list[Row]]) -> Tables:
    """Return the rows of each resource by primary key."""
    return {
        resource["name"]: {
            tuple(row[name] for name in resource["schema"]["primaryKey"]): row
            for row in tables[resource["name"]]
        }
        for resource in descriptor["resources"]
        if "primaryKey" in resource["schema"]
    }


def apply_delta(descriptor: dict[str, Any], state: Tables, delta: dict[str, list[Row]]) -> Tables:
    """Return the state after a delta: deletions, each of which must find its row, then replacement by key."""
    keys = {
        r["name"]: r["schema"]["primaryKey"] for r in descriptor["resources"] if "primaryKey" in r["schema"]
    }
    result = {name: dict(rows) for name, rows in state.items()}
    for row in delta["deletions"]:
        key = json.loads(row["key_json"])
        assert set(key) == set(keys[row["table"]]), row
        del result[row["table"]][tuple(key[name] for name in keys[row["table"]])]
    for name, key_names in keys.items():
        result[name].update({tuple(row[n] for n in key_names): row for row in delta[name]})
    return result


def state_problems(descriptor: dict[str, Any], state: Tables) -> list[str]:
    """Return what is wrong with a whole state: references that dangle, periods that are empty or overlap."""
    problems = []
    for resource in descriptor["resources"]:
        name = resource["name"]
        for foreign in resource["schema"].get("foreignKeys", []):
            column = foreign["fields"][0]
            targets = state[foreign["reference"]["resource"]]
            problems += [
                f"{name}.{column}={row[column]} dangles"
                for row in state[name].values()
                if row[column] and (name, column) not in SOFT and (row[column],) not in targets
            ]
    for name, columns in PERIODS.items():
        problems += _period_problems(name, columns, state)
    return problems


def _period_problems(name: str, columns: tuple[str, ...], state: Tables) -> Iterator[str]:
    groups = defaultdict(list)
    for row in state[name].values():
        groups[tuple(row[column] for column in columns)].append(
            (row["effective_from"], row["effective_to"] or "9")
        )
    for key, periods in groups.items():
        periods.sort()
        yield from (f"{name} {key}: empty period {a} {b}" for a, b in periods if a >= b)
        for (_, end), (start, _) in pairwise(periods):
            if start < end:
                yield f"{name} {key}: periods overlap at {start}"
