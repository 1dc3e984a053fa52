"""Opening an extract that nobody vouches for: a directory or a .zip, its files maybe gzip-compressed.

Refused before a byte is used: links, `..` and absolute names, names given twice, encrypted or exotic members;
while reading: damaged archives and more data than the limits allow.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final, Protocol, cast

from isal import igzip, isal_zlib

from smi_portal.inventory.loading.errors import LoadRefused

DESCRIPTOR: Final = "datapackage.json"
MAX_DESCRIPTOR: Final = 5_000_000  # bytes
MAX_MEMBERS: Final = 1_000
MAX_BYTES: Final = (
    500_000_000_000  # of one file, uncompressed: far more than the whole inventory of a country
)
MAX_RATIO: Final = 250  # uncompressed to compressed; CSV reaches 5 to 30, a bomb 1,000
RATIO_FREE: Final = 50_000_000  # bytes that may come out before the ratio counts
DAMAGED: Final[tuple[type[Exception], ...]] = (
    zipfile.BadZipFile,
    OSError,  # gzip's errors among them
    EOFError,
    zlib.error,
    cast("type[Exception]", isal_zlib.error),  # its stub calls it an instance
)
_gunzip: Final[Callable[..., IO[bytes]]] = igzip.open  # isal has no types of its own


class Store(Protocol):
    """Where a package's files are: names are relative, with `/`."""

    def names(self) -> list[str]: ...

    def open(self, name: str) -> IO[bytes]: ...

    def size(self, name: str) -> int: ...


class Directory:
    """A package in a directory."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self) -> list[str]:
        """The files directly in the directory."""
        try:
            return sorted(path.name for path in self._root.iterdir() if not path.is_dir())
        except OSError as error:
            raise LoadRefused(f"{self._root}: cannot be read ({error.strerror}).") from error

    def open(self, name: str) -> IO[bytes]:
        """Open a regular file that lies inside the directory, whatever links are on the way."""
        path = self._root / name
        try:
            inside = path.resolve().is_relative_to(self._root.resolve())
        except (OSError, RuntimeError):  # links that lead round in a circle
            inside = False
        if not inside:
            raise LoadRefused(f"{name}: leads outside the package's directory. Put the file itself there.")
        if not path.exists():
            raise LoadRefused(f"{name}: the descriptor names this file and the package does not hold it.")
        if not stat.S_ISREG(path.stat().st_mode):
            raise LoadRefused(f"{name}: not a regular file.")
        try:
            return path.open("rb")
        except OSError as error:
            raise LoadRefused(f"{name}: cannot be read ({error.strerror}).") from error

    def size(self, name: str) -> int:
        """Bytes on disk."""
        return (self._root / name).stat().st_size


class Archive:
    """A package in a .zip; its files may be in one folder."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        members = [info for info in file.infolist() if not info.is_dir()]
        if len(members) > MAX_MEMBERS:
            raise LoadRefused(f"The archive holds {len(members):,} files; the limit is {MAX_MEMBERS:,}.")
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in members:
            _check_member(info)
            if info.filename in self._members:
                raise LoadRefused(f"{info.filename}: the archive holds this name twice.")
            self._members[info.filename] = info
        self._prefix = self._folder()

    def _folder(self) -> str:
        found = [name for name in self._members if PurePosixPath(name).name == DESCRIPTOR]
        found = [name for name in found if name.count("/") < 2 and not name.startswith("__MACOSX/")]
        if len(found) > 1:
            raise LoadRefused(f"The archive holds more than one {DESCRIPTOR}: {', '.join(found)}.")
        return found[0].removesuffix(DESCRIPTOR) if found else ""

    def names(self) -> list[str]:
        """The files beside the descriptor."""
        inside = (name.removeprefix(self._prefix) for name in self._members if name.startswith(self._prefix))
        return sorted(name for name in inside if "/" not in name)

    def open(self, name: str) -> IO[bytes]:
        """Open a member for reading once, from its beginning."""
        info = self._members.get(self._prefix + name)
        if info is None:
            raise LoadRefused(f"{name}: the descriptor names this file and the package does not hold it.")
        return self._file.open(info)

    def size(self, name: str) -> int:
        """Compressed bytes."""
        return self._members[self._prefix + name].compress_size


