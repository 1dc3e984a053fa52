"""Files that are there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Written(NamedTuple):
    """What was written: the length in bytes and the SHA-256 in hexadecimal, to be checked at delivery."""

    size: int
    sha256: str


def write_atomically(path: Path, chunks: Iterable[bytes]) -> Written:
    """Write the chunks to ``path``, which appears complete and on disk, or stays as it was.

    The bytes go to a hidden temporary name in the same directory (readable by its owner only), are forced to
    disk and renamed. On any failure, of the source or of the disk, the temporary file is removed and the
    error passed on. The directory must exist.
    """
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)  # gone already when it was renamed
    _sync_directory(path.parent)
    return Written(size, digest.hexdigest())


def _sync_directory(directory: Path) -> None:
    """Make the rename itself last through a power cut, where the system lets a directory be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
