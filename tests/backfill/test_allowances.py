"""Sharing a daily capacity: never more than there is, fair, and nobody forgotten."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from smi_portal.backfill.allowances import Grant, allowed_on, peak, propose

NEEDS = st.dictionaries(st.integers(1, 40), st.integers(0, 5000), max_size=15)
START = date(2018, 11, 19)


@given(NEEDS, st.integers(0, 8000))
def test_the_sum_is_the_capacity_or_all_that_is_needed(needs: dict[int, int], capacity: int) -> None:
    shares = propose(needs, capacity)
    assert shares.keys() == needs.keys()
    assert sum(shares.values()) == min(capacity, sum(needs.values()))
    assert all(0 <= shares[user] <= needs[user] for user in needs)


@given(NEEDS, st.integers(0, 8000))
def test_it_is_fair_by_what_is_outstanding(needs: dict[int, int], capacity: int) -> None:
    shares = propose(needs, capacity)
    by_need = sorted(needs, key=lambda user: needs[user])
    assert [shares[user] for user in by_need if needs[user]] == sorted(
        shares[user] for user in by_need if needs[user]
    ) or _differ_by_one_for_equal_needs(needs, shares)
    if capacity >= sum(needs.values()) or not sum(needs.values()):
        return
    rounded_up = sum(Fraction(capacity * need, sum(needs.values())) < 1 for need in needs.values() if need)
    for user, need in needs.items():
        exact = Fraction(capacity * need, sum(needs.values()))
        assert abs(shares[user] - exact) <= 1 + rounded_up


def _differ_by_one_for_equal_needs(needs: dict[int, int], shares: dict[int, int]) -> bool:
    return all(shares[more] >= shares[less] for more in needs for less in needs if needs[more] > needs[less])


@given(NEEDS, st.integers(0, 8000))
def test_whoever_needs_something_gets_some_while_it_lasts(needs: dict[int, int], capacity: int) -> None:
    shares = propose(needs, capacity)
    needy = [user for user, need in needs.items() if need]
    if capacity >= len(needy):
        assert all(shares[user] >= 1 for user in needy)


def test_an_example_worked_out_by_hand() -> None:
    assert propose({1: 50, 2: 30, 3: 20}, 7) == {
        1: 4,
        2: 2,
        3: 1,
    }  # 3.5, 2.1, 1.4: the largest remainder is 1's
    assert propose({1: 999, 2: 1}, 10) == {1: 9, 2: 1}
    assert propose({1: 3, 2: 4}, 100) == {1: 3, 2: 4}


GRANTS = st.lists(
    st.builds(
        lambda user, n, start, length: Grant(
            user, n, START + timedelta(days=start), START + timedelta(days=start + length)
        ),
        st.integers(1, 9),
        st.integers(1, 50),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    max_size=8,
)


@given(GRANTS)
def test_the_peak_is_the_worst_day(grants: list[Grant]) -> None:
    sums = {day: allowed_on(grants, START + timedelta(days=day)) for day in range(62)}
    worst = max(sums.values())
    most, when = peak(grants)
    assert most == worst
    if worst:
        assert when == START + timedelta(days=min(day for day, n in sums.items() if n == worst))
    else:
        assert when is None
