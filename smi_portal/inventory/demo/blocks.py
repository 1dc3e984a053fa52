"""A block of premises as text: the unit of work of one process, the same whoever does it."""

import csv
import io
import json
import zlib
from collections.abc import Iterable
from random import Random
from typing import Final

from smi_portal.inventory.demo.cut import CUTS, TABLES, Cutter, diff
from smi_portal.inventory.demo.home import Row
from smi_portal.inventory.demo.premises import build_home
from smi_portal.inventory.demo.world import World

SIZE: Final = 500
"""Premises in a block."""

Texts = dict[str, bytes]


class BlockBuilder:
    """Builds the rows of blocks of premises; block `n` depends on the world and `n` alone."""

    def __init__(self, world: World, columns: dict[str, tuple[str, ...]]) -> None:
        self._world, self._columns = world, columns
        self._cutter = Cutter(world.full_day, world.delta_day)

    def build(self, block: int) -> tuple[Texts, Texts, int]:
        """Return a block's lines by file, for the full extract and for the delta, and the delta's rows."""
        random = Random(f"{self._world.seed}/{block}").random  # noqa: S311 - demo data, no secret
        full: dict[str, list[Row]] = {name: [] for name in TABLES}
        delta: dict[str, list[Row]] = {name: [] for name in TABLES}
        deletions: list[tuple[str, str]] = []
        first = block * SIZE
        for premise in range(first, min(first + SIZE, self._world.premises)):
            before, after = self._cutter.cut(build_home(self._world, premise, random))
            for name in TABLES:
                full[name] += before[name]
            if after is None:
                continue
            for name in TABLES:
                changed, gone = diff(CUTS[name].key, before[name], after[name])
                delta[name] += changed
                deletions += [self._deletion(name, row) for row in gone]
        texts = {name: _lines(rows) for name, rows in delta.items()}
        texts["deletions"] = csv_lines(deletions)
        count = len(deletions) + sum(len(rows) for rows in delta.values())
        return {name: _lines(rows) for name, rows in full.items()}, texts, count

    def _deletion(self, name: str, row: Row) -> tuple[str, str]:
        return deletion(name, self._columns[name], CUTS[name].key, row)


def deletion(name: str, columns: tuple[str, ...], key: tuple[int, ...], row: Row) -> tuple[str, str]:
    """Return a row of deletions.csv: the table, and the key as a JSON object of texts."""
    return name, json.dumps({columns[at]: row[at] for at in key})


def _lines(rows: Iterable[Row]) -> bytes:
    """Return rows whose cells need no quoting, or are quoted already, as CSV lines."""
    joined = "\n".join(map(",".join, rows))
    return f"{joined}\n".encode() if joined else b""


def csv_lines(rows: Iterable[Iterable[str]]) -> bytes:
    """Return rows as CSV lines, quoting what needs it."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def gzip_member(text: bytes) -> bytes:
    """Return text as one gzip member without a time stamp; members one after another are a gzip file."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(text) + packer.flush()


__all__ = ["SIZE", "BlockBuilder", "csv_lines", "deletion", "gzip_member"]
