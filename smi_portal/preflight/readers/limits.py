"""How much is read at most, and how a file that is too large, or not what it should be, is refused."""

from __future__ import annotations

from dataclasses import dataclass


class FileRefused(Exception):
    """A file that cannot be read as a whole. `reason` and `resolution` are sentences for the sender."""

    def __init__(self, reason: str, resolution: str) -> None:
        super().__init__(f"{reason} {resolution}")
        self.reason = reason
        self.resolution = resolution


@dataclass(frozen=True)
class Limits:
    """In bytes and in requests. A page takes less than the command line does."""

    file: int = 128 * 1024 * 1024
    document: int = 1024 * 1024
    unpacked: int = 1024 * 1024 * 1024
    requests: int = 1_000_000
    cell: int = 1_000


#: What one visit to the page may bring.
PAGE = Limits(file=20 * 1024 * 1024, unpacked=100 * 1024 * 1024, requests=10_000)


def sized(number: int) -> str:
    """A number of bytes for people."""
    if number >= 1024 * 1024:
        return f"{number / (1024 * 1024):,.0f} MB"
    return f"{number / 1024:,.0f} KB"
