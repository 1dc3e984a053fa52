"""The demo's identifiers are well-formed and never repeat, computed from a premise's number alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smi_portal.inventory.demo.keys import MAX_PREMISES, MPXNS, SLOTS, Keys, postcode
from smi_portal.inventory.identifiers import is_valid_mpan, is_valid_mprn, normalise_device_id

PREMISES = st.integers(0, MAX_PREMISES - 1)
SEEDS = st.integers(0, 2**32)


@given(SEEDS, st.lists(st.tuples(PREMISES, st.integers(0, SLOTS - 1)), min_size=2, unique=True))
def test_device_ids_are_well_formed_and_unique(seed, places):
    keys = Keys(seed)
    found = [keys.device(premise, slot, maker=slot % 5) for premise, slot in places]
    assert len(set(found)) == len(found)
    assert [normalise_device_id(device) for device in found] == found


@given(SEEDS, st.lists(st.tuples(PREMISES, st.integers(0, MPXNS - 1)), min_size=2, unique=True))
def test_mpxns_are_unique(seed, places):
    keys = Keys(seed)
    for make in (keys.mpan, keys.mprn):
        assert len({make(premise, slot) for premise, slot in places}) == len(places)


@pytest.mark.parametrize("seed", [0, 7, 123_456_789])
def test_identifiers_of_neighbouring_premises_never_collide(seed):
    keys, premises = Keys(seed), range(20_000)
    for make in (keys.mpan, keys.mprn, keys.uprn, lambda premise: keys.device(premise, 0, 0)):
        assert len({make(premise) for premise in premises}) == len(premises)


@given(SEEDS, PREMISES, st.integers(0, MPXNS - 1))
def test_check_digits_are_wrong_exactly_where_planned(seed, premise, slot):
    keys = Keys(seed)
    mpan, mprn = keys.mpan(premise, slot), keys.mprn(premise, slot)
    assert (len(mpan), len(mprn)) == (13, 10)
    assert is_valid_mpan(mpan) == is_valid_mprn(mprn) == (not keys.is_misread(premise * MPXNS + slot))


def test_about_three_in_a_thousand_check_digits_are_wrong():
    keys = Keys(7)
    wrong = sum(not is_valid_mpan(keys.mpan(premise)) for premise in range(10_000))
    assert 20 <= wrong <= 40


@given(PREMISES)
def test_postcodes_lie_in_an_area_that_does_not_exist(premise):
    outward, inward = postcode(premise).split(" ")
    assert outward.startswith("ZZ")
    assert 1 <= int(outward[2:]) <= 99
    assert inward[0].isdigit()
    assert inward[1:].isalpha()
    assert inward[1:].isupper()
