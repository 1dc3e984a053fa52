"""Excel from ``COPY (SELECT …) TO STDOUT (FORMAT text)``: a workbook of any size, streamed in flat memory.

Written by hand because downloads are what the portal is for: a million rows of 23 columns take about 3½ times
as long as ``psql \\copy`` of the same query, where XlsxWriter takes some 60 times and openpyxl 90. Letting
PostgreSQL build each row's XML inside the COPY was a third faster still; it is not done, because then Excel
would read other SQL than CSV and JSON do, and the care for odd text would have to be repeated, untested, in
SQL.

Data sheets come first, for people and programs open the first sheet; "About" is the last tab, as its row
count is known last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import chain

from reports.engine.files.cells import (
    EMPTY,
    MOST_CHARACTERS,
    TEXT_CLOSE,
    TEXT_OPEN,
    needs_cutting,
    text_cell,
    typed_cell,
)
from reports.engine.files.columns import FileColumn, Message, Tally
from reports.engine.files.copytext import (
    NULL,
    CellCache,
    RowTemplate,
    batches,
    is_plain,
    runs,
    split_cells,
    unescape,
)
from reports.engine.files.workbook import (
    APP_PROPERTIES,
    ROOT_RELATIONS,
    STYLES,
    Sheet,
    about_sheet,
    content_types,
    core_properties,
    data_head,
    data_tail,
    workbook,
    workbook_relations,
)
from reports.engine.files.zipstream import ZipStream

ROW_LIMIT = 1_048_576
SHEET_BYTES = 3_800_000_000  # a sheet's XML must stay below 4 GiB: see zipstream
CHUNK_BYTES = 65_536


def xlsx_stream(
    copy_rows: Iterable[Message],
    columns: Sequence[FileColumn],
    about: Sequence[tuple[str, str]],
    definitions: Sequence[FileColumn] | None = None,
    row_limit: int = ROW_LIMIT,
    *,
    title: str = "Report",
    created: datetime | None = None,
    tally: Tally | None = None,
    sheet_bytes: int = SHEET_BYTES,
) -> Iterator[bytes]:
    """Yield the workbook's bytes; the first before the first row is asked for.

    ``about``: label and value of each fact on the About sheet, to which the row count is added;
    ``definitions``: the columns it explains (those of the file, if none are given). A sheet ends before row
    ``row_limit``, or before its XML passes ``sheet_bytes``; the sheets are then "Data 1", "Data 2" …, else
    "Data".

    An error of the source passes through. The central directory has then not been written, so that what was
    sent cannot be opened as a workbook. Raises ArchiveTooLarge at 4 GiB.
    """
    writer = _Workbook(columns, row_limit, sheet_bytes, tally if tally is not None else Tally())
    opening = writer.opening(title, created or datetime.now(UTC))
    closing = writer.closing(about, columns if definitions is None else definitions)
    return _chunked(opening, chain(writer.rows(copy_rows), closing))


def _chunked(opening: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The opening at once, then chunks of about 64 KB."""
    yield opening
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= CHUNK_BYTES:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    yield b"".join(waiting)


class _Workbook:
    """A workbook being written: the archive, the open sheet and how far it has come."""

    def __init__(self, columns: Sequence[FileColumn], row_limit: int, sheet_bytes: int, tally: Tally) -> None:
        if row_limit < 3:
            raise ValueError("A sheet needs room for its header and one row.")
        self._columns = columns
        self._capacity = row_limit - 2  # the header, and nothing in the row of the limit itself
        self._sheet_bytes = sheet_bytes
        self._tally = tally
        self._zip = ZipStream()
        self._full: list[int] = []  # rows of each data sheet that has ended, header included
        self._render = RowRenderer(columns, tally)

    def opening(self, title: str, created: datetime) -> bytes:
        """The small parts and the first sheet's head."""
        parts = (
            ("_rels/.rels", ROOT_RELATIONS),
            ("docProps/app.xml", APP_PROPERTIES),
            ("docProps/core.xml", core_properties(title, created)),
            ("xl/styles.xml", STYLES),
        )
        return b"".join(self._zip.member(name, content) for name, content in parts) + self._begin_sheet()

    def rows(self, copy_rows: Iterable[Message]) -> Iterator[bytes]:
        """The rows, and where a sheet is full its end and the next one's head."""
        for joined, messages in batches(copy_rows):
            while messages:
                room = 0 if self._written >= self._sheet_bytes else self._capacity - self._rows
                if not room:
                    yield self._end_sheet() + self._begin_sheet()
                elif room < len(messages):
                    yield self._write(b"".join(messages[:room]), messages[:room])
                    messages = messages[room:]
                    joined = b"".join(messages)
                else:
                    yield self._write(joined, messages)
                    break

    def closing(self, about: Sequence[tuple[str, str]], definitions: Sequence[FileColumn]) -> Iterator[bytes]:
        """The last sheet's end, the About sheet with its counts, and the parts that list what is there."""
        yield self._end_sheet()
        counts = [("Rows", self._tally.rows)]
        if self._tally.cut_cells:
            counts.append(("Texts cut to Excel's length", self._tally.cut_cells))
        names = [f"Data {n}" for n in range(1, len(self._full) + 1)] if len(self._full) > 1 else ["Data"]
        width = len(self._columns)
        sheets = [Sheet(name, width, rows) for name, rows in zip(names, self._full, strict=True)]
        sheets.append(Sheet("About"))
        count = len(sheets)
        yield self._zip.member(f"xl/worksheets/sheet{count}.xml", about_sheet(about, counts, definitions))
        yield self._zip.member("xl/workbook.xml", workbook(sheets))
        yield self._zip.member("xl/_rels/workbook.xml.rels", workbook_relations(count))
        yield self._zip.member("[Content_Types].xml", content_types(count))
        yield self._zip.finish()

    def _write(self, joined: bytes, messages: list[Message]) -> bytes:
        xml = self._render(joined, messages)
        self._rows += len(messages)
        self._tally.rows += len(messages)
        self._written += len(xml)
        return self._zip.write(xml)

    def _begin_sheet(self) -> bytes:
        self._rows = self._written = 0
        number = len(self._full) + 1
        return self._zip.begin(f"xl/worksheets/sheet{number}.xml") + self._zip.write(
            data_head(self._columns).encode()
        )

    def _end_sheet(self) -> bytes:
        self._full.append(self._rows + 1)
        return self._zip.write(data_tail(len(self._columns), self._rows + 1).encode()) + self._zip.end()


