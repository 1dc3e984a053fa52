"""How often each offered value occurs: in the viewer's own rows of that day, and in nobody else's."""

from __future__ import annotations

from collections import Counter

import pytest

from reports.engine.inputs import Choice, Contains
from reports.engine.options import options_for
from smi_portal.access.scope import scope
from tests.contract.cases import CASES, Case
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("case", CASES, ids=str)
def test_counts_are_of_the_viewers_rows(case: Case) -> None:
    records, ask = case.records(), case.ask()
    with scope(ask.viewer):
        offered = options_for(ask)
    unshown = {column.key for column in case.report.unshown}
    for item in case.report.inputs_for(case.viewer):
        if isinstance(item, Choice) and item.column not in unshown:
            values = [row[item.column] for row in records if row[item.column]]
            if isinstance(item, Contains):
                values = [part for value in values for part in value.split(";")]
            assert dict(offered[item.column]) == Counter(values), item.column


@pytest.mark.parametrize("organisation", ["M1", "M2", "DCC"])
def test_the_page_shows_them(organisation: str) -> None:
    case = next(case for case in CASES if str(case) == f"MAP_001-{organisation}")
    text = signed_in(organisation).get("/reports/MAP_001/?device_status=NoSuch").content.decode()
    for value, number in Counter(row["device_status"] for row in case.records()).items():
        place = text.index(f'name="device_status" value="{value}"')
        said = text[text.index("tick__rows", place) :].split(">")[1].split("<")[0]
        assert said == f"{number:,}"
    given = text[text.index('name="device_status" value="NoSuch"') :].split("</div>")[0]
    assert "tick__rows" not in given  # what was typed in is kept, and no number is invented for it
