"""JSON from ``COPY (SELECT …) TO STDOUT (FORMAT text)``: one object, its rows streamed in flat memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from reports.engine.files.columns import FileColumn, Kind, Message, Tally
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

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_TRUTH = {"t": "true", "true": "true", "f": "false", "false": "false"}
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def json_stream(
    copy_rows: Iterable[Message],
    columns: Sequence[FileColumn],
    envelope: Mapping[str, object],
    tally: Tally | None = None,
) -> Iterator[bytes]:
    """Yield ``{…envelope…, "rows": [{key: value, …}, …], "row_count": N}``.

    Dates are ISO text, integers and decimals numbers as PostgreSQL writes them, booleans true or false, no
    value is null; a number that JSON cannot say (NaN, Infinity) is text. ``envelope`` must be ready for JSON
    and have neither of the two keys. An error of the source passes through and leaves a text without its end,
    which no parser accepts.
    """
    if taken := {"rows", "row_count"} & envelope.keys():
        raise ValueError(f"The envelope may not hold {', '.join(sorted(taken))}.")
    return _parts(copy_rows, columns, _encode(dict(envelope)), tally if tally is not None else Tally())


def _parts(
    copy_rows: Iterable[Message], columns: Sequence[FileColumn], envelope: str, tally: Tally
) -> Iterator[bytes]:
    opening = envelope[:-1] + (", " if len(envelope) > 2 else "") + '"rows": ['
    yield opening.encode()
    renderer = _RowRenderer(columns)
    separator = "\n"
    for joined, messages in batches(copy_rows):
        text = separator + renderer(joined, messages)
        tally.rows += len(messages)
        yield text.encode()
        separator = ",\n"
    yield f'\n], "row_count": {tally.rows}}}\n'.encode()


class _RowRenderer:
    """Makes JSON objects of a batch of rows: of plain rows all at once, of others text by text."""

    def __init__(self, columns: Sequence[FileColumn]) -> None:
        self._width = len(columns)
        self._texts = [n for n, column in enumerate(columns) if column.kind == "text"]
        caches = {
            kind: CellCache(partial(_typed_value, kind)) for kind in {column.kind for column in columns}
        }
        self._typed = [(n, caches[column.kind]) for n, column in enumerate(columns) if column.kind != "text"]
        keys = [_encode(column.key) + ":" for column in columns]
        self._ready = RowTemplate(self._literals(keys, quote=""))
        self._plain = RowTemplate(self._literals(keys, quote='"'))

    def _literals(self, keys: list[str], quote: str) -> list[str]:
        """What stands around the cells; ``quote`` is put around those that are text."""
        quotes = [quote if n in self._texts else "" for n in range(self._width)]
        inner = [f"{end},{key}{start}" for end, key, start in zip(quotes, keys[1:], quotes[1:], strict=False)]
        return ["{" + keys[0] + quotes[0], *inner, quotes[-1] + "},\n"]

    def __call__(self, joined: bytes, messages: list[Message]) -> str:
        parts = (
            self._plain_rows(run, rows) if plain else self._odd_rows(run, rows)
            for plain, run, rows in runs(joined, messages, is_plain)
        )
        return "".join(parts).removesuffix(",\n")

    def _plain_rows(self, joined: bytes, rows: int) -> str:
        cells = split_cells(joined.replace(b'"', b'\\"'), rows, self._width)
        self._fill_typed(cells)
        # A quotation mark in the data has a backslash before it, so that only a whole cell can match.
        return self._plain.fill(cells, rows).replace(f':"{NULL}"', ":null")

    def _odd_rows(self, joined: bytes, rows: int) -> str:
        cells = split_cells(joined, rows, self._width)
        self._fill_typed(cells)
        for column in self._texts:
            cells[column :: self._width] = map(_text_value, cells[column :: self._width])
        return self._ready.fill(cells, rows)

    def _fill_typed(self, cells: list[str]) -> None:
        for column, cache in self._typed:
            cells[column :: self._width] = map(cache.__getitem__, cells[column :: self._width])


def _text_value(cell: str) -> str:
    return "null" if cell == NULL else _encode(unescape(cell))


def _typed_value(kind: Kind, cell: str) -> str:
    if cell == NULL:
        return "null"
    if kind in ("integer", "decimal") and _NUMBER.fullmatch(cell):
        return cell
    if kind == "boolean" and cell in _TRUTH:
        return _TRUTH[cell]
    return _encode(unescape(cell))
