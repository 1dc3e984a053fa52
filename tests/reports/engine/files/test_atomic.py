"""A file is there whole or not at all."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from reports.engine.files.atomic import write_atomically


def broken() -> Iterator[bytes]:
    yield b"half"
    raise ConnectionError("lost")


def test_the_file_its_size_and_its_checksum(tmp_path: Path) -> None:
    target = tmp_path / "report of mine.csv"
    written = write_atomically(target, [b"abc", b"", b"def"])
    assert target.read_bytes() == b"abcdef"
    assert written == (6, hashlib.sha256(b"abcdef").hexdigest())
    assert list(tmp_path.iterdir()) == [target]
    assert target.stat().st_mode & 0o077 == 0


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        write_atomically(tmp_path / "report.csv", broken())
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_file_before_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "report.csv"
    target.write_bytes(b"yesterday")
    with pytest.raises(ConnectionError):
        write_atomically(target, broken())
    assert target.read_bytes() == b"yesterday"
    assert list(tmp_path.iterdir()) == [target]


def test_nothing_is_at_the_path_before_the_end(tmp_path: Path) -> None:
    target = tmp_path / "report.csv"

    def watching() -> Iterator[bytes]:
        yield b"first"
        assert [path.suffix for path in tmp_path.iterdir()] == [
            ".part"
        ]  # a rename across disks would be a copy
        yield b"second"
        assert not target.exists()

    write_atomically(target, watching())
    assert target.read_bytes() == b"firstsecond"


def test_the_bytes_are_on_disk_before_the_name_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.csv"
    synced: list[tuple[int, bool]] = []
    fsync = os.fsync

    def recording(descriptor: int) -> None:
        fsync(descriptor)
        synced.append((os.fstat(descriptor).st_size, target.exists()))

    monkeypatch.setattr(os, "fsync", recording)
    write_atomically(target, [b"abcdef"])
    assert synced[0] == (6, False)
    assert synced[1][1] is True


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full to stand for a full disk")
def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fdopen = os.fdopen

    def full(descriptor: int, mode: str) -> object:
        os.close(descriptor)
        return fdopen(os.open("/dev/full", os.O_WRONLY), mode)

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(tmp_path / "report.csv", [b"x" * 100_000])
    assert list(tmp_path.iterdir()) == []
