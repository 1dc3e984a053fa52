"""A file of any kind (DUIS XML, a zip of them, CSV), told apart by its content, into requests and verdicts."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from smi_portal.preflight.readers import duis, table
from smi_portal.preflight.readers.limits import FileRefused, Limits, sized
from smi_portal.preflight.requests import Place, Request, Verdict, malformed

_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_OPENS = re.compile(rb"[\s\0]*<")
#: How old Excel's files begin, and every workbook with a password.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK = 64 * 1024


def read_path(path: Path, limits: Limits, schema: str = "") -> Iterator[Request | Verdict]:
    """All of one file on disk. Only OSError is raised; what is wrong with its content is told as a verdict."""
    with path.open("rb") as stream:
        yield from read_stream(str(path), stream, limits, schema)


def read_stream(
    name: str, stream: IO[bytes], limits: Limits, schema: str = ""
) -> Iterator[Request | Verdict]:
    """All of one open file, read to `limits`. What is wrong with it as a whole is one malformed verdict."""
    place = Place(name)
    try:
        head = stream.read(8)
        stream.seek(0)
        if head.startswith(OLE):
            raise FileRefused(
                "The file is a workbook with a password, or in Excel's old format (.xls).",
                "Save the sheet as CSV (UTF-8) without a password, and send that.",
            )
        if head.startswith(b"PK"):
            yield from _archive(place, stream, limits, schema)
            return
        content = _content(stream, limits.file)
        if _is_xml(content):
            if len(content) > limits.document:
                raise _too_large(len(content), limits.document)
            yield duis.read(content, place, schema)
            return
        yield from table.read(content, place, limits)
    except FileRefused as refused:
        yield malformed(place, refused.reason, refused.resolution)


def _content(stream: IO[bytes], most: int) -> bytes:
    content = stream.read(most + 1)
    if len(content) > most:
        raise _too_large(None, most)
    if not content.strip():
        raise FileRefused("The file is empty.", "Send DUIS requests as XML, a zip of them, or a CSV file.")
    return content


def _too_large(size: int | None, most: int) -> FileRefused:
    said = f"The file is {sized(size)}" if size is not None else "The file is too large"
    return FileRefused(f"{said}; at most {sized(most)} are read.", "Split it into smaller files.")


def _is_xml(content: bytes) -> bool:
    """Whether the first thing that is no blank is `<`, in UTF-8 or UTF-16."""
    for mark in _BOMS:
        content = content.removeprefix(mark)
    return _OPENS.match(content) is not None


def _archive(place: Place, stream: IO[bytes], limits: Limits, schema: str) -> Iterator[Request | Verdict]:
    """Every file of a zip. Sizes are counted as they are unpacked: what the archive says of itself may be a lie."""
    try:
        archive = zipfile.ZipFile(stream)
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
        raise FileRefused("The zip archive is damaged.", "Make the archive again and send it.") from error
    if any(
        entry.filename == "xl/workbook.xml" or entry.filename == "[Content_Types].xml" for entry in entries
    ):
        raise FileRefused("The file is a workbook (Excel).", "Save the sheet as CSV (UTF-8), and send that.")
    if not entries:
        raise FileRefused("The zip archive holds no file.", "Put the requests into it and send it again.")
    if len(entries) > limits.requests:
        raise FileRefused(
            f"The archive holds {len(entries):,} files; at most {limits.requests:,} are read.", "Split it."
        )
    left, single = limits.unpacked, max(limits.document, limits.file)
    for entry in sorted(entries, key=lambda one: one.filename):
        inside = Place(f"{place.file}/{entry.filename[:200]}")
        try:
            content = _unpacked(archive, entry, min(left, single))
        except FileRefused as refused:
            if left < single and refused.reason == _too_large(None, left).reason:
                yield malformed(
                    place,
                    f"The archive unpacks to more than {sized(limits.unpacked)}; the rest of it was not read.",
                    "Split it into several archives.",
                )
                return
            yield malformed(inside, refused.reason, refused.resolution)
            continue
        left -= len(content)
        yield from _member(inside, content, limits, schema)


def _member(inside: Place, content: bytes, limits: Limits, schema: str) -> Iterator[Request | Verdict]:
    if content.startswith(b"PK"):
        yield malformed(
            inside, "An archive within an archive is not read.", "Put the requests into one archive."
        )
        return
    yield from read_stream(inside.file, io.BytesIO(content), limits, schema)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    if entry.flag_bits & 0x1:
        raise FileRefused("The file is protected by a password.", "Send the archive without a password.")
    found = io.BytesIO()
    try:
        with archive.open(entry) as stream:
            while chunk := stream.read(_CHUNK):
                if found.tell() + len(chunk) > most:
                    raise _too_large(None, most)
                found.write(chunk)
    except (
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        OSError,
        EOFError,
        ValueError,
    ) as error:
        raise FileRefused("The file within the archive is damaged.", "Make the archive again.") from error
    return found.getvalue()
