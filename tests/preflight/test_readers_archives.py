"""Archives and files that come in: many in one, bombs, liars, locked and damaged ones, and what is too long."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from smi_portal.preflight.readers.files import read_stream
from smi_portal.preflight.readers.limits import PAGE
from smi_portal.preflight.requests import Outcome, Request

from .documents import DELETE, SMALL, read, wrong, zipped


def test_many_in_a_zip() -> None:
    found = read(
        zipped({"b.xml": DELETE, "a.xml": DELETE, "c/d.csv": b"device_id,map_id\n00db1234567890a0,MAPA\n"})
    )
    assert [str(item.place) for item in found] == ["f/a.xml", "f/b.xml", "f/c/d.csv, line 2"]
    assert all(isinstance(item, Request) for item in found)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"bomb.xml": b"<a>" + b" " * 5_000_000}, "too large"),
        ({"inner.zip": zipped({"a.xml": DELETE})}, "within an archive"),
        ({}, "no file"),
        ({"xl/workbook.xml": b"<x/>"}, "workbook"),
        ({f"{n}.xml": DELETE for n in range(6)}, "at most 5"),
    ],
)
def test_archives_that_are_refused(files: dict[str, bytes], says: str) -> None:
    assert says in (wrong(zipped(files), SMALL).reason or "")


def test_a_bomb_of_many_small_files_stops_at_the_limit() -> None:
    found = read(zipped({f"{n}.csv": b"device_id\n" + b" \n" * 24_000 for n in range(5)}), SMALL)
    assert "unpacks to more than" in (found[-1].reason or "")  # type: ignore[union-attr]
    assert len(found) <= 5


def test_an_archive_that_lies_about_its_sizes() -> None:
    content = bytearray(zipped({"a.xml": b" " * 300_000}))
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    content[22:26] = struct.pack("<I", 10)
    assert wrong(bytes(content), SMALL).outcome is Outcome.MALFORMED


def test_a_password_and_damage() -> None:
    content = bytearray(zipped({"a.xml": DELETE}))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    content[6] |= 1
    assert "password" in (wrong(bytes(content)).reason or "")
    assert "damaged" in (wrong(zipped({"a.xml": DELETE})[:-30]).reason or "")


def test_a_gigabyte_is_not_read(tmp_path: Path) -> None:
    """A sparse file: what is read of it is no more than the limit."""
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(1024**3)
    with path.open("rb") as stream:
        (found,) = read_stream("huge.csv", stream, PAGE)
        assert stream.tell() <= PAGE.file + 1
    assert "too large" in (found.reason or "")  # type: ignore[union-attr]
