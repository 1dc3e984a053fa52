"""Packages and descriptors as they come from outside: every good form loads, every bad one is refused plainly."""

from __future__ import annotations

import gzip
import json
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from smi_portal.inventory.loading import apply
from smi_portal.inventory.loading import package as package_module
from smi_portal.inventory.loading.descriptor import read_descriptor
from smi_portal.inventory.loading.errors import LoadRefused
from smi_portal.inventory.loading.package import open_package
from smi_portal.inventory.models import CplEntry, Device, Schedule, ServiceRequest

from . import state
from .conftest import Loader
from .packages import ESME, GSME, Extract, empty, small

BOM = b"\xef\xbb\xbf"


def bom_and_crlf(extract: Extract) -> None:
    extract.files = {name: BOM + data.replace(b"\n", b"\r\n") for name, data in extract.files.items()}


def no_last_line_end(extract: Extract) -> None:
    extract.files = {name: data.removesuffix(b"\n") for name, data in extract.files.items()}


def columns_turned_round(extract: Extract) -> None:
    for name, data in extract.files.items():
        lines = [line.split(",") for line in data.decode().splitlines()]
        extract.files[name] = "".join(",".join(reversed(cells)) + "\n" for cells in lines).encode()


def all_quoted(extract: Extract) -> None:
    for name, data in extract.files.items():
        lines = [line.split(",") for line in data.decode().splitlines()]
        extract.files[name] = "".join(",".join(f'"{c}"' for c in cells) + "\n" for cells in lines).encode()


def other_device_ids(extract: Extract) -> None:
    extract.files = {
        name: data.replace(ESME.encode(), ESME.lower().replace("-", ":").encode()).replace(
            GSME.encode(), GSME.lower().replace("-", "").encode()
        )
        for name, data in extract.files.items()
    }


def gzipped(extract: Extract) -> None:
    extract.gzipped()


@pytest.mark.parametrize(
    "form", [bom_and_crlf, no_last_line_end, columns_turned_round, all_quoted, other_device_ids, gzipped]
)
def test_every_form_of_a_file_loads_alike(load_it: Loader, form: Callable[[Extract], None]) -> None:
    extract = Extract()
    form(extract)
    report = load_it(extract)
    assert {name: change.inserted for name, change in report.tables.items()} == {
        name: len(rows) for name, rows in small().items()
    }
    device = Device.objects.using("owner").get(device_id=GSME)
    assert (device.device_type, device.esme_variant, str(device.pre_notified_on)) == (
        "GSME",
        None,
        "2017-01-01",
    )
    assert CplEntry.objects.using("owner").get(device_type="CHF").esme_variant_class == ""
    assert ServiceRequest.objects.using("owner").get().device_id == ESME
    assert Schedule.objects.using("owner").get().viewer_ids == []


