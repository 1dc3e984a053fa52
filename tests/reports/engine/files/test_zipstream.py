"""The archive: readable by the standard library, and never larger than its 32-bit fields can say."""

import io
import zipfile

import pytest

from reports.engine.files import zipstream
from reports.engine.files.zipstream import ArchiveTooLarge, ZipStream


def test_members_come_back_whole_and_without_zip64() -> None:
    archive = ZipStream()
    content = archive.member("small.xml", "<a/>") + archive.begin("é.bin")
    content += b"".join(archive.write(bytes([n % 256]) * 1000) for n in range(500))
    content += archive.end() + archive.finish()
    with zipfile.ZipFile(io.BytesIO(content)) as read:
        assert read.testzip() is None
        assert read.namelist() == ["small.xml", "é.bin"]
        assert read.read("small.xml") == b"<a/>"
        assert read.read("é.bin") == b"".join(bytes([n % 256]) * 1000 for n in range(500))
        assert all(not member.extra and member.extract_version == 20 for member in read.infolist())
    assert b"PK\x06\x06" not in content


def test_a_member_or_archive_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipstream, "FOUR_GIB", 2000)
    member = ZipStream()
    member.begin("a")
    member.write(b"x" * 2000)
    with pytest.raises(ArchiveTooLarge, match="a is larger"):
        member.end()
    archive = ZipStream()
    with pytest.raises(ArchiveTooLarge, match="workbook is larger"):
        b"".join(archive.member(f"part{number}", "text") for number in range(100))


def test_nothing_opens_before_the_end() -> None:
    archive = ZipStream()
    content = archive.member("a", "b")
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(content))
