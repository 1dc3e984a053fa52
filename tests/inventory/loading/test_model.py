"""Random deltas against a naive model of dicts; the full extract of the result then changes nothing."""

from __future__ import annotations

import io
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smi_portal.inventory.loading.loader import LoadOptions, load
from smi_portal.inventory.loading.schema import TABLES

from . import state
from .conftest import forget, no_rebuild
from .packages import Extract, Row, Tables, device, row, small

IDS = [f"00-DB-00-00-00-00-00-{n:02X}" for n in range(4)]
START = date(2018, 1, 1)

#: Cuts of a timeline into periods with gaps: (length, is there a row, value) in turn; the last may stay open.
timelines = st.lists(st.tuples(st.integers(1, 40), st.booleans(), st.sampled_from("XYZ")), max_size=4)


def periods(cut: list[tuple[int, bool, str]], is_open: bool) -> list[tuple[str, str, str]]:
    """Sound periods of one key: (value, from, to)."""
    found, day = [], START
    for length, is_row, value in cut:
        until = day + timedelta(days=length)
        if is_row:
            found.append((value, day.isoformat(), until.isoformat()))
        day = until
    if found and is_open:
        found[-1] = (*found[-1][:2], "")
    return found


@st.composite
def inventories(draw: st.DrawFn) -> Tables:
    """A sound state: a few devices with timelines, requests of any device, organisations."""
    tables = small() | {name: [] for name in ("devices", "certificates", "schedules", "hub_links")}
    for name in ("device_statuses", "device_firmwares", "device_mpxns", "map_assignments"):
        tables[name] = []
    present = [name for name in IDS if draw(st.booleans())]
    for name in present:
        model = draw(st.sampled_from(["", "NM-1", 'a,"b"\nc']))
        gpf = draw(st.sampled_from(["", *present]))
        tables["devices"].append(device(name, "ESME", model=model, gpf_device_id=gpf))
        for value, start, end in periods(draw(timelines), draw(st.booleans())):
            tables["device_statuses"].append(row("device_statuses", name, value, start, end))
        for value, start, end in periods(draw(timelines), draw(st.booleans())):
            kind = draw(st.sampled_from(["IMPORT", "EXPORT"]))
            tables["device_mpxns"].append(row("device_mpxns", name, value, kind, start, end))
    requests = draw(st.dictionaries(st.sampled_from("abc"), st.sampled_from(["SUP-A", "MAP-A"])))
    tables["service_requests"] = [
        row("service_requests", key, owner, "8.4", IDS[0], "", "2019-01-01T00:00:00Z", "I0")
        for key, owner in requests.items()
    ]
    if draw(st.booleans()):
        tables["organisations"].append(
            row("organisations", "MAP-B", "Second", draw(st.sampled_from(["MAP", "OTHER"])), "false")
        )
    return tables


def difference(old: state.State, new: state.State) -> tuple[Tables, list[tuple[str, Row]]]:
    """The delta from one state to another."""
    upserts: Tables = {}
    deletions: list[tuple[str, Row]] = []
    for name, table in TABLES.items():
        upserts[name] = [found for key, found in new[name].items() if old[name].get(key) != found]
        gone = [key for key in old[name] if key not in new[name]]
        deletions += [(name, dict(zip(table.key, key, strict=True))) for key in gone]
    return upserts, deletions


@pytest.mark.usefixtures("inventory")
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(inventories(), min_size=2, max_size=4))
def test_deltas_do_what_the_model_does(steps: list[Tables]) -> None:
    forget()
    options = LoadOptions(rebuild=no_rebuild, vacuum=False)
    with tempfile.TemporaryDirectory() as directory:
        expected = state.of(steps[0])
        load(Extract(steps[0]).write(Path(directory) / "1"), options, io.StringIO())
        assert state.loaded() == expected
        for sequence, tables in enumerate(steps[1:], 2):
            upserts, deletions = difference(expected, state.of(tables))
            extract = Extract(upserts, sequence, "delta").delete(*deletions)
            report = load(extract.write(Path(directory) / str(sequence)), options, io.StringIO())
            expected = state.after(expected, upserts, deletions)
            assert state.loaded() == expected
            assert sum(change.deleted for change in report.tables.values()) == len(deletions)
            assert sum(change.inserted + change.changed for change in report.tables.values()) == sum(
                map(len, upserts.values())
            )
        last = load(
            Extract(state.rows_of(expected), sequence=9).write(Path(directory) / "9"), options, io.StringIO()
        )
        assert sum(change.written for change in last.tables.values()) == 0
        assert state.loaded() == expected
