"""Answers on disk, one COPY text line each, in the order in which they were given."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from smi_portal.portfolio.reconcile.categories import Result
from smi_portal.portfolio.text import copy_line


class Spool:
    """Results written once and read as often as a file needs them."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="smi-reconcile-")  # noqa: SIM115  # it lives as long as this

    def put(self, result: Result) -> None:
        """Add a line; its first cell is the category."""
        difference = None
        if result.your_days is not None and result.smi_days is not None:
            difference = result.your_days - result.smi_days
        money = None
        if result.your_amount is not None and result.smi_amount is not None:
            money = result.your_amount - result.smi_amount
        cells = (
            result.category,
            result.line,
            result.device_id,
            result.mpxn,
            result.map_id,
            result.supplier_id,
            _day(result.start),
            _day(result.stop, 1),
            result.your_days,
            result.smi_days,
            difference,
            result.rate,
            result.your_amount,
            result.smi_amount,
            money,
            result.explanation,
            result.event,
        )
        self._file.write(copy_line(cells))

    def lines(self, category: str = "") -> Iterator[bytes]:
        """The lines of one category, or all."""
        self._file.seek(0)
        start = f"{category}\t".encode() if category else b""
        for line in self._file:
            if line.startswith(start):
                yield line

    def close(self) -> None:
        """Forget everything."""
        self._file.close()


@lru_cache(maxsize=8192)
def _day(ordinal: int | None, back: int = 0) -> str | None:
    return None if ordinal is None else date.fromordinal(ordinal - back).isoformat()
