"""On track or not and why, and the range of the finish: worked out by hand from rows of BKF_002."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from smi_portal.backfill.panel.months import percent
from smi_portal.backfill.panel.verdicts import finish_range, reasons, remarks

DAY = date(2018, 12, 31)


def row(**values: Any) -> dict[str, Any]:
    base = {
        "month": "2018-12", "outstanding": 31, "accepted": 31, "sent": 40, "refused": 2, "top_refusal_code": "E1",
        "projected_finish": date(2019, 1, 28), "panel_date": date(2019, 1, 30), "on_track": True, "declared": 50,
        "declared_on": date(2018, 11, 8), "declared_late": False, "daily_allowance": 5, "lost": 0,
        "days_over_allowance": 0,
    }  # fmt: skip
    return base | values


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "finishes 2 days before the Panel date"),
        ({"outstanding": 0}, "Nothing is outstanding."),
        ({"panel_date": None}, "The Panel had set no date."),
        ({"panel_date": date(2019, 1, 28)}, "finishes on the Panel date"),
        ({"panel_date": date(2019, 1, 27)}, "finishes 1 day after the Panel date"),
        ({"projected_finish": None}, "No request was accepted in the last 28 days"),
    ],
)
def test_reasons(changes: dict[str, Any], said: str) -> None:
    (reason,) = reasons(row(**changes))
    assert said in reason


def test_remarks() -> None:
    assert remarks(row()) == []
    found = remarks(row(declared_late=True, daily_allowance=None, lost=1, days_over_allowance=3, refused=8))
    assert found == [
        "It declared late, on 8 November 2018.",
        "Its allowance was not confirmed.",
        "1 MAP ID that was there is gone.",
        "It was over its allowance on 3 days.",
        "20% of its requests were refused, most often with E1.",
    ]
    assert remarks(row(declared=None)) == ["It has not declared."]


def test_the_range_spans_the_paces() -> None:
    before = row(month="2018-11", accepted=30)
    # 28 days: 28 January; December: 31 in 31 days, 31 days more; both: 61 in 61 days, the same.
    assert finish_range(row(), before, DAY) == (date(2019, 1, 28), date(2019, 1, 31))
    slow = row(month="2018-11", accepted=0)
    assert finish_range(row(), slow, DAY) == (date(2019, 1, 28), date(2019, 3, 2))  # 31 × 61 ÷ 31 = 61 days
    assert finish_range(row(), None, DAY) == (date(2019, 1, 28), date(2019, 1, 31))
    assert finish_range(row(projected_finish=None), None, DAY) == (date(2019, 1, 31), None)
    assert finish_range(row(projected_finish=None, accepted=0), None, DAY) is None
    assert finish_range(row(outstanding=0), before, DAY) is None


def test_percent_is_half_up_and_all_of_nothing_is_done() -> None:
    assert [str(percent(*pair)) for pair in ((1, 16), (1, 3), (0, 0), (18, 18))] == [
        "6.3",
        "33.3",
        "100.0",
        "100",
    ]
