"""The quick road and the slow one judge each row alike: a row that one lets through and the other not is a bug."""

from __future__ import annotations

import pytest
from django.db import DataError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smi_portal.inventory.loading.cells import quick_condition, slow_query
from smi_portal.inventory.loading.schema import TABLES, Table

from .defects import DEFECTS, OF_CELLS, Defect
from .packages import ESME, Row, small


def judge(table: Table, found: Row) -> tuple[bool, list[str]]:
    """Whether the quick road lets a row through as it stands, and the rules that the slow one says it breaks."""
    name = f"stage_{table.name}"
    columns = ", ".join(f'{column.sql} text COLLATE "C"' for column in table.columns)
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {name} ({columns}, row_no bigint DEFAULT 1) ON COMMIT DROP")
        places = ", ".join(["%s"] * len(table.columns))
        values = [found[column] or None for column in table.column_names]
        listed = ", ".join(column.sql for column in table.columns)
        cursor.execute(f"INSERT INTO {name} ({listed}) VALUES ({places})", values)
        try:
            with transaction.atomic(using="owner"):
                cursor.execute(f"SELECT ({quick_condition(table)}) IS TRUE FROM {name}")
                passes = bool(cursor.fetchone()[0])
        except DataError:
            passes = False
        cursor.execute(slow_query(table))
        return passes, [values[3] for values in cursor.fetchall()]


@pytest.mark.usefixtures("inventory")
def test_each_defect_alone_is_seen_by_both() -> None:
    cells: list[Defect] = [found for found in DEFECTS if found.rule in OF_CELLS]
    for found in cells:
        assert judge(TABLES[found.table], found.rows[-1]) == (False, [found.rule]), found


@pytest.mark.usefixtures("inventory")
def test_sound_rows_are_sound_to_both() -> None:
    for name, rows in small().items():
        for found in rows:
            assert judge(TABLES[name], found) == (True, []), found


dates = st.sampled_from(
    ["", "2019-01-01", "2019-01-02", "2020-02-29", "2019-02-29", "20190101", "infinity", "2019-1-1"]
)
instants = st.sampled_from(
    ["", "2019-01-01T00:00:00Z", "2019-01-01T00:00:00.5Z", "2019-01-01T00:00:00.1234567Z"]
)
instants |= st.sampled_from(
    ["2019-02-29T00:00:00Z", "2019-01-01T24:00:00Z", "2019-01-01", "2019-01-01t00:00:00z"]
)
words = st.sampled_from(
    ["", "E", "MAP", "IMPORT", "true", "TRUE", "x", ESME, f"{ESME} ", ESME[:-1], "-" * 23, "é" * 400]
)


@pytest.mark.usefixtures("inventory")
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_both_roads_agree_on_any_row(data: st.DataObject) -> None:
    table = TABLES[data.draw(st.sampled_from(list(TABLES)))]
    strategies = {"date": dates, "datetime": instants}
    found = data.draw(st.sampled_from(small()[table.name])) | {
        column.name: data.draw(strategies.get(column.type, words))
        for column in data.draw(st.lists(st.sampled_from(table.columns), max_size=3))
    }
    passes, broken = judge(table, found)
    assert passes == (not broken)
