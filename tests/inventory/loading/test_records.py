"""CSV bytes: what is read is what Python's csv module reads, lines are counted truly, oddities are named."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smi_portal.inventory.loading import records as module
from smi_portal.inventory.loading.errors import LoadRefused
from smi_portal.inventory.loading.records import Records


def in_pieces(data: bytes, size: int) -> Callable[[int], bytes]:
    """A read function that gives `size` bytes at a time."""
    stream = io.BytesIO(data)
    return lambda _wanted: stream.read(size)


def read(data: bytes, size: int = 1 << 20, limit: int = 10) -> tuple[Records, list[list[str]]]:
    """Read everything; the rows as the csv module understands the clean blocks."""
    found = Records(in_pieces(data, size), "f.csv", limit)
    clean = b"".join(found).decode()
    return found, list(csv.reader(io.StringIO(clean, newline="")))


cells = st.text(st.sampled_from('ab,"\n\r é\\.'), max_size=6)
tables = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=8)
)


@given(tables, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.integers(1, 40), st.booleans())
def test_rows_and_lines_are_those_of_the_csv_module(
    rows: list[list[str]], end: str, quote_all: bool, size: int, last_end: bool
) -> None:
    width = len(rows[0]) if rows else 2
    # Python 3.11's writer leaves a lone carriage return without quotes; RFC 4180 does not.
    quote_all = quote_all or any("\r" in cell for cells in rows for cell in cells)
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator=end, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    writer.writerow([f"c{number}" for number in range(width)])
    starts = []
    for cells in rows:
        starts.append(target.getvalue().count("\n") + 1)
        writer.writerow(cells)
    text = target.getvalue() if last_end else target.getvalue().removesuffix(end)
    found, read_rows = read(text.encode(), size)
    assert read_rows == rows
    assert not found.bad
    assert [found.lines.line(number) for number in range(1, found.rows + 1)] == starts


@given(st.binary(max_size=60), st.integers(1, 30))
def test_any_bytes_are_read_or_refused(data: bytes, size: int) -> None:
    refused = None
    try:
        found, rows = read(b"a,b\n" + data, size, limit=100)
    except LoadRefused as error:
        refused = error
    if refused:
        assert refused.rejects[0].line
        return
    assert len(rows) == found.rows
    assert all(len(cells) == 2 for cells in rows)


ODD = [
    (b"a,b\n1\n2,3\n", (2, "b", "1", "short_row")),
    (b"a,b\n1,2\n\n2,3\n", (3, "b", "", "short_row")),
    (b"a,b\n1,2,3\n", (2, "cell 3", "3", "long_row")),
    (b'a,b\n"x\ny",1\n1,2,3\n', (4, "cell 3", "3", "long_row")),
    (b"a,b\n1,2\n1,\xff\n", (3, "b", "\\xff", "encoding")),
    (b"a,b\n1,2\n\x00,3\n", (3, "a", "\x00", "nul")),
    (b'a,b\n1,"\xe9\n"\n', (2, "b", "\\xe9\n", "encoding")),
    (b"a,b\n1,x\ry\n", (2, "b", "x\ry", "line_ending")),
    (b"a,b\n1,2\n" + b"x" * 1_000_001 + b",3\n", (3, "a", "x" * 200 + "…", "too_long")),
]


@pytest.mark.parametrize(("data", "expected"), ODD, ids=[expected[3] for _, expected in ODD])
@pytest.mark.parametrize("size", [7, 1 << 20])
def test_a_bad_record_is_kept_back_and_the_rest_goes_on(
    data: bytes, expected: tuple[int, str, str, str], size: int
) -> None:
    if len(data) > 1_000_000 and size == 7:
        size = 300_000
    found, rows = read(data + b"8,9\n", size)
    (reject,) = found.bad
    assert (reject.line, reject.column, reject.value, reject.rule) == expected
    assert rows[-1] == ["8", "9"]
    assert found.bad_count == 1
    assert found.lines.line(found.rows) == data.count(b"\n") + 1


BROKEN = [
    (b"", (None, "", "", "file_empty")),
    (b"\xef\xbb\xbf", (None, "", "", "file_empty")),
    (b'a,b\n1,2\n3,x"y\n', (3, "b", 'x"y', "quoting")),
    (b'a,b\n1,2\n3,"x"y\n', (3, "b", '"x"y', "quoting")),
    (b'a,b\n1,2\n3,"xy\n4,5\n', (3, "b", '"xy', "unclosed_quote")),
    (b'a,b\n1,2\n3,"' + b"x\n" * 3_000_000, (3, "b", '"x', "unclosed_quote")),
    (b"a,b\n1,2\n3," + b"x" * 6_000_000, (3, "b", "x" * 200 + "…", "too_long")),
    (b'a,"b\n1,2\n', (1, "", 'a,"b\n1,2\n', "unclosed_quote")),
    (b"a,\xff\n1,2\n", (1, "", "a,\\xff\n", "encoding")),
]


@pytest.mark.parametrize(("data", "expected"), BROKEN)
def test_a_file_without_sound_records_is_refused(
    data: bytes, expected: tuple[int | None, str, str, str]
) -> None:
    with pytest.raises(LoadRefused) as caught:
        read(data)
    (reject,) = caught.value.rejects
    assert (reject.line, reject.column, reject.value, reject.rule) == expected


def test_the_listing_stops_at_the_limit_and_the_count_does_not() -> None:
    found, _rows = read(b"a,b\n" + b"1\n" * 50, limit=3)
    assert (len(found.bad), found.bad_count) == (3, 50)


def test_a_file_of_good_rows_is_never_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick road must stay the road: quoted cells and CRLF are on it, too."""

    def unexpected(*_: object) -> None:
        raise AssertionError("read record by record")

    monkeypatch.setattr(module.Records, "_one_by_one", unexpected)
    _found, rows = read(b'a,b\r\n"x, y",1\r\n"say ""hi""",2\r\n' * 10, 1 << 20)
    assert len(rows) == 29