class RowRenderer:
    """Makes sheet XML of a batch of rows: of plain rows all at once, of others text by text."""

    def __init__(self, columns: Sequence[FileColumn], tally: Tally) -> None:
        self._width = len(columns)
        self._tally = tally
        self._texts = [n for n, column in enumerate(columns) if column.kind == "text"]
        caches = {kind: CellCache(partial(typed_cell, kind)) for kind in {column.kind for column in columns}}
        self._typed = [(n, caches[column.kind]) for n, column in enumerate(columns) if column.kind != "text"]
        self._plain = RowTemplate(self._literals())
        self._ready = RowTemplate(["<row>", *[""] * (self._width - 1), "</row>"])

    def _literals(self) -> list[str]:
        """What stands around the cells when texts are filled in bare and others ready-made."""
        before = [TEXT_OPEN if n in self._texts else "" for n in range(self._width)]
        after = [TEXT_CLOSE if n in self._texts else "" for n in range(self._width)]
        inner = [end + start for end, start in zip(after, before[1:], strict=False)]
        return ["<row>" + before[0], *inner, after[-1] + "</row>"]

    def __call__(self, joined: bytes, messages: list[Message]) -> bytes:
        parts = (
            self._plain_rows(run, rows) if plain else self._odd_rows(run, rows)
            for plain, run, rows in runs(joined, messages, _is_plain)
        )
        return "".join(parts).encode()

    def _plain_rows(self, joined: bytes, rows: int) -> str:
        cells = split_cells(_escaped(joined), rows, self._width)
        self._fill_typed(cells)
        xml = self._plain.fill(cells, rows).replace(f"{TEXT_OPEN}{NULL}{TEXT_CLOSE}", EMPTY)
        return xml.replace(f"{TEXT_OPEN}{TEXT_CLOSE}", EMPTY)

    def _odd_rows(self, joined: bytes, rows: int) -> str:
        cells = split_cells(joined, rows, self._width)
        self._fill_typed(cells)
        for column in self._texts:
            cells[column :: self._width] = map(self._careful_text, cells[column :: self._width])
        return self._ready.fill(cells, rows)

    def _fill_typed(self, cells: list[str]) -> None:
        for column, cache in self._typed:
            cells[column :: self._width] = map(cache.__getitem__, cells[column :: self._width])

    def _careful_text(self, cell: str) -> str:
        if cell == NULL:
            return EMPTY
        text = unescape(cell)
        self._tally.cut_cells += needs_cutting(text)
        return text_cell(text)


def _is_plain(joined: bytes) -> bool:
    """Nothing to unescape, replace, cut, or keep from being trimmed as a cell's outer space."""
    tabbed = joined.replace(b"\n", b"\t")
    return (
        len(joined) <= MOST_CHARACTERS
        and is_plain(joined)
        and b" \t" not in tabbed
        and b"\t " not in tabbed
        and not tabbed.startswith(b" ")
        and not (b"_" in joined and b"_x" in joined)
    )


def _escaped(joined: bytes) -> bytes:
    """Plain rows with XML's own marks escaped; they cannot be confused with COPY's."""
    return joined.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
