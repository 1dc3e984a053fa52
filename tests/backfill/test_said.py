"""Values as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from smi_portal.backfill.templatetags.backfill import one_word, said


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (True, "Yes"),
        (1234567, "1,234,567"),
        (Decimal("12.34"), "12.3"),
        (date(2018, 11, 1), "1 Nov 2018"),
        (datetime(2019, 2, 28, 23, tzinfo=UTC), "28 Feb 2019, 23:00 UTC"),
        ("2018-11-01", "1 Nov 2018"),
        ("2019-02-28T23:00:00Z", "28 Feb 2019, 23:00 UTC"),
        ("2018-11", "2018-11"),
        ("2018-13-45", "2018-13-45"),
        ("2018-11-01 to 2018-12-01", "2018-11-01 to 2018-12-01"),
        ("\u0662\u0660\u0661\u0668-11-01", "\u0662\u0660\u0661\u0668-11-01"),
    ],
)
def test_each_value_in_its_words(value: Any, words: str) -> None:
    assert said(value) == words


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        (date(2018, 11, 1), True),
        ("2018-11-01", True),
        ("2018-11", True),
        ("in the North", False),
        (7, False),
        (None, False),
    ],
)
def test_days_and_months_are_one_word(value: Any, is_one: bool) -> None:
    assert one_word(value) is is_one
