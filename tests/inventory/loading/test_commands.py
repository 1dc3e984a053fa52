"""The commands: reports on stdout, progress on stderr, refusals with exit status 1, and the periods for real."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from smi_portal.inventory.loading import rejects
from smi_portal.inventory.models import AssetPeriod, Device, ExtractLoad, Organisation

from .packages import ESME, Extract, row, small


def run(*arguments: Any) -> tuple[str, str]:
    """What a command wrote to stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    call_command(*map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def bad(path: Path) -> Path:
    """A package with two bad rows."""
    tables = small()
    tables["organisations"] += [row("organisations", f"X{n}", "X", "MAP", "no") for n in range(2)]
    return Extract(tables).write(path)


@pytest.mark.usefixtures("inventory")
def test_load_report_and_periods(tmp_path: Path) -> None:
    out, err = run("load_extract", Extract().write(tmp_path / "p"))
    assert "Extract test-1, sequence 1, full, as at 2019-02-28T23:00:00Z" in out
    assert "devices                      4           4" in out
    assert "devices.csv: 4 rows" in err
    assert ExtractLoad.objects.using("owner").get().report["rebuilt_everything"] is True
    assert AssetPeriod.objects.using("owner").filter(device_id=ESME).exists()
    out, _ = run("load_extract", tmp_path / "p")
    assert "already loaded. Nothing to do." in out


@pytest.mark.usefixtures("inventory")
def test_refusal_says_where_the_list_is(tmp_path: Path) -> None:
    path = bad(tmp_path / "p")
    with pytest.raises(CommandError) as caught:
        run("load_extract", path)
    said = str(caught.value)
    assert "2 rows are rejected and 0 are allowed, so nothing was loaded" in said
    assert "organisations.csv, line 5, column is_user: boolean: 'no'. Write true or false." in said
    listing = tmp_path / "p.rejects.csv"
    assert str(listing) in said
    assert listing.read_text(encoding="utf-8").splitlines()[:2] == [
        "file,line,column,value,rule,how_to_mend",
        "organisations.csv,5,is_user,no,boolean,Write true or false.",
    ]
    own = tmp_path / "own.csv"
    out, _ = run("load_extract", path, "--allow-rejects", 2, "--rejects", own, "--rejects-limit", 1)
    assert str(own) in out
    assert len(own.read_text().splitlines()) == 2
    assert Device.objects.using("owner").count() == 4


def test_the_list_goes_to_the_state_directory_where_the_package_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(rejects.os, "access", lambda *_: False)
    assert rejects.default_path(tmp_path / "e.zip") == tmp_path / "state" / "e.rejects.csv"


@pytest.mark.parametrize("number", ["-1", "x", "1.5", "٣"])
def test_numbers_of_rows_are_checked(number: str) -> None:
    with pytest.raises(CommandError, match="whole number"):
        run("load_extract", "nowhere", f"--allow-rejects={number}")


@pytest.mark.usefixtures("inventory")
def test_clear_inventory_asks_first_and_keeps_organisations(tmp_path: Path) -> None:
    run("load_extract", Extract(sequence=5).write(tmp_path / "p"))
    with pytest.raises(CommandError, match="say --yes"):
        run("clear_inventory")
    assert Device.objects.using("owner").count() == 4
    run("clear_inventory", "--yes")
    assert not Device.objects.using("owner").exists()
    assert not AssetPeriod.objects.using("owner").exists()
    assert set(Organisation.objects.using("owner").values_list("in_extract", flat=True)) == {False}
    run("load_extract", Extract(sequence=1).write(tmp_path / "again"))
    assert Organisation.objects.using("owner").filter(in_extract=True).count() == 3


@pytest.mark.usefixtures("inventory")
def test_a_database_of_another_release_is_refused(tmp_path: Path) -> None:
    recorder = MigrationRecorder(connections["owner"])
    (newest,) = MigrationLoader(connections["owner"]).graph.leaf_nodes("inventory")
    recorder.record_unapplied(*newest)
    try:
        with pytest.raises(CommandError, match=r"manage\.py migrate"):
            run("load_extract", Extract().write(tmp_path / "p"))
    finally:
        recorder.record_applied(*newest)


@pytest.mark.usefixtures("inventory")
def test_a_list_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such directory"):
        run("load_extract", bad(tmp_path / "p"), "--rejects", tmp_path / "none" / "list.csv")
    (tmp_path / "list.csv").mkdir()
    with pytest.raises(CommandError, match=r"Cannot list the rejects .* organisations.csv, line 5"):
        run("load_extract", tmp_path / "p", "--rejects", tmp_path / "list.csv")


@pytest.mark.usefixtures("inventory")
def test_the_list_does_not_follow_a_link(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "p.rejects.csv").symlink_to(tmp_path / "precious")
    with pytest.raises(CommandError):
        run("load_extract", bad(tmp_path / "p"))
    assert (tmp_path / "precious").read_text() == "precious"
    assert (tmp_path / "p.rejects.csv").read_text().startswith("file,line")
