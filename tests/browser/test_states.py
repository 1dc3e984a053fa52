"""The states that following links does not lead to: nothing there, one, a wrong question, an empty form, no right.

`test_sweep.py` sees every page with something on it, and with names as long as they may be; the states of the report
page are in `test_axe.py`. Each state: axe in both schemes, wide and narrow, and no page wider than 320 px.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visit
from .people import MAP
from .states import FORMS, NOTHING, REFUSED, WRONG, send_empty
from .test_axe import assert_clean
from .test_map_journey import column
from .test_reflow_and_print import overflow

pytestmark = pytest.mark.browser


def assert_good(page: Page) -> None:
    """Clean, and within a narrow window."""
    assert_clean(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert overflow(page) <= 0


@pytest.mark.parametrize(("person", "path"), NOTHING)
def test_nothing_there(visit: Visit, person: str, path: str) -> None:
    page = visit(person, path)
    assert page.locator("main .empty, main .govuk-inset-text, main .panel, main h1").count()
    assert_good(page)


@pytest.mark.parametrize(("person", "path"), WRONG)
def test_a_wrong_question(visit: Visit, person: str, path: str) -> None:
    page = visit(person, path)
    expect(page.get_by_role("alert").first).to_be_visible()
    assert_good(page)


@pytest.mark.parametrize(("person", "path"), FORMS)
def test_an_empty_form(visit: Visit, person: str | None, path: str) -> None:
    page = visit(person, path)
    send_empty(page)
    expect(page.get_by_role("alert").first).to_be_focused()
    expect(page.locator("main")).not_to_contain_text(
        "This field is required"
    )  # which one, and what to enter?
    assert page.title().startswith("Error: "), page.title()
    assert_good(page)


@pytest.mark.parametrize(("person", "path"), REFUSED)
def test_no_right(visit: Visit, person: str, path: str) -> None:
    page = visit(person, path)
    expect(page.get_by_role("heading", level=1)).to_have_text("You may not see this page")
    assert_good(page)


def test_one_row(visit: Visit) -> None:
    page = visit(MAP, "/reports/MAP_001/?rows=250")
    days = column(page, "Installation date")
    only = next(day for day in days if day and days.count(day) == 1)
    page.goto(f"/reports/MAP_001/?installation_date_from={only}&installation_date_to={only}")
    expect(page.locator(".grid tbody tr")).to_have_count(1)
    assert_good(page)
