"""Parquet from ``COPY (SELECT …) TO STDOUT (FORMAT csv)``: typed columns, row group by row group, memory flat.

Arrow's own CSV reader makes the columns of each row group, so no value passes through Python. Types: text is string,
date and month (its first day) are date32, integer is int64, decimal is decimal128(38, 4), boolean is bool; no value
is null, and an empty text is an empty text. The columns' titles and definitions, and what the file is, stand in the
schema's metadata. Arrow takes some 40 MB, so it is imported when a Parquet file is first made.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reports.engine.files.columns import FileColumn, Message, Tally

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows of a group: large enough to pack well, small enough to hold (some 10 MB of text).
GROUP_ROWS = 65_536
GROUP_BYTES = 16_000_000


def parquet_stream(
    copy_rows: Iterable[Message],
    columns: Sequence[FileColumn],
    envelope: Mapping[str, object],
    tally: Tally | None = None,
    group_rows: int = GROUP_ROWS,
) -> Iterator[bytes]:
    """Yield the file's bytes. ``envelope`` says what the file is, ready for JSON.

    An error of the source passes through; without the footer, which is written last, no reader accepts the file.
    Raises what Arrow raises when a value is not of its column's type: a file never guesses.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    tally = tally if tally is not None else Tally()
    sink = _Sink()
    made = _Groups(columns, envelope)
    with pq.ParquetWriter(
        pa.PythonFile(sink, mode="w"), made.schema, compression="zstd", compression_level=1
    ) as file:
        yield sink.taken()
        for rows, text in _groups(copy_rows, group_rows):
            file.write_table(made.table(text), row_group_size=group_rows)
            tally.rows += rows
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """A file to Arrow; what it has written can be taken away."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._place = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._parts.append(piece)
        self._place += len(piece)
        return len(piece)

    def taken(self) -> bytes:
        """What has been written since it was last asked."""
        whole = b"".join(self._parts)
        self._parts.clear()
        return whole


class _Groups:
    """Makes Arrow tables of CSV text."""

    def __init__(self, columns: Sequence[FileColumn], envelope: Mapping[str, object]) -> None:
        import pyarrow as pa
        from pyarrow import csv

        self._months = [n for n, column in enumerate(columns) if column.kind == "month"]
        types = {
            "text": pa.string(),
            "date": pa.date32(),
            "month": pa.date32(),
            "integer": pa.int64(),
            "decimal": pa.decimal128(38, 4),
            "boolean": pa.bool_(),
        }
        told = {"title", "help"}
        fields = [
            pa.field(
                column.key,
                types[column.kind],
                metadata={name: getattr(column, name) for name in sorted(told)},
            )
            for column in columns
        ]
        self.schema: pa.Schema = pa.schema(
            fields, metadata={"smi": json.dumps(dict(envelope), ensure_ascii=False)}
        )
        read = {
            column.key: pa.string() if column.kind == "month" else types[column.kind] for column in columns
        }
        self._read = csv.ReadOptions(column_names=list(read), use_threads=False, block_size=1 << 22)
        self._parse = csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
        self._convert = csv.ConvertOptions(
            column_types=read,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["true", "t"],
            false_values=["false", "f"],
        )

    def table(self, text: bytes) -> pa.Table:
        """The rows of a group, typed."""
        import pyarrow as pa
        import pyarrow.compute as pc
        from pyarrow import csv

        found = csv.read_csv(
            pa.BufferReader(text),
            read_options=self._read,
            parse_options=self._parse,
            convert_options=self._convert,
        )
        for place in self._months:
            days = pc.binary_join_element_wise(pc.utf8_slice_codeunits(found.column(place), 0, 7), "01", "-")
            found = found.set_column(place, self.schema.field(place), pc.cast(days, pa.date32()))
        return found.cast(self.schema)


def _groups(copy_rows: Iterable[Message], most: int) -> Iterator[tuple[int, bytes]]:
    """Rows gathered to groups: how many, and their text."""
    waiting: list[Message] = []
    size = 0
    for message in copy_rows:
        waiting.append(message)
        size += len(message)
        if len(waiting) >= most or size >= GROUP_BYTES:
            yield len(waiting), b"".join(waiting)
            waiting.clear()
            size = 0
    if waiting:
        yield len(waiting), b"".join(waiting)
