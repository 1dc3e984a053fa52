"""A CSV of intended changes: each line by itself, and what is refused as a whole."""

from __future__ import annotations

import pytest

from smi_portal.preflight.readers.limits import Limits
from smi_portal.preflight.requests import Change, Request, Verdict

from .documents import CSV, one, read


def test_lines_of_a_csv() -> None:
    found = read(
        b"\xef\xbb\xbf" + CSV + b"00:db:12:34:56:78:90:a0;MAPA;;;r1\n\n00DB1234567890A0;;1000000000012;;\n"
        b"00DB1234567890A0;;;Pending;\n00DB1234567890A0;;;;\n"
    )
    assert [getattr(item, "change", None) for item in found] == [
        Change.DETAILS,
        Change.MPXN,
        Change.STATUS,
        Change.NOTHING,
    ]
    assert [item.place.line for item in found] == [2, 4, 5, 6]
    assert found[0].request_id == "r1"
    pasted = one(b"device_id\tservice_reference_variant\tdevice_type\tmanufacturer\tmodel\tmap_id\n"
                 b"00DB1234567890A0\t12.2\tGSME\tFen\tF1\t\n")  # fmt: skip
    assert (pasted.variant, pasted.product.device_type, pasted.map_id) == ("12.2", "GSME", None)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"1.2E+12;;;;", "spreadsheet"),
        (b"00DB12;;;;", "not an EUI-64"),
        (b";MAPA;;;", "no Device ID"),
        (b"00DB1234567890A0;;1,2E+12;;", "spreadsheet"),
        (b"00DB1234567890A0;MAPA;1000000000012;;", "several changes"),
        (b"00DB1234567890A0;;;Exploded;", "not a device status"),
        (b"00DB1234567890A0;MAPA;;;;extra", "more cells"),
        (b"Device ID;MAP ID;Import MPxN;status;Request_ID", "names of columns again"),
    ],
)
def test_a_bad_line_does_not_spoil_the_others(line: bytes, says: str) -> None:
    first, second = read(CSV + line + b"\n00DB1234567890A0;MAPA;;;\n")
    assert isinstance(first, Verdict)
    assert says in (first.reason or "")
    assert isinstance(second, Request)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a,b\n1,2\n", "no column device_id"),
        (b"My changes,,\n\nof May\ndevice_id,map_id\n", "but 3 below it"),
        (b"device_id,colour\n1,2\n", "'colour' is not known"),
        (b"device_id,map_id,MAP ID\n1,2,3\n", "twice"),
        (b"device_id\n", "no lines"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
        (b'device_id\n"' + b"x" * 100_000, "not CSV"),
        (b"device_id\n" + b"00DB1234567890A0\n" * 6, "more than 5"),
    ],
)
def test_a_csv_that_is_refused_as_a_whole(content: bytes, says: str) -> None:
    found = [item for item in read(content, Limits(requests=5)) if isinstance(item, Verdict)]
    assert says in (found[-1].reason or "")
