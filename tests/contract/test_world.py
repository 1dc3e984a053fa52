"""The other tests of this folder prove nothing where nobody has rows: so the world must have them."""

from __future__ import annotations

import pytest

from tests.contract.cases import CASES, WIDEST, Case

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("case", CASES, ids=str)
def test_everyone_has_rows(case: Case) -> None:
    assert case.rows()


@pytest.mark.parametrize("case", WIDEST, ids=str)
def test_there_are_several_pages(case: Case) -> None:
    """Of 25 rows; the backfill's progress has a row a User and month only."""
    assert len(case.rows()) > 25 or case.report.code.startswith("BKF")