def _check_member(info: zipfile.ZipInfo) -> None:
    # The name as the archive has it: zipfile itself already replaced what the platform dislikes.
    name = info.orig_filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if (
        not parts
        or name.startswith(("/", "\\"))
        or ".." in parts
        or ":" in parts[0]
        or "\\" in name
        or "\0" in name
    ):
        raise LoadRefused(f"{name!r}: a name in the archive must be relative, with / and without '..'.")
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise LoadRefused(f"{name}: a link or special file in the archive; only regular files may be in it.")
    if info.flag_bits & 0x1:
        raise LoadRefused(f"{name}: the archive is encrypted; send it without a password.")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise LoadRefused(
            f"{name}: compressed by another method than deflate, which is the only one accepted."
        )


@dataclass
class Reader:
    """A file's uncompressed bytes, counted against the limits as they come."""

    name: str
    raw: IO[bytes]
    compressed: int
    is_compressed: bool
    taken: int = 0

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; b'' at the end. LoadRefused for a damaged file or one that grows past all bounds."""
        try:
            data = self.raw.read(size)
        except DAMAGED as error:
            raise LoadRefused(f"{self.name}: damaged or cut off ({error}); send it again.") from error
        self.taken += len(data)
        if self.taken > MAX_BYTES:
            raise LoadRefused(f"{self.name}: more than {MAX_BYTES:,} bytes.")
        if self.is_compressed and self.taken > RATIO_FREE + MAX_RATIO * self.compressed:
            raise LoadRefused(
                f"{self.name}: {self.compressed:,} compressed bytes swell past {self.taken:,}; "
                f"more than {MAX_RATIO} times is taken for an attack."
            )
        return data


class Package:
    """An opened extract: file names, and readers of their uncompressed bytes."""

    def __init__(self, path: Path, store: Store) -> None:
        self.path = path
        self._store = store
        self.names = store.names()

    @contextmanager
    def reader(self, name: str) -> Iterator[Reader]:
        """Open a file; `.gz` is taken off."""
        compressed = name.lower().endswith(".gz")
        with self._store.open(name) as raw:
            size = self._store.size(name)
            if not compressed:
                yield Reader(name, raw, size, isinstance(self._store, Archive))
                return
            with _gunzip(raw, "rb") as plain:
                yield Reader(name, plain, size, is_compressed=True)

    def descriptor(self) -> bytes:
        """The bytes of datapackage.json."""
        if DESCRIPTOR not in self.names:
            raise LoadRefused(f"{self.path}: no {DESCRIPTOR} in it, so this is no extract package.")
        with self.reader(DESCRIPTOR) as reader:
            data = reader.read(MAX_DESCRIPTOR + 1)
        if len(data) > MAX_DESCRIPTOR:
            raise LoadRefused(f"{DESCRIPTOR}: more than {MAX_DESCRIPTOR:,} bytes.")
        return data


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """Open the extract at `path`, a directory or a .zip. LoadRefused when it is neither or is not sound."""
    if path.is_dir():
        yield Package(path, Directory(path))
        return
    if not path.exists():
        raise LoadRefused(f"{path}: there is no such file or directory.")
    if not path.is_file() or not zipfile.is_zipfile(path):
        raise LoadRefused(f"{path}: neither a directory nor a .zip archive.")
    try:
        file = zipfile.ZipFile(path)
    except DAMAGED as error:
        raise LoadRefused(f"{path}: a damaged archive ({error}).") from error
    with file:
        yield Package(path, Archive(file))
