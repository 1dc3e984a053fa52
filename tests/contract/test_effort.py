"""The number of queries depends on the question's form, not on how many rows answer it."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from smi_portal.accounts.models import viewer_for
from smi_portal.inventory.models import Organisation
from tests.contract.cases import CASES, Case
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db


def queries(case: Case, query: str, file: str = "") -> int:
    """How many statements one page or file takes, with nothing kept from before."""
    client = signed_in(case.organisation)
    cache.clear()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(case.address(query, file))
        if response.streaming:
            b"".join(response.streaming_content)
    assert response.status_code == 200
    return len(captured)


def releases(code: str) -> int:
    """How many statements it takes to know what has been released to the organisation: none but for a MAP."""
    organisation = Organisation.objects.get(organisation=code)
    with CaptureQueriesContext(connection) as captured:
        viewer_for(organisation)
    return len(captured)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_more_rows_take_no_more_queries(case: Case) -> None:
    # Its whole history holds far more rows than its first day, and 250 rows show more than 25.
    many, few = queries(case, "rows=250"), queries(case, "rows=25")
    assert many == few
    # A page of a list also finds the list, for the rows, the counts and each chart.
    assert many <= (40 if case.report.code == "LIST_001" else 25) + releases(case.organisation)
    assert queries(case, "", "download.csv") == queries(case, "as_at=2018-11-01", "download.csv")


@pytest.mark.parametrize("code", ["MAP_001", "RSMI_001", "RSMI_006", "RSMI_007"])
def test_many_viewers_rows_take_as_many_queries_as_few(code: str) -> None:
    dcc, map_one = (
        next(c for c in CASES if c.report.code == code and c.organisation == o) for o in ("DCC", "M1")
    )
    assert len(dcc.rows()) > len(map_one.rows())
    assert queries(dcc, "rows=250") + releases("M1") == queries(map_one, "rows=250")
