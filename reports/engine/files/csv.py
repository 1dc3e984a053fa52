"""CSV from ``COPY (SELECT …) TO STDOUT (FORMAT csv)``: RFC 4180, streamed at the database's own speed.

PostgreSQL writes the cells; here are only the header, the row ends and the mark of a file that failed
half-way. An empty cell is no value; an empty text is ``""``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from reports.engine.files.columns import FileColumn, Message, Tally
from reports.engine.files.copytext import batches
from reports.engine.files.failure import plain_reason

Dialect: TypeAlias = Literal["people", "machine"]

BOM = b"\xef\xbb\xbf"
CHUNK_BYTES = 65_536

# Spreadsheets read what begins with these as a formula, in full width too and behind spaces.
_SIGNS = "-=+@＝＋－＠"
_SPACES = r"\s\u00a0\u1680\u180e\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_FORMULA = rf"^([\t\r\n]|[{_SPACES}]*[{_SIGNS}])"
_FORMULA_TEXT = re.compile(_FORMULA)


def guard_sql(expression_sql: str) -> str:
    """SQL that puts an apostrophe before a text which a spreadsheet would run as a formula.

    Give it a column reference, not a computation: it is named several times. Only the people's dialect uses
    it, and only on columns that can hold free text: each costs about 6 % of a COPY's time. Text that begins
    with an ASCII letter or digit is passed by two comparisons in byte order; only the rest meets the regular
    expression. It holds no ``%``, so it may stand in a statement with parameters.
    """
    bare = f'({expression_sql}) COLLATE "C"'
    return (
        f"CASE WHEN {bare} >= 'A' AND {bare} < E'\\x7f' THEN {expression_sql}"
        f" WHEN {bare} >= '0' AND {bare} < ':' THEN {expression_sql}"
        f" WHEN {expression_sql} ~ '{_FORMULA}' THEN '''' || {expression_sql}"
        f" ELSE {expression_sql} END"
    )


def guard_text(text: str) -> str:
    """The same rule for a text that no query made."""
    return f"'{text}" if _FORMULA_TEXT.match(text) else text


def csv_stream(
    copy_rows: Iterable[Message],
    columns: Sequence[FileColumn],
    dialect: Dialect,
    tally: Tally | None = None,
) -> Iterator[bytes]:
    """Yield the file in chunks of about 64 KB: mark (people's dialect only), header of keys, rows; CRLF ends.

    ``copy_rows`` are the messages of ``COPY … (FORMAT csv)``; in the people's dialect the SELECT has applied
    ``guard_sql``. When the source fails, a last row says that the file is incomplete, after how many rows and
    why, and the error is raised again, so that a download breaks off instead of ending well.
    """
    tally = tally if tally is not None else Tally()
    header = ",".join(_quoted(column.key) for column in columns).encode() + b"\r\n"
    yield BOM + header if dialect == "people" else header
    try:
        for joined, messages in batches(copy_rows, CHUNK_BYTES):
            chunk = _with_crlf(joined, messages)
            tally.rows += len(messages)
            yield chunk
    except Exception as error:  # whatever it is, the file must say so in itself; it is raised again
        yield incomplete_row(tally.rows, plain_reason(error))
        raise


def incomplete_row(rows: int, reason: str) -> bytes:
    """The last row of a file that failed half-way: one cell, which no reader can take for data."""
    noun = "row" if rows == 1 else "rows"
    text = f"# INCOMPLETE: this file stopped after {rows} {noun}: {reason}; do not use it"
    return _quoted(text).encode() + b"\r\n"


def _with_crlf(joined: bytes, messages: list[Message]) -> bytes:
    """End each row with CRLF and leave line breaks inside quoted cells as they are."""
    if joined.count(b"\n") == len(messages):
        return joined.replace(b"\n", b"\r\n")
    return b"".join(bytes(message[:-1]) + b"\r\n" for message in messages)


def _quoted(text: str) -> str:
    """Quote a header or notice by RFC 4180 where it needs it."""
    if not any(mark in text for mark in ',"\r\n'):
        return text
    return '"' + text.replace('"', '""') + '"'