def indexes() -> set[tuple[str, str]]:
    """Every index of the inventory, by its definition."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename, indexdef FROM pg_indexes WHERE tablename LIKE 'inventory_%'")
        return set(cursor.fetchall())


def test_a_large_first_load_leaves_every_index(load_it: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "LARGE", 1)
    before = indexes()
    load_it(Extract())
    assert state.loaded() == state.of(small())
    assert indexes() == before


@pytest.mark.parametrize("folder", ["", "extract-0001/"])
def test_an_archive_loads(load_it: Loader, tmp_path: Path, folder: str) -> None:
    report = load_it(Extract().gzipped().zip(tmp_path / "e.zip", folder))
    assert report.tables["devices"].inserted == 4


def test_a_header_only_package_loads(load_it: Loader) -> None:
    report = load_it(Extract(empty()))
    assert sum(report.rows_in.values()) == 0


def descriptor(change: Callable[[dict[str, Any]], None]) -> Extract:
    extract = Extract()
    change(extract.descriptor)
    return extract


def set_path(value: Any) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        found["resources"][3]["path"] = value

    return change


def set_resource(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        found["resources"][3][name] = value

    return change


def rename_field(found: dict[str, Any]) -> None:
    found["resources"][3]["schema"]["fields"][0]["name"] = "id"


BAD_DESCRIPTORS: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (lambda d: d.pop("kind"), "kind is missing"),
    (lambda d: d.update(kind="partial"), 'kind is "partial"'),
    (lambda d: d.pop("extract_id"), "extract_id is missing"),
    (lambda d: d.update(extract_id=""), "extract_id"),
    (lambda d: d.update(extract_id=7), "extract_id is 7"),
    (lambda d: d.update(sequence="1"), 'sequence is "1"'),
    (lambda d: d.update(sequence=True), "sequence is true"),
    (lambda d: d.update(sequence=1.5), "sequence is 1.5"),
    (lambda d: d.update(sequence=-1), "sequence is -1"),
    (lambda d: d.update(sequence=2**63), "sequence"),
    (lambda d: d.update(as_at="2019-02-28"), "as_at"),
    (lambda d: d.update(as_at="2019-02-30T00:00:00Z"), "as_at"),
    (lambda d: d.update(as_at="2019-02-28T00:00:00+00:00"), "as_at"),
    (lambda d: d.update(resources=[]), "resources"),
    (lambda d: d.update(resources={"a": 1}), "resources"),
    (lambda d: d["resources"].append("x"), "resource 14"),
    (lambda d: d["resources"].append(d["resources"][0]), "organisations is named twice"),
    (lambda d: d["resources"].pop(), "missing: service_requests"),
    (set_resource("name", "gadgets"), "gadgets"),
    (set_resource("encoding", "latin-1"), "encoding"),
    (set_resource("dialect", {"delimiter": ";"}), "dialect"),
    (set_path("../devices.csv"), "stay inside"),
    (set_path("/etc/devices.csv"), "stay inside"),
    (set_path("a\\devices.csv"), "stay inside"),
    (set_path("https://example.org/devices.csv"), "stay inside"),
    (set_path(["a.csv", "b.csv"]), "path of resource devices"),
    (set_path("devices.xlsx"), "path of resource devices"),
    (set_path("other.csv"), "devices.csv: the package holds this file"),
    (rename_field, "devices.device_id"),
]


@pytest.mark.parametrize(("change", "said"), BAD_DESCRIPTORS)
def test_bad_descriptor_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], said: str
) -> None:
    path = descriptor(change).write(tmp_path / "p")
    with open_package(path) as package, pytest.raises(LoadRefused) as caught:
        read_descriptor(package)
    assert said in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"\xff{}", b"[" * 100_000])
def test_descriptor_that_is_no_json_object_is_refused(tmp_path: Path, data: bytes) -> None:
    path = Extract().write(tmp_path / "p")
    (path / "datapackage.json").write_bytes(data)
    with open_package(path) as package, pytest.raises(LoadRefused, match=r"datapackage\.json"):
        read_descriptor(package)


def test_deletions_belong_to_a_delta(tmp_path: Path) -> None:
    path = Extract().delete(("devices", {"device_id": ESME})).write(tmp_path / "p")
    with open_package(path) as package, pytest.raises(LoadRefused, match="only a delta has deletions"):
        read_descriptor(package)


def refuse(path: Path) -> str:
    """What a package is refused with while it is read to its end."""
    with pytest.raises(LoadRefused) as caught:
        read_all(path)
    return str(caught.value)


def read_all(path: Path) -> None:
    """Read every byte of a package."""
    with open_package(path) as package:
        for file in read_descriptor(package).files.values():
            with package.reader(file) as reader:
                while reader.read(1 << 16):
                    pass


def test_links_and_special_files_in_a_directory_are_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("secret")
    path = Extract().write(tmp_path / "p")
    (path / "devices.csv").unlink()
    assert "devices.csv: the descriptor names this file" in refuse(path)
    (path / "devices.csv").symlink_to(outside)
    assert "leads outside" in refuse(path)
    (path / "devices.csv").unlink()
    os.mkfifo(path / "devices.csv")
    assert "not a regular file" in refuse(path)


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("no archive")
    assert "no such file" in refuse(tmp_path / "nothing")
    assert "no datapackage.json" in refuse(tmp_path / "empty")
    assert "neither a directory nor a .zip" in refuse(tmp_path / "text.zip")
    path = Extract().zip(tmp_path / "cut.zip")
    whole = path.read_bytes()
    path.write_bytes(whole[:200] + b"\0" * 200 + whole[400:])
    assert "damaged" in refuse(path)


def member(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize(
    ("info", "said"),
    [
        (member("../evil.csv"), "must be relative"),
        (member("a/../../evil.csv"), "must be relative"),
        (member("/etc/evil.csv"), "must be relative"),
        (member("C:/evil.csv"), "must be relative"),
        (member("link.csv", stat.S_IFLNK | 0o777), "link or special file"),
        (member("pipe.csv", stat.S_IFIFO | 0o644), "link or special file"),
    ],
)
def test_evil_members_are_refused(tmp_path: Path, info: zipfile.ZipInfo, said: str) -> None:
    path = Extract().zip(tmp_path / "e.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, "x")
    assert said in refuse(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_given_twice_is_refused(tmp_path: Path) -> None:
    path = Extract().zip(tmp_path / "e.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("devices.csv", "x")
    assert "this name twice" in refuse(path)


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_module, "RATIO_FREE", 100_000)
    extract = Extract()
    extract.files["devices.csv"] += b"0" * 3_000_000
    assert "taken for an attack" in refuse(extract.zip(tmp_path / "bomb.zip"))
    assert "taken for an attack" in refuse(extract.gzipped().write(tmp_path / "bomb"))
    monkeypatch.setattr(package_module, "MAX_BYTES", 500_000)
    assert "more than 500,000 bytes" in refuse(tmp_path / "bomb.zip")
    monkeypatch.setattr(package_module, "MAX_MEMBERS", 3)
    assert "the limit is 3" in refuse(tmp_path / "bomb.zip")


def test_a_cut_gzip_file_is_refused(tmp_path: Path) -> None:
    extract = Extract().gzipped()
    extract.files["devices.csv.gz"] = gzip.compress(os.urandom(200_000))[:-1000]
    assert "devices.csv.gz: damaged or cut off" in refuse(extract.write(tmp_path / "p"))


def test_the_published_schema_describes_itself(tmp_path: Path) -> None:
    """The example descriptor that the project publishes is one that it accepts."""
    path = Extract(empty()).write(tmp_path / "p")
    with open_package(path) as package:
        assert json.loads(read_descriptor(package).raw)["sequence"] == 1
