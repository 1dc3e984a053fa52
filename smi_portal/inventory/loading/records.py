"""Untrusted CSV bytes in, clean blocks for COPY out: whole records of the right shape, in UTF-8, LF at the end.

Nearly all blocks are checked by a few operations over the whole block; only a block with something odd in it
is looked at record by record. A bad record is kept back with its defect and the rest goes on; a file whose
quotes do not hold together is refused, since nobody can say where its next record begins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from smi_portal.inventory.loading.errors import LoadRefused, Reject, shown
from smi_portal.inventory.loading.lines import LineMap
from smi_portal.inventory.loading.rules import MAX_CELL, MENDING

BLOCK: Final = 1 << 19
MAX_RECORD: Final = 4 * MAX_CELL  # bytes held while looking for the end of a record
MAX_HEADER: Final = 1 << 16
BOM: Final = b"\xef\xbb\xbf"

#: What a block's shape is made of: with all other bytes deleted, a good block is lines of equally many commas.
_NOT_SHAPE: Final = bytes(byte for byte in range(256) if byte not in b',\n\r\0"')
_CELL: Final = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\n]*+)'
_ONE_CELL: Final = re.compile(_CELL)
_RECORD: Final = re.compile(_CELL + rb"(?:," + _CELL + rb")*+\r?\n")
#: A record that may be whole once more is read: it ends in a cell without its comma, or inside a quoted cell.
_UNFINISHED: Final = re.compile(rb"(?:" + _CELL + rb',)*+(?:"[^"]*+(?:""[^"]*+)*+(?:"\r?)?|[^",\n]*+)\Z')
_WHOLE_CELLS: Final = re.compile(rb"(?:" + _CELL + rb",)*+")
_QUOTED_CELL: Final = re.compile(rb'"(?<![^,\n]")[^"]*+(?:""[^"]*+)*+"(?=[,\r\n])')


class Records:
    """One CSV file: its `header` is read at once; iterate to get clean blocks.

    `rows` counts the records handed out; `bad` lists those kept back (at most `limit`, `bad_count` counts all);
    `lines` finds a row's line. Raises LoadRefused for what makes the whole file unreadable.
    """

    def __init__(self, read: Callable[[int], bytes], file: str, limit: int) -> None:
        self._read = read
        self.file = file
        self._limit = limit
        self.rows = 0
        self.bad: list[Reject] = []
        self.bad_count = 0
        self.lines = LineMap()
        self._line = 1  # where the next record starts
        self._data = b""
        self.header: list[str] = []
        self._read_header()
        self._shape = b"," * (len(self.header) - 1) + b"\n"
        self._exact = re.compile(_CELL + rb"(?:," + _CELL + rb"){%d}\n" % (len(self.header) - 1))

    def _fill(self) -> bool:
        """Read one more block; False at the end of the file, where a last line gets the end it may lack."""
        chunk = self._read(BLOCK)
        if not chunk and self._data and not self._data.endswith(b"\n"):
            self._data += b"\n"
        self._data += chunk
        return bool(chunk)

    def _read_header(self) -> None:
        more = self._fill()
        self._data = self._data.removeprefix(BOM)
        while (end := self._end_of_record(self._data, 0)) is None and more:
            if len(self._data) > MAX_HEADER:
                raise self._refused(1, "", self._data, "quoting")
            more = self._fill()
        if not self._data:
            raise self._refused(None, "", "", "file_empty")
        end = end or self._end_of_record(self._data, 0)
        if end is None:
            raise self._refused(1, "", self._data, "unclosed_quote")
        record, self._data = self._data[:end], self._data[end:]
        if not _is_clean(record):
            raise self._refused(1, "", record, "nul" if b"\0" in record else "encoding")
        self.header = [cell.decode("utf-8") for cell in _cells(record)]
        self._line += record.count(b"\n")

    def __iter__(self) -> Iterator[bytes]:
        more = True
        while more:
            more = self._fill()
            cut = self._data.rfind(b"\n") + 1
            body, self._data = self._data[:cut], self._data[cut:]
            if body:
                good, unread = self._whole_block(body) or self._one_by_one(body, more)
                self._data = unread + self._data
                if good:
                    yield good
            if len(self._data) > MAX_RECORD:
                column, value = self._last_cell(self._data, 0)
                rule = "unclosed_quote" if value.startswith(b'"') else "too_long"
                raise self._refused(self._line, column, value, rule)

    def _whole_block(self, body: bytes) -> tuple[bytes, bytes] | None:
        """The block, if nothing in it is odd: equally many cells a line, no line break inside quotes."""
        count = body.count(b"\n")
        skeleton = _QUOTED_CELL.sub(b"", body) if b'"' in body else body
        if b"\r" in body:
            # Both may be one: were a line break inside quotes, the skeleton would lack its line.
            body, skeleton = body.replace(b"\r\n", b"\n"), skeleton.replace(b"\r\n", b"\n")
        shape = skeleton.translate(None, _NOT_SHAPE)
        if shape != self._shape * count or len(body) > MAX_CELL or not _is_clean(body):
            return None
        self.lines.note(self.rows + 1, self._line)
        self.rows += count
        self._line += count
        return body, b""

    def _one_by_one(self, body: bytes, more: bool) -> tuple[bytes, bytes]:
        """The good records of an odd block, and its last part when that is no whole record yet."""
        kept: list[bytes] = []
        plain = b"\r" not in body and len(body) <= MAX_CELL and _is_clean(body)
        at = 0
        while at < len(body):
            found = self._exact.match(body, at) if plain else None
            end = found.end() if found else self._end_of_record(body, at)
            if end is None:
                if more:
                    break
                raise self._refused(self._line, *self._last_cell(body, at), "unclosed_quote")
            if found or self._is_good(body[at:end]):
                self.rows += 1
                self.lines.note(self.rows, self._line)
                kept.append(_without_end(body[at:end]) + b"\n")
            self._line += body.count(b"\n", at, end)
            at = end
        return b"".join(kept), body[at:]

    def _end_of_record(self, data: bytes, at: int) -> int | None:
        """Where the record that starts at `at` ends; None = beyond the data. Raises where quotes are broken."""
        if found := _RECORD.match(data, at):
            return found.end()
        if _UNFINISHED.match(data, at):
            return None
        raise self._refused(self._line, *self._last_cell(data, at), "quoting")

    def _last_cell(self, data: bytes, at: int) -> tuple[str, bytes]:
        """Column and text of the cell at which the record starting at `at` stops making sense."""
        found = _WHOLE_CELLS.match(data, at)
        start = found.end() if found else at
        number = len(_cells(data[at:start])) - 1
        column = self.header[number] if number < len(self.header) else ""
        return column, data[start : start + MAX_CELL].split(b"\n")[0]

    def _is_good(self, record: bytes) -> bool:
        """Check one record's form; what is wrong is noted in `bad`."""
        cells = _cells(record)
        wanted = len(self.header)
        if len(cells) != wanted:
            detail = f"{len(cells)} instead of {wanted}"
            if len(cells) < wanted:
                self._keep_back(self.header[len(cells)], _without_end(record), "short_row", detail)
            else:
                self._keep_back(f"cell {wanted + 1}", cells[wanted], "long_row", detail)
            return False
        for column, cell in zip(self.header, cells, strict=True):
            if rule := _fault(cell):
                self._keep_back(column, cell, rule, "")
                return False
        before, stray, _ = _QUOTED_CELL.sub(b"", _without_end(record) + b"\n").partition(b"\r")
        if stray:
            number = before.count(b",")
            self._keep_back(self.header[number], cells[number], "line_ending", "")
            return False
        return True

    def _keep_back(self, column: str, value: bytes, rule: str, detail: str) -> None:
        self.bad_count += 1
        if len(self.bad) < self._limit:
            mend = MENDING[rule].format(detail)
            self.bad.append(Reject(self.file, self._line, column, shown(value[:1000]), rule, mend))

    def _refused(self, line: int | None, column: str, value: bytes | str, rule: str) -> LoadRefused:
        reject = Reject(self.file, line, column, shown(value[:1000]), rule, MENDING[rule].format(""))
        return LoadRefused(str(reject), [reject])


def _is_clean(data: bytes) -> bool:
    if b"\0" in data:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _fault(cell: bytes) -> str | None:
    if len(cell) > MAX_CELL:
        return "too_long"
    if b"\0" in cell:
        return "nul"
    return None if _is_clean(cell) else "encoding"


def _without_end(record: bytes) -> bytes:
    return record.removesuffix(b"\n").removesuffix(b"\r")


def _cells(record: bytes) -> list[bytes]:
    """The values of one record of sound quotes, without their quotes."""
    record = _without_end(record)
    cells: list[bytes] = []
    at = 0
    while found := _ONE_CELL.match(record, at):
        cell = found.group()
        cells.append(cell[1:-1].replace(b'""', b'"') if cell.startswith(b'"') else cell)
        at = found.end() + 1
        if at > len(record):
            break
    return cells
