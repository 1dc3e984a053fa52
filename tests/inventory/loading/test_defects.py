"""Every defect of a cell or a row: named by file, line, column, value and rule, and nothing is loaded."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from smi_portal.inventory.loading.errors import LoadRefused, Reject
from smi_portal.inventory.loading.loader import LoadOptions, load
from smi_portal.inventory.models import Device, ExtractLoad

from .conftest import Loader, no_rebuild
from .defects import DEFECTS, OF_CELLS, OTHER, Defect, F, S
from .packages import HUB, Extract, Tables, device, row, small

Listing = list[Reject]


def refuse(tables: Tables, directory: Path) -> Listing:
    """Load what must be refused; the defects listed."""
    with pytest.raises(LoadRefused) as caught:
        load(Extract(tables).write(directory), LoadOptions(rebuild=no_rebuild), io.StringIO())
    return list(caught.value.rejects)


@pytest.fixture(scope="module")
def all_bad_cells(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Listing, list[int]]:
    """One package with every bad cell: the defects listed, and the line on which each should be."""
    tables, lines = small(), []
    for found in DEFECTS:
        if found.rule in OF_CELLS:
            tables[found.table] += found.rows
        lines.append(len(tables[found.table]) + 1)
    with django_db_blocker.unblock():
        return refuse(tables, tmp_path_factory.mktemp("cells") / "package"), lines


CELLS = [number for number, found in enumerate(DEFECTS) if found.rule in OF_CELLS]
ROWS = [found for found in DEFECTS if found.rule not in OF_CELLS]


def name_of(found: Defect | int) -> str:
    """The test's name."""
    found = DEFECTS[found] if isinstance(found, int) else found
    return f"{found.table}.{found.column[:20]}-{found.rule}-{found.value[:24]}"


@pytest.mark.parametrize("number", CELLS, ids=name_of)
def test_bad_cell_is_named(all_bad_cells: tuple[Listing, list[int]], number: int) -> None:
    listing, lines = all_bad_cells
    found = DEFECTS[number]
    (reject,) = [r for r in listing if (r.file, r.line) == (f"{found.table}.csv", lines[number])]
    assert (reject.column, reject.value, reject.rule) == (found.column, found.value, found.rule)
    assert found.mend in reject.mend


def test_no_other_cell_is_called_bad(all_bad_cells: tuple[Listing, list[int]]) -> None:
    assert len(all_bad_cells[0]) == len(CELLS)


@pytest.mark.usefixtures("inventory")
@pytest.mark.parametrize("found", ROWS, ids=name_of)
def test_bad_row_is_named(tmp_path: Path, found: Defect) -> None:
    tables = small()
    tables[found.table] += found.rows
    (reject,) = refuse(tables, tmp_path / "package")
    # Of two rows that overlap it is the one that begins later: here a row of the sound extract.
    line = 4 if "2017-02-01" in found.value else len(tables[found.table]) + 1
    assert (reject.file, reject.line) == (f"{found.table}.csv", line)
    assert (reject.column, reject.value, reject.rule) == (found.column, found.value, found.rule)
    assert found.mend in reject.mend


HEADERS = [
    (b"device_id,status,effective_from\n", "effective_to", "missing_column"),
    (b"device_id,status,effective_from,effective_to,note\n", "note", "unknown_column"),
    (b"device_id,status,status,effective_from,effective_to\n", "status", "duplicate_column"),
    (b"Device_ID,status,effective_from,effective_to\n", "Device_ID", "unknown_column"),
]


@pytest.mark.parametrize(("header", "column", "rule"), HEADERS)
def test_header_is_checked(
    refused: Callable[..., LoadRefused], header: bytes, column: str, rule: str
) -> None:
    extract = Extract()
    extract.files["device_statuses.csv"] = header
    found = refused(extract, allow_rejects=1000).rejects[0]
    assert (found.file, found.line, found.column, found.rule) == ("device_statuses.csv", 1, column, rule)


def test_unreadable_file_is_refused_even_when_rejects_are_allowed(
    refused: Callable[..., LoadRefused],
) -> None:
    for data, rule, line in [
        (b"", "file_empty", None),
        (b'device_id,status,effective_from,effective_to\n"x,y\n', "unclosed_quote", 2),
    ]:
        extract = Extract()
        extract.files["device_statuses.csv"] = data
        (found,) = refused(extract, allow_rejects=1000).rejects
        assert (found.file, found.line, found.rule) == ("device_statuses.csv", line, rule)
    assert not ExtractLoad.objects.using("owner").exists()


