"""A ZIP archive written as a stream: nothing is held back, nothing is sought (PKWARE APPNOTE 6.3).

Only what a workbook needs. Members are deflated by ISA-L at level 1 and closed by a 32-bit data descriptor:
LibreOffice refuses a workbook with zip64 descriptors, so a member and the archive must each stay below 4 GiB.
The standard library's ``zipfile`` chooses zip64 itself when it cannot seek, hence this module.
"""

from __future__ import annotations

import struct

from isal import isal_zlib

FOUR_GIB = 0xFFFF_FFFF

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_DESCRIPTOR = struct.Struct("<IIII")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")

_VERSION = 20  # 2.0: deflate
_FLAGS = 0x0808  # bit 3: sizes follow in a descriptor; bit 11: names are UTF-8
_DEFLATED = 8
_TIME, _DATE = 0, 0x21  # 1980-01-01: the workbook's own properties say when it was made


class ArchiveTooLarge(RuntimeError):
    """A member or the archive would pass 4 GiB, which the 32-bit format cannot say."""


class ZipStream:
    """Makes an archive one member at a time; each method returns the bytes to send, maybe none.

    Until ``finish`` has been sent there is no central directory, so that a stream which breaks off cannot be
    opened.
    """

    def __init__(self) -> None:
        self._offset = 0
        self._central: list[bytes] = []

    def begin(self, name: str) -> bytes:
        """Open a member; the one before must be closed."""
        self._name = name.encode()
        self._start = self._offset
        self._crc = self._size = self._packed = 0
        self._deflate = isal_zlib.compressobj(1, isal_zlib.DEFLATED, -15)
        head = _LOCAL.pack(0x04034B50, _VERSION, _FLAGS, _DEFLATED, _TIME, _DATE, 0, 0, 0, len(self._name), 0)
        return self._sent(head + self._name)

    def write(self, content: bytes) -> bytes:
        """Add to the open member. Raises ArchiveTooLarge when it would pass 4 GiB."""
        self._crc = isal_zlib.crc32(content, self._crc)
        self._size += len(content)
        packed = self._deflate.compress(content)
        self._packed += len(packed)
        return self._sent(packed)

    def end(self) -> bytes:
        """Close the open member with its sizes and checksum."""
        packed = self._deflate.flush()
        self._packed += len(packed)
        if max(self._size, self._packed) >= FOUR_GIB:
            raise ArchiveTooLarge(f"{self._name.decode()} is larger than 4 GiB.")
        sizes = (self._crc, self._packed, self._size)
        name = self._name
        entry = _CENTRAL.pack(
            *(0x02014B50, _VERSION, _VERSION, _FLAGS, _DEFLATED, _TIME, _DATE, *sizes),
            *(len(name), 0, 0, 0, 0, 0, self._start),
        )
        self._central.append(entry + name)
        return self._sent(packed + _DESCRIPTOR.pack(0x08074B50, *sizes))

    def member(self, name: str, content: str) -> bytes:
        """A whole small member at once."""
        return self.begin(name) + self.write(content.encode()) + self.end()

    def finish(self) -> bytes:
        """The central directory: with it the archive is complete."""
        count, directory = len(self._central), b"".join(self._central)
        start = self._offset
        end = _END.pack(0x06054B50, 0, 0, count, count, len(directory), start, 0)
        return self._sent(directory + end)

    def _sent(self, data: bytes) -> bytes:
        self._offset += len(data)
        if self._offset >= FOUR_GIB:
            raise ArchiveTooLarge("The workbook is larger than 4 GiB: take it as CSV, or narrow the report.")
        return data
