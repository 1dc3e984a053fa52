"""A workbook of several tables behind a covering sheet, streamed in flat memory like any other (see `xlsx`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reports.engine.files.cells import HEADER_STYLE, TEXT_STYLE, WRAP_STYLE, text_cell, typed_cell
from reports.engine.files.columns import FileColumn, Message, Tally
from reports.engine.files.copytext import batches
from reports.engine.files.workbook import (
    APP_PROPERTIES,
    ROOT_RELATIONS,
    STYLES,
    Sheet,
    content_types,
    core_properties,
    data_head,
    data_tail,
    plain_sheet,
    workbook,
    workbook_relations,
)
from reports.engine.files.xlsx import ROW_LIMIT, RowRenderer
from reports.engine.files.zipstream import ZipStream


@dataclass(frozen=True)
class Table:
    """One table: its tab's name (30 characters at most, none of ``[]:*?/\\'``), columns, rows as COPY text."""

    name: str
    columns: Sequence[FileColumn]
    rows: Iterable[Message]


@dataclass(frozen=True)
class Cover:
    """The covering sheet: facts, then a table of totals (its cells as COPY text), then each column's meaning."""

    facts: Sequence[tuple[str, str]]
    totals: Sequence[FileColumn]
    rows: Sequence[Sequence[str]]
    definitions: Sequence[FileColumn]


def sheets_stream(
    cover: Cover, tables: Iterable[Table], title: str, tally: Tally, row_limit: int = ROW_LIMIT
) -> Iterator[bytes]:
    """Yield the workbook: "Summary" first, then each table; one that is too long goes on in "… 2", "… 3".

    An error of a source passes through, and what was sent cannot be opened. Raises ArchiveTooLarge at 4 GiB.
    """
    archive = ZipStream()
    yield archive.member("_rels/.rels", ROOT_RELATIONS)
    yield archive.member("docProps/app.xml", APP_PROPERTIES)
    yield archive.member("docProps/core.xml", core_properties(title, datetime.now(UTC)))
    yield archive.member("xl/styles.xml", STYLES)
    yield archive.member("xl/worksheets/sheet1.xml", _cover(cover))
    sheets = [Sheet("Summary")]
    for table in tables:
        yield from _table(archive, table, sheets, tally, row_limit)
    count = len(sheets)
    yield archive.member("xl/workbook.xml", workbook(sheets))
    yield archive.member("xl/_rels/workbook.xml.rels", workbook_relations(count))
    yield archive.member("[Content_Types].xml", content_types(count))
    yield archive.finish()


def _table(
    archive: ZipStream, table: Table, sheets: list[Sheet], tally: Tally, row_limit: int
) -> Iterator[bytes]:
    render, width = RowRenderer(table.columns, tally), len(table.columns)
    rows, part = row_limit, 0

    def end() -> bytes:
        sheets.append(Sheet(f"{table.name} {part}" if part > 1 else table.name, width, rows))
        return archive.write(data_tail(width, rows).encode()) + archive.end()

    def begin() -> bytes:
        head = archive.begin(f"xl/worksheets/sheet{len(sheets) + 1}.xml")
        return head + archive.write(data_head(table.columns).encode())

    for _, batch in batches(table.rows):
        messages = batch
        while messages:
            if rows >= row_limit - 1:
                if part:
                    yield end()
                part, rows = part + 1, 1
                yield begin()
            taken, messages = messages[: row_limit - 1 - rows], messages[row_limit - 1 - rows :]
            yield archive.write(render(b"".join(taken), taken))
            rows += len(taken)
            tally.rows += len(taken)
    if not part:
        part, rows = 1, 1
        yield begin()
    yield end()


def _cover(cover: Cover) -> str:
    rows = [text_cell(label, TEXT_STYLE) + text_cell(value, WRAP_STYLE) for label, value in cover.facts]
    rows += ["", "".join(text_cell(column.title, HEADER_STYLE) for column in cover.totals)]
    for cells in cover.rows:
        pairs = zip(cover.totals, cells, strict=True)
        rows.append("".join(_cell(column, cell) for column, cell in pairs))
    rows += ["", "".join(text_cell(head, HEADER_STYLE) for head in ("Column", "Meaning"))]
    rows += [text_cell(it.title) + text_cell(it.help, WRAP_STYLE) for it in cover.definitions]
    return plain_sheet(rows, (34, 60, *(16 for _ in cover.totals[2:])))


def _cell(column: FileColumn, cell: str) -> str:
    return text_cell(cell) if column.kind == "text" else typed_cell(column.kind, cell)
