"""Where rows stand in their file, without remembering each row."""

from __future__ import annotations

from array import array
from bisect import bisect_right


class LineMap:
    """From a loaded row's number (from 1) to the physical line on which its record starts.

    They differ by the header, by line breaks inside quotes and by records kept back; only changes of the
    difference are held (16 bytes each).
    """

    def __init__(self) -> None:
        self._rows = array("q", [0])
        self._offsets = array("q", [0])

    def note(self, row: int, line: int) -> None:
        """Row number `row` (rising from call to call) starts on `line`, and those after it follow."""
        if line - row != self._offsets[-1]:
            self._rows.append(row)
            self._offsets.append(line - row)

    def line(self, row: int) -> int:
        """The line on which row number `row` starts."""
        return row + self._offsets[bisect_right(self._rows, row) - 1]
