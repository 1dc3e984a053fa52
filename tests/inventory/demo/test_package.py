"""Writing demo extracts: always the same, replaced as a whole, refused where something else lies."""

import hashlib
import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from smi_portal.inventory.demo import package
from smi_portal.inventory.demo.days import month_later
from smi_portal.inventory.demo.package import DemoExtractError, Options, write_demo_extract
from tests.inventory.demo.checker import apply_delta, keyed, read_package, state_problems


def digests(out: Path) -> dict[str, str]:
    """Return a digest of each file below `out`."""
    files = [path for path in out.rglob("*") if path.is_file()]
    return {str(p.relative_to(out)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def names(directory: Path) -> list[str]:
    """Return the names in a directory."""
    return [path.name for path in directory.iterdir()]


def test_the_same_premises_and_seed_give_the_same_files(tmp_path):
    for name in ("one", "two"):
        write_demo_extract(tmp_path / name, Options(premises=60, seed=3))
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert len(digests(tmp_path / "one")) == 14 + 15


def test_another_seed_gives_other_homes(tmp_path):
    for seed in (3, 4):
        write_demo_extract(tmp_path / str(seed), Options(premises=60, seed=seed))
    three, four = digests(tmp_path / "3"), digests(tmp_path / "4")
    assert three["0001-full/devices.csv"] != four["0001-full/devices.csv"]
    assert three["0001-full/organisations.csv"] == four["0001-full/organisations.csv"]


def test_two_processes_write_what_one_writes(tmp_path):
    for workers in (1, 2):
        write_demo_extract(tmp_path / str(workers), Options(premises=1100, seed=5, workers=workers))
    assert digests(tmp_path / "1") == digests(tmp_path / "2")


def test_compressed_packages_hold_the_same_rows(tmp_path):
    write_demo_extract(tmp_path / "plain", Options(premises=40, seed=5))
    write_demo_extract(tmp_path / "gzip", Options(premises=40, seed=5, gzip=True))
    for name in (package.FULL, package.DELTA):
        plain, packed = read_package(tmp_path / "plain" / name), read_package(tmp_path / "gzip" / name)
        assert packed[1:] == plain[1:]
    assert (tmp_path / "gzip" / package.DELTA / "deletions.csv.gz").exists()


def test_a_limited_delta_is_consistent_and_smaller(tmp_path):
    write_demo_extract(tmp_path, Options(premises=1000, seed=5, delta_rows=1))
    descriptor, full, _ = read_package(tmp_path / package.FULL)
    _, delta, problems = read_package(tmp_path / package.DELTA)
    assert problems == []
    assert state_problems(descriptor, apply_delta(descriptor, keyed(descriptor, full), delta)) == []
    known = {row["device_id"]: at for at, row in enumerate(full["devices"])}
    changed = [known[row["device_id"]] for row in delta["devices"] if row["device_id"] in known]
    assert changed
    assert max(changed) < 0.6 * len(known), "only the first block's changes"


@pytest.mark.parametrize("as_at", [date(2018, 12, 31), date(2020, 2, 29), date(2030, 12, 31)])
def test_any_offered_day_gives_a_sound_extract(tmp_path, as_at):
    write_demo_extract(tmp_path, Options(premises=250, seed=11, as_at=as_at))
    descriptor, full, problems = read_package(tmp_path / package.FULL)
    _, delta, delta_problems = read_package(tmp_path / package.DELTA)
    state = keyed(descriptor, full)
    assert problems + delta_problems == []
    assert state_problems(descriptor, state) == []
    assert state_problems(descriptor, apply_delta(descriptor, state, delta)) == []


def test_without_a_delta_there_is_only_the_full_package(tmp_path):
    write_demo_extract(tmp_path / "out", Options(premises=5, seed=1, delta=False))
    assert names(tmp_path / "out") == [package.FULL]
    assert names(tmp_path) == ["out"], "no staging directory is left"


def test_an_earlier_demo_extract_is_replaced(tmp_path):
    write_demo_extract(tmp_path / "out", Options(premises=5, seed=1))
    write_demo_extract(tmp_path / "out", Options(premises=6, seed=1, delta=False))
    assert names(tmp_path / "out") == [package.FULL]
    assert len(read_package(tmp_path / "out" / package.FULL)[1]["organisations"]) == 23


@pytest.mark.parametrize("name", ["notes.txt", package.FULL])
def test_a_directory_with_anything_else_is_refused_and_left_alone(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(DemoExtractError, match=f"{name} in it is no demo extract"):
        write_demo_extract(tmp_path, Options(premises=5, seed=1))
    assert (tmp_path / name).read_text() == "mine"


def test_a_foreign_extract_is_never_replaced(tmp_path):
    foreign = tmp_path / package.FULL
    foreign.mkdir()
    (foreign / "datapackage.json").write_text('{"extract_id": "real-0001"}')
    with pytest.raises(DemoExtractError):
        write_demo_extract(tmp_path, Options(premises=5, seed=1))


def test_a_failure_leaves_the_earlier_extract_in_place(tmp_path):
    out = tmp_path / "out"
    write_demo_extract(out, Options(premises=5, seed=1))
    before = digests(out)

    def fail(done: int) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_demo_extract(out, Options(premises=7, seed=1), fail)
    assert digests(out) == before
    assert names(tmp_path) == ["out"]


def test_a_failure_of_the_last_step_puts_the_earlier_extract_back(tmp_path, monkeypatch):
    out = tmp_path / "out"
    write_demo_extract(out, Options(premises=5, seed=1))
    before = digests(out)
    rename = Path.rename

    def fail(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise OSError("no space for a directory entry")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="directory entry"):
        write_demo_extract(out, Options(premises=7, seed=1))
    assert digests(out) == before


def test_the_command_writes_and_reports_on_stderr(tmp_path):
    out, err = io.StringIO(), io.StringIO()
    call_command("make_demo_extract", tmp_path, premises=5, seed=1, workers=1, stdout=out, stderr=err)
    assert (tmp_path / package.FULL / "datapackage.json").exists()
    assert "5 of 5 premises" in err.getvalue()
    assert "0001-full and 0002-delta" in out.getvalue()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"premises": 0}, "--premises"),
        ({"seed": -1}, "--seed"),
        ({"as_at": date(2018, 12, 30)}, "--as-at"),
        ({"as_at": date(2031, 1, 1)}, "--as-at"),
        ({"workers": 0}, "--workers"),
        ({"delta_rows": 0}, "--delta-rows"),
    ],
)
def test_a_senseless_argument_is_refused_by_name(tmp_path, options, message):
    with pytest.raises(CommandError, match=message):
        call_command("make_demo_extract", tmp_path, **{"premises": 5, "seed": 1, **options})
    assert names(tmp_path) == []


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(CommandError, match="is a file"):
        call_command("make_demo_extract", tmp_path / "out", premises=5, seed=1)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2019, 1, 31), date(2019, 2, 28)),
        (date(2020, 1, 31), date(2020, 2, 29)),
        (date(2018, 12, 31), date(2019, 1, 31)),
        (date(2019, 1, 30), date(2019, 2, 28)),
        (date(2018, 12, 15), date(2019, 1, 15)),
        (date(2019, 4, 30), date(2019, 5, 31)),
    ],
)
def test_a_month_later(day, expected):
    assert month_later(day) == expected
