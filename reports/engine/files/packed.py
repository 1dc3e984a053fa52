"""A stream packed on its way: gzip (RFC 1952), or a ZIP archive of one member (PKWARE APPNOTE 6.3, zip64).

Level 1 of ISA-L keeps up with the database. An error of the source leaves the file without its end, and no tool
accepts it then. The archive is zip64 from its first byte, since nobody knows yet how long it becomes; workbooks, which
must not be, have `zipstream`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator

from isal import isal_zlib

CHUNK_BYTES = 65_536
_GZIP = 16 + zlib.MAX_WBITS

_VERSION = 45  # 4.5: zip64
_FLAGS = 0x0808  # bit 3: sizes follow in a descriptor; bit 11: names are UTF-8
_DEFLATED = 8
_TIME, _DATE = 0, 0x21  # 1980-01-01: the file's name says what it is of
_IN_EXTRA = 0xFFFF_FFFF
_SIZES = struct.Struct("<HHQQ")  # extra field 1: length, packed length
_LOCAL = struct.Struct("<IHHHHHIIIHH")
_DESCRIPTOR = struct.Struct("<IIQQ")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END64 = struct.Struct("<IQHHIIQQQQ")
_LOCATOR = struct.Struct("<IIQI")
_END = struct.Struct("<IHHHHIIH")


def gzip_stream(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks as one gzip stream."""
    pack = isal_zlib.compressobj(1, isal_zlib.DEFLATED, _GZIP)
    yield from _gathered(map(pack.compress, chunks), pack.flush)


def zip_stream(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The chunks as the only member of an archive, of any length."""
    member = _Member(name.encode())
    yield member.opening()
    yield from _gathered(map(member.write, chunks), member.closing)


class _Member:
    """The one member being written."""

    def __init__(self, name: bytes) -> None:
        self._name = name
        self._crc = self._size = self._packed = 0
        self._deflate = isal_zlib.compressobj(1, isal_zlib.DEFLATED, -zlib.MAX_WBITS)

    def opening(self) -> bytes:
        kind = (_VERSION, _FLAGS, _DEFLATED, _TIME, _DATE)
        lengths = (0, _IN_EXTRA, _IN_EXTRA, len(self._name), _SIZES.size)
        head = _LOCAL.pack(0x04034B50, *kind, *lengths) + self._name + _SIZES.pack(1, 16, 0, 0)
        self._head = len(head)
        return head

    def write(self, content: bytes) -> bytes:
        self._crc = isal_zlib.crc32(content, self._crc)
        self._size += len(content)
        packed = self._deflate.compress(content)
        self._packed += len(packed)
        return packed

    def closing(self) -> bytes:
        last = self._deflate.flush()
        self._packed += len(last)
        descriptor = _DESCRIPTOR.pack(0x08074B50, self._crc, self._packed, self._size)
        start = self._head + self._packed + len(descriptor)
        kind = (_VERSION, _VERSION, _FLAGS, _DEFLATED, _TIME, _DATE)
        lengths = (self._crc, _IN_EXTRA, _IN_EXTRA, len(self._name), _SIZES.size)
        entry = _CENTRAL.pack(0x02014B50, *kind, *lengths, 0, 0, 0, 0, 0) + self._name
        directory = entry + _SIZES.pack(1, 16, self._size, self._packed)
        end64 = _END64.pack(0x06064B50, 44, _VERSION, _VERSION, 0, 0, 1, 1, len(directory), start)
        locator = _LOCATOR.pack(0x07064B50, 0, start + len(directory), 1)
        end = _END.pack(0x06054B50, 0, 0, 1, 1, len(directory), _IN_EXTRA, 0)
        return last + descriptor + directory + end64 + locator + end


def _gathered(pieces: Iterable[bytes], end: Callable[[], bytes]) -> Iterator[bytes]:
    """Pieces joined to chunks of some 64 KB, the first at once, so that the first byte comes soon; then the end."""
    waiting: list[bytes] = []
    size, wanted = 0, 1
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= wanted:
            yield b"".join(waiting)
            waiting.clear()
            size, wanted = 0, CHUNK_BYTES
    yield b"".join(waiting) + end()
