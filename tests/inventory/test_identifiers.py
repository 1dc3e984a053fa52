"""Device IDs, MPANs and MPRNs: the published examples, and properties of their check digits."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smi_portal.inventory import identifiers
from smi_portal.inventory.identifiers import (
    is_valid_mpan,
    is_valid_mprn,
    mpan_check_digit,
    mprn_check_digits,
    normalise_device_id,
)

DIGITS = "0123456789"
BODIES_12 = st.text(DIGITS, min_size=12, max_size=12)
BODIES_8 = st.text(DIGITS, min_size=1, max_size=8)
PRIMES = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)


def test_the_examples_in_the_docstrings_hold():
    result = doctest.testmod(identifiers)
    assert result.attempted >= 8
    assert result.failed == 0


@pytest.mark.parametrize("mpan", ["1000000000012", "2012345678906", "1200000000030"])
def test_published_mpans_are_valid(mpan):
    assert is_valid_mpan(mpan)


@pytest.mark.parametrize("mprn", ["1234567810", "123409", "3938424403"])
def test_published_mprns_are_valid(mprn):
    assert is_valid_mprn(mprn)


@pytest.mark.parametrize(
    "text", ["", "1", "100000000001", "10000000000120", "100000000001X", " 1000000000012", "¹" * 13]
)
def test_what_is_no_mpan_is_invalid(text):
    assert not is_valid_mpan(text)


@pytest.mark.parametrize("text", ["", "0", "09", "12345678100", "12345678-0", "123409 ", "٣٩٣٨٤٢٤٤٠٣"])
def test_what_is_no_mprn_is_invalid(text):
    assert not is_valid_mprn(text)


@given(BODIES_12)
def test_a_body_with_its_own_check_digit_is_valid_and_with_any_other_is_not(body):
    right = mpan_check_digit(body)
    assert right == str(sum(int(d) * p for d, p in zip(body, PRIMES, strict=True)) % 11 % 10)
    assert [digit for digit in DIGITS if is_valid_mpan(body + digit)] == [right]


@given(BODIES_8)
def test_exactly_one_pair_of_check_digits_suits_an_mprn(body):
    right = mprn_check_digits(body)
    assert int(right) <= 10
    assert [f"{n:02d}" for n in range(100) if is_valid_mprn(f"{body}{n:02d}")] == [right]


@given(BODIES_8, st.data())
def test_one_wrong_digit_of_an_mprn_is_always_noticed(body, data):
    # Every weight is below 11, a prime, so that no single change can cancel out.
    at = data.draw(st.integers(0, len(body) - 1))
    digit = data.draw(st.sampled_from(DIGITS).filter(lambda found: found != body[at]))
    assert not is_valid_mprn(body[:at] + digit + body[at + 1 :] + mprn_check_digits(body))


@pytest.mark.parametrize("body", ["", "12345678901", "1234567890123", "12345678901a"])
def test_a_body_of_another_length_has_no_mpan_check_digit(body):
    with pytest.raises(ValueError, match="12 digits"):
        mpan_check_digit(body)


@pytest.mark.parametrize("body", ["", "123456789", "12 4"])
def test_a_body_of_another_length_has_no_mprn_check_digits(body):
    with pytest.raises(ValueError, match="1 to 8 digits"):
        mprn_check_digits(body)


@given(
    st.binary(min_size=8, max_size=8),
    st.sampled_from(["-", ":", ""]),
    st.booleans(),
    st.sampled_from(["", " ", "\t"]),
)
def test_every_spelling_of_a_device_id_leads_to_one(eui, separator, is_upper, blank):
    stored = eui.hex("-").upper()
    text = eui.hex(separator) if separator else eui.hex()
    spelled = blank + (text.upper() if is_upper else text) + blank
    assert normalise_device_id(spelled) == stored
    assert normalise_device_id(stored) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00-DB-12-34-56-78-90",
        "00-DB-12-34-56-78-90-A0-00",
        "00-DB-12-34-56-78-90-AG",
        "00-DB:12-34-56-78-90-A0",
        "00DB-1234-5678-90A0",
        "0-0DB-12-34-56-78-90-A0",
        "00DB1234567890A",
        "00 DB 12 34 56 78 90 A0",
        "００-DB-12-34-56-78-90-A0",
    ],
)
def test_a_malformed_device_id_has_no_stored_form(text):
    assert normalise_device_id(text) is None
