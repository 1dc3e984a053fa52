"""The published schema, the models, the rules beside it and the document say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from smi_portal.inventory.loading import rules, schema
from smi_portal.inventory.loading.session import model_of

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "extract-format.md"


@pytest.mark.parametrize("table", schema.TABLES.values(), ids=lambda table: table.name)
def test_each_table_has_a_model_with_its_columns(table: schema.Table) -> None:
    fields = {field.column: field for field in model_of(table.name)._meta.concrete_fields}
    assert set(table.column_names) <= set(fields)
    for column in table.columns:
        if not column.required and column.name not in table.key:
            assert fields[column.name].null, column.name


@pytest.mark.parametrize("table", schema.TABLES.values(), ids=lambda table: table.name)
def test_the_document_lists_each_column_and_key(table: schema.Table) -> None:
    (line,) = re.findall(rf"^\| {table.name}[ :].*$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    for name in table.column_names:
        assert re.search(rf"\b{name}\b", line), name
        assert (f"**{name}**" in line) == (name in table.key), name


def test_the_rules_beside_the_schema_name_what_is_there() -> None:
    columns = {(table.name, column) for table in schema.TABLES.values() for column in table.column_names}
    free = {(table, column) for table, names in rules.FREE_TEXT.items() for column in names}
    assert set(rules.KNOWN_VALUES) | rules.LENIENT_DEVICE_IDS | rules.INDEXED_COLUMNS | free <= columns
    assert set(rules.MODELS) == set(rules.TOUCHES) == set(schema.TABLES)
    for name, target in rules.TOUCHES.items():
        assert set(rules.TOUCHED_TABLES[target]) <= set(schema.TABLES[name].column_names)


def change_type(resource: dict[str, Any]) -> None:
    resource["schema"]["fields"][0]["type"] = "integer"


def change_constraint(resource: dict[str, Any]) -> None:
    resource["schema"]["fields"][0]["constraints"] = {"pattern": "x"}


@pytest.mark.parametrize("change", [change_type, change_constraint])
def test_a_schema_that_says_more_than_is_checked_is_noticed(tmp_path: Path, change: Any) -> None:
    published = json.loads(schema.SCHEMA_FILE.read_text(encoding="utf-8"))
    change(published["resources"][0])
    (tmp_path / "schema.json").write_text(json.dumps(published))
    with pytest.raises(ValueError, match="cannot check column organisation"):
        schema.read(tmp_path / "schema.json")
