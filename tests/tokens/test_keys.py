"""A token's form: random, recognisable, checkable, and stored as a hash only."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smi_portal.tokens import keys


def test_tokens_are_recognised_and_all_different() -> None:
    made = {keys.make() for _ in range(500)}
    assert len(made) == 500
    assert all(keys.is_well_formed(text) and text.startswith("smi_") and len(text) == 50 for text in made)
    assert {len(keys.digest(text)) for text in made} == {64}
    assert len({keys.digest(text) for text in made}) == 500
    # Each letter of the random part varies.
    assert all(len({text[place] for text in made}) > 40 for place in range(4, 44))


@given(place=st.integers(0, 49), letter=st.characters(codec="utf-8"))
def test_one_wrong_letter_is_noticed(place: int, letter: str) -> None:
    text = keys.make()
    broken = text[:place] + letter + text[place + 1 :]
    assert keys.is_well_formed(broken) == (broken == text)


@given(st.text(max_size=80))
def test_other_texts_are_none(text: str) -> None:
    assert not keys.is_well_formed(text)
