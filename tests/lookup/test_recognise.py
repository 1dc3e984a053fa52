"""What a text could identify, and the sentence when it can identify nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smi_portal.inventory.identifiers import mpan_check_digit, mprn_check_digits
from smi_portal.lookup.recognise import Kind, address_in, possible, recognise

HEX = st.text("0123456789ABCDEF", min_size=16, max_size=16)


@given(
    HEX, st.sampled_from(["", "-", ":", " "]), st.booleans(), st.sampled_from(["", " ", "\t", "\u00a0", '"'])
)
def test_a_device_id_is_one_however_it_is_written(
    digits: str, between: str, lower: bool, around: str
) -> None:
    pairs = [digits[at : at + 2] for at in range(0, 16, 2)]
    written = between.join(pairs)
    found = recognise(around + (written.lower() if lower else written) + around)
    if digits.isdigit() and between == "":
        assert found.kind is Kind.DEVICE
    assert (found.kind, found.value, found.why) == (Kind.DEVICE, "-".join(pairs), "")


@given(st.text("0123456789", min_size=12, max_size=12))
def test_an_mpan_with_its_check_digit_is_sound_and_with_another_is_doubted(body: str) -> None:
    right = mpan_check_digit(body)
    assert recognise(body + right).why == ""
    wrong = recognise(body + str((int(right) + 1) % 10))
    assert wrong.kind is Kind.MPXN
    assert f"end in {right}" in wrong.why


@given(st.text("0123456789", min_size=1, max_size=8))
def test_an_mprn_likewise(body: str) -> None:
    right = mprn_check_digits(body)
    assert recognise(body + right).why == ""
    assert f"end in {right}" in recognise(body + f"{(int(right) + 1) % 100:02d}").why


@given(st.text(max_size=120), st.sampled_from([None, *(kind for kind in Kind if kind is not Kind.NOTHING)]))
def test_no_text_is_too_odd(text: str, wanted: Kind | None) -> None:
    found = recognise(text, wanted)
    assert "\x00" not in found.value
    assert bool(found.value) == (found.kind is not Kind.NOTHING) or found.kind is Kind.UPRN
    for each in possible(text):
        assert each.kind is not Kind.NOTHING
    address_in(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1.2E+12", "rounded number"),
        ("2,01235E+12", "rounded number"),
        ("1E+13", "rounded number"),
        ("12345678901234", "It has 14 digits"),
        ("00-DB-12-34-56-78-90", "A Device ID has 16 hexadecimal digits"),
        ("12", "It has 2 digits"),
        ("hello world", "neither"),
        ("x" * 101, "longer than any identifier"),
        ("12\x0034", "control characters"),
    ],
)
def test_malformed_says_why(text: str, sentence: str) -> None:
    found = recognise(text)
    assert found.kind is Kind.NOTHING
    assert sentence in found.why


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1000 0000 0001 2", Kind.MPXN, "1000000000012"),
        ("2012345678906.0", Kind.MPXN, "2012345678906"),
        ("'1234567810", Kind.MPXN, "1234567810"),
        ("100023336956", Kind.UPRN, "100023336956"),
        ("sn18e000000042", Kind.SERIAL, "SN18E000000042"),
    ],
)
def test_what_is_taken_for_what(text: str, kind: Kind, value: str) -> None:
    found = recognise(text)
    assert (found.kind, found.value) == (kind, value)


def test_an_empty_text_is_nothing_without_a_reason() -> None:
    assert recognise(" \t") == recognise("")
    assert recognise("").why == ""


@pytest.mark.parametrize("text", ["12, zz1 1zz", "ZZ1 1ZZ 12", "12 zz11zz", "12,ZZ1  1ZZ"])
def test_a_postcode_with_its_house(text: str) -> None:
    assert address_in(text) == ("ZZ1 1ZZ", "12")


def test_a_postcode_alone_is_no_address() -> None:
    assert address_in("ZZ1 1ZZ") is None
