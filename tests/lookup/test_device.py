"""A device's page tells what its viewer saw, and of nobody else's days."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.lookup.test_find import NOBODYS, home_with, mask, own
from tests.support.people import signed_in
from tests.support.world import device_id

pytestmark = pytest.mark.usefixtures("loaded")


def page(organisation: str, device: str, **given: str) -> tuple[int, str]:
    answer = signed_in(organisation).get(f"/devices/{device}/", given)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("organisation", ["M1", "M2", "S1", "DCC"])
def test_it_shows_the_device_its_home_its_timeline_and_its_papers(organisation: str) -> None:
    row = home_with(organisation)
    for written in (row["device_id"], row["device_id"].lower().replace("-", "")):
        status, text = page(organisation, written)
        assert status == 200
        for heading in (
            "What the inventory says",
            "In the same home",
            "Over time",
            "Certificates",
            "Schedules",
        ):
            assert heading in text
        assert row["mpxn"] in text
        assert text.count('class="chart"') == 1
        assert "MPxN associations" in text


def test_every_section_is_filled_somewhere() -> None:
    """DCC's page of a home with a schedule: no section says that there is none."""
    text = page("DCC", device_id(1, 1))[1]
    assert "No certificate that you may see" not in text
    assert "No schedule of yours" not in text
    assert "No association that you may see" not in text


def test_a_supplier_sees_its_own_side_of_a_change_and_the_other_its_own() -> None:
    meter = device_id(3, 1)
    status, former = page("S1", meter)
    assert status == 200
    assert "your period with it ended on 10 November 2018" in former
    assert "SUPA" in former
    assert "SUPZ" not in former
    status, later = page("S2", meter)
    assert "You do not see this device" not in later
    assert "SUPZ" in later
    assert "SUPA" not in later
    days = re.findall(
        r'govuk-table__cell">(2018-\d\d-\d\d)</td>\s*<td class="govuk-table__cell">(\S+)</td>', later
    )
    spans = later[later.index("The same periods") :]
    supplier = re.search(r"Supplier</th><td[^>]*>SUPZ</td><td[^>]*>(\S+?)</td>", spans)
    assert supplier is not None
    assert supplier[1] == "2018-11-10", days


def test_a_map_without_the_release_sees_no_supplier_and_no_day_of_its_change() -> None:
    meter = next(
        row["device_id"]
        for row in own("M2")
        if row["device_type"] == "ESME" and int(row["device_id"][15:17], 16) % 3 == 0
    )
    text = page("M2", meter)[1]
    assert not re.search("SUP[AZB]", text)
    assert "2018-11-10" not in text
    assert "Supplier" not in text[text.index("What the inventory says") :]


@pytest.mark.parametrize("path", [NOBODYS, "nonsense", "00-DB", "%00", "0" * 500])
def test_absent_malformed_and_foreign_are_the_same_answer(path: str) -> None:
    foreign = home_with("M2", other="M1")["device_id"]
    client = signed_in("M1")
    client.get(f"/devices/{NOBODYS}/")
    answers, effort = [], []
    for device in (foreign, path):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(f"/devices/{device}/")
        answers.append((answer.status_code, mask(answer.content.decode(), device), dict(answer.headers)))
        effort.append(len(captured))
    assert answers[0][0] == 404
    assert answers[0] == answers[1]
    assert effort[0] == effort[1]


def test_a_past_day_and_a_day_that_is_none() -> None:
    meter = device_id(3, 1)
    status, text = page("S1", meter, as_at="2018-11-09")
    assert status == 200
    assert "This is a past day" in text
    assert "You do not see this device" not in text
    for day in ("2999-01-01", "soon"):
        status, text = page("S1", meter, as_at=day)
        assert status == 400
        assert "There is a problem" in text


def test_markup_in_the_data_stays_text() -> None:
    for organisation in ("DCC",):
        for home in range(1, 17):
            text = page(organisation, device_id(home, 1))[1]
            assert "<script>alert" not in text
