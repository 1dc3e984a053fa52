"""Finished files: made under a temporary name, and in the store only when they are whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from reports.engine.files.atomic import Written, write_atomically
from smi_portal.database.state import make_state_directory

CHUNK_BYTES = 262_144


class FileIsGone(Exception):
    """The store has no such file, or another one than was made."""


def store() -> Storage:
    """The configured store of finished files (setting STORAGES["exports"])."""
    return storages["exports"]


def keep(key: str, chunks: Iterable[bytes]) -> Written:
    """Write the chunks to the store under `key`; there it appears whole or not at all.

    The bytes go to a temporary name on this machine's disk, are forced to disk and renamed. A store elsewhere gets
    the finished file in one upload, and must then say the same length. Raises what the chunks, the disk or the store
    raise; nothing of the file is left then.
    """
    found = store()
    if isinstance(found, FileSystemStorage):
        path = Path(found.path(key))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return write_atomically(path, chunks)
    path = workshop() / key
    try:
        written = write_atomically(path, chunks)
        with path.open("rb") as file:
            found.save(key, File(file, name=key))
    finally:
        path.unlink(missing_ok=True)
    if found.size(key) != written.size:
        found.delete(key)
        raise OSError(f"The store kept {found.size(key)} of {written.size} bytes.")
    return written


def workshop() -> Path:
    """Where files for a store elsewhere are made; private to the worker."""
    path = make_state_directory() / "files" / "making"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def read(key: str, size: int) -> Iterator[bytes]:
    """The file in pieces. Raises FileIsGone, before the first piece, when it is not there at its full length."""
    found = store()
    try:
        whole = found.size(key) == size
    except OSError as error:  # the local store's answer, and botocore's "404" as django-storages gives it on
        raise FileIsGone(key) from error
    except Exception as error:
        if _is_missing(error):
            raise FileIsGone(key) from error
        raise
    if not whole:
        raise FileIsGone(key)
    return _pieces(found, key)


def remove(key: str) -> None:
    """Delete the file; nothing happens when there is none."""
    if key:
        store().delete(key)


def _pieces(found: Storage, key: str) -> Iterator[bytes]:
    if isinstance(found, FileSystemStorage):
        with Path(found.path(key)).open("rb") as file:
            while piece := file.read(CHUNK_BYTES):
                yield piece
        return
    # django-storages' own S3File would fetch the whole object first; the object's body streams.
    remote: Any = found  # an S3Storage, which has no type stubs
    body = remote.bucket.Object(remote._normalize_name(key)).get()["Body"]
    try:
        yield from body.iter_chunks(CHUNK_BYTES)
    finally:
        body.close()


def _is_missing(error: Exception) -> bool:
    response = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", "")) in {"404", "NoSuchKey"}