def test_lines_are_those_of_the_file(refused: Callable[..., LoadRefused]) -> None:
    tables = small()
    tables["devices"][0]["address_identifier"] = 'Flat 1\r\nMill, "Old"\nhouse'
    tables["devices"][2]["installed_on"] = "soon"
    extract = Extract(tables)
    extract.files["devices.csv"] = (
        extract.files["devices.csv"].replace(b"\n", b"\r\n").replace(b"\r\r\n", b"\r\n")
    )
    extract.files["devices.csv"] += b"short,row\r\n" + b"00-DB-00-00-00-00-00-E9," + b"," * 16 + b"\r\n"
    found = [f for f in refused(extract).rejects if f.rule != "rejected_reference"]
    assert [(f.line, f.rule, f.column) for f in found] == [
        (6, "date", "installed_on"),
        (8, "short_row", "manufacturer"),
        (9, "required", "device_type"),
        (9, "required", "pre_notified_on"),
    ]


def test_a_row_overlaps_all_that_begin_before_it(refused: Callable[..., LoadRefused]) -> None:
    tables = small()
    tables[S] += [row(S, HUB, "A", "2016-01-01", "2017-01-01"), row(S, HUB, "B", "2016-02-01", "2016-03-01")]
    tables[S] += [row(S, HUB, "C", "2016-12-31", "2017-06-01"), row(S, HUB, "D", "2017-06-01")]
    found = refused(Extract(tables)).rejects
    assert [(f.line, f.rule) for f in found] == [(6, "overlap"), (7, "overlap")]
    assert "line 5" in found[0].mend
    assert "an earlier row" in found[1].mend


def test_rejected_rows_are_left_out_with_what_rests_on_them(load_it: Loader, tmp_path: Path) -> None:
    tables = small()
    tables["devices"] += [
        device(OTHER, "GPF", installed_on="soon"),
        device("00-DB-00-00-00-00-00-62", "GSME", gpf_device_id=OTHER),
    ]
    tables["device_statuses"] += [row(S, "00-DB-00-00-00-00-00-62", "Pending", F), row(S, HUB, "Pending", F)]
    listing = tmp_path / "list.csv"
    report = load_it(Extract(tables), allow_rejects=3, rejects_file=listing)
    assert report.rejected == {**dict.fromkeys(report.rows_in, 0), "devices": 2, "device_statuses": 1}
    lines = listing.read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[:2] + line.split(",")[-2:-1] for line in lines[1:]] == [
        ["devices.csv", "6", "date"],
        ["devices.csv", "7", "rejected_reference"],
        ["device_statuses.csv", "5", "rejected_reference"],
    ]
    assert listing.stat().st_mode & 0o777 == 0o600
    assert set(Device.objects.using("owner").values_list("device_id", flat=True)) == {
        d["device_id"] for d in small()["devices"]
    }


def test_a_chain_of_references_falls_link_by_link(load_it: Loader) -> None:
    tables = small()
    ids = [f"00-DB-00-00-00-00-00-0{n}" for n in range(4)]
    tables["devices"] += [
        device(id_, "GPF", gpf_device_id=parent, installed_on="" if parent else "soon")
        for id_, parent in zip(reversed(ids), [*reversed(ids[:-1]), ""], strict=True)
    ]
    report = load_it(Extract(tables), allow_rejects=4)
    assert report.rejects_by_rule == {"date": 1, "rejected_reference": 3}


def test_one_reject_more_than_allowed_loads_nothing(
    refused: Callable[..., LoadRefused], load_it: Loader
) -> None:
    tables = small()
    tables["organisations"].append(row("organisations", "MAP-B", "Second", "MAP", "perhaps"))
    tables["participants"].append(row("participants", "MB", "E", "MAP", "Second", "MAP-B", F))
    tables["devices"].append(device(OTHER, "ESME", pre_notified_by="MAP-B"))
    extract = Extract(tables)
    said = refused(extract, allow_rejects=2)
    assert said.rejected == 3
    assert not Device.objects.using("owner").exists()
    assert said.rejects_file is not None
    assert len(said.rejects_file.read_text().splitlines()) == 4
    assert load_it(said.rejects_file.with_name("package0"), allow_rejects=3).rejected["participants"] == 1


def test_the_listing_stops_at_the_limit(refused: Callable[..., LoadRefused]) -> None:
    tables = small()
    tables["organisations"] += [row("organisations", f"X{n}", "X", "MAP", "no") for n in range(30)]
    said = refused(Extract(tables), rejects_limit=7)
    assert (len(said.rejects), said.rejected) == (7, 30)


def test_values_in_the_rejects_file_are_inert(refused: Callable[..., LoadRefused]) -> None:
    tables = small()
    tables["organisations"].append(row("organisations", "X", "X", "=1+1", "true"))
    said = refused(Extract(tables))
    assert said.rejects_file is not None
    assert ",'=1+1," in said.rejects_file.read_text()
