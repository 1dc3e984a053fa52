"""The table of bad input: each has its sentence."""

from datetime import date

import pytest

from smi_portal.backfill.allowances import Grant
from smi_portal.backfill.rules import Count, allowance_problems, declaration_problems

COUNT = Count(in_scope=100, outstanding=60)
FIRST, LAST = date(2018, 11, 19), date(2019, 4, 30)
STARTED = date(2018, 11, 1)


@pytest.mark.parametrize(
    ("figure", "shown", "reason", "standing", "said"),
    [
        (60, 60, "", None, []),
        (0, 60, "", None, ["Say why it differs"]),
        (0, 60, "All were done this morning", None, []),
        (61, 60, "", None, ["Say why it differs"]),
        (101, 60, "more", None, ["100 or fewer"]),
        (60, 59, "", None, ["was 59 and is now 60"]),
        (60, 60, "", 60, ["already declared 60"]),
        (60, 60, "again", 60, ["already declared 60"]),
        (61, 60, "", 60, ["Say why it changes"]),
        (61, 60, "found one", 60, []),
        (60, 60, "", 61, ["Say why it changes"]),
    ],
)
def test_declarations(figure: int, shown: int, reason: str, standing: int | None, said: list[str]) -> None:
    found = [problem.sentence for problem in declaration_problems(figure, COUNT, shown, reason, standing)]
    assert len(found) == len(said), found
    assert all(words in sentence for words, sentence in zip(said, found, strict=True))


@pytest.mark.parametrize(
    ("grant", "capacity", "said"),
    [
        (Grant(1, 40, FIRST, LAST), 100, None),
        (Grant(1, 0, FIRST, LAST), 100, "zero"),
        (Grant(1, 101, FIRST, LAST), 100, "above the whole daily capacity of 100"),
        (Grant(1, 41, FIRST, LAST), 100, "1 above the daily capacity"),
        (Grant(1, 41, FIRST, date(2018, 12, 31)), 100, None),  # the other begins on 1 January
        (Grant(1, 40, LAST, FIRST), 100, "ends before it starts"),
        (Grant(1, 40, FIRST, FIRST), 100, None),
        (Grant(1, 40, date(2018, 10, 31), LAST), 100, "before implementation"),
        (Grant(1, 40, FIRST, LAST), None, "has not been set"),
    ],
)
def test_allowances(grant: Grant, capacity: int | None, said: str | None) -> None:
    others = [Grant(2, 60, date(2019, 1, 1), LAST)]
    found = allowance_problems(grant, others, capacity, STARTED)
    assert [said in problem.sentence for problem in found] == ([True] if said else [])
