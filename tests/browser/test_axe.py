"""Every page, for every role, in every state: axe finds nothing, in both schemes, wide and narrow.

Two runs a page reach all four: light and wide, then dark and narrow. axe's rules of WCAG 2.2 A and AA, and its
own best practices. What axe cannot see is in test_keyboard.py and test_reflow_and_print.py, and by eye.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from .acting import follow
from .axe import violations
from .conftest import WIDE, Visit
from .people import DCC, MAP, OTHER_MAP, SECAS, SUPPLIER

pytestmark = pytest.mark.browser

NARROW = {"width": 375, "height": 812}

STATES = [
    pytest.param(None, "/sign-in/", id="sign-in"),
    pytest.param(None, "/accessibility/", id="statement"),
    pytest.param(None, "/glossary/", id="glossary"),
    pytest.param(MAP, "/", id="home-map"),
    pytest.param(SUPPLIER, "/", id="home-supplier"),
    pytest.param(SECAS, "/", id="home-secas"),
    pytest.param(DCC, "/", id="home-dcc"),
    pytest.param(SUPPLIER, "/reports/", id="catalogue"),
    pytest.param(SECAS, "/reports/MAP_001/", id="403"),
    pytest.param(MAP, "/reports/NONE_001/", id="404"),
    pytest.param(
        MAP, "/reports/MAP_001/?rows=25&device_status=Commissioned&sort=-installation_date", id="many"
    ),
    pytest.param(
        OTHER_MAP, "/reports/MAP_001/?device_status=NoSuch&installation_date_from=2018-01-01", id="empty"
    ),
    pytest.param(MAP, "/reports/MAP_001/?history=true&rows=25", id="history"),
    pytest.param(MAP, "/reports/MAP_001/?as_at=2018-11-30&rows=25", id="past-day"),
    pytest.param(MAP, "/reports/MAP_001/?installation_date_from=soon&nope=1&as_at=2999-01-01", id="errors"),
    pytest.param(DCC, "/reports/MAP_001/?rows=25", id="23-columns"),
    pytest.param(DCC, "/reports/RSMI_001/?rows=25&summary=show", id="charts"),
    pytest.param(DCC, "/reports/MAP_001/?rows=25&density=large&columns=mpxn,device_id", id="large-text"),
    pytest.param(DCC, "/reports/MAP_001/?rows=25&density=compact&columns=nonsense", id="wrong-column"),
    pytest.param(OTHER_MAP, "/views/", id="no-views"),
    pytest.param(MAP, "/views/new/MAP_001/?device_status=Commissioned&as_at=2018-11-30", id="save-a-view"),
    pytest.param(SUPPLIER, "/reports/RSMI_001/?rows=25", id="RSMI_001"),
    pytest.param(SUPPLIER, "/reports/RSMI_002/?rows=25&summary=show", id="RSMI_002"),
    pytest.param(MAP, "/reports/RSMI_003/?rows=25", id="RSMI_003"),
    pytest.param(DCC, "/reports/RSMI_004/?rows=25&summary=show", id="RSMI_004"),
    pytest.param(DCC, "/reports/RSMI_005/?rows=25", id="RSMI_005"),
    pytest.param(DCC, "/reports/RSMI_006/?rows=25", id="RSMI_006"),
    pytest.param(MAP, "/reports/RSMI_007/?rows=25&summary=show", id="RSMI_007"),
    pytest.param(SUPPLIER, "/reports/BKF_001/?rows=25", id="BKF_001"),
    pytest.param(SECAS, "/reports/BKF_002/", id="BKF_002"),
    pytest.param(SUPPLIER, "/backfill/", id="backfill-supplier"),
    pytest.param(DCC, "/backfill/", id="backfill-dcc"),
    pytest.param(SECAS, "/backfill/", id="backfill-secas"),
]


def assert_clean(page: Page) -> None:
    """Both schemes, wide and narrow."""
    for scheme, size in (("light", WIDE), ("dark", NARROW)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        found = violations(page)
        assert not found, f"{page.url}, {scheme}, {size['width']} px:\n" + "\n".join(found)


@pytest.mark.parametrize(("person", "path"), STATES)
def test_state(visit: Visit, person: str | None, path: str) -> None:
    assert_clean(visit(person, path))


def test_one_row_with_open_filters_and_a_definition(visit: Visit) -> None:
    page = visit(MAP, "/reports/MAP_001/?rows=25")
    device = page.locator(".grid tbody td").first.inner_text()
    assert device
    status = page.locator("tbody tr").first.locator("td").nth(7).inner_text()
    page.goto(f"/reports/RSMI_001/?device_status={status}&rows=25")
    page.locator("#id_device_status").click()
    page.locator(".help").first.click()
    assert_clean(page)


def test_sign_in_error(visit: Visit) -> None:
    page = visit(None, "/sign-in/")
    page.get_by_label("Email address").fill("nobody@example.test")
    page.get_by_label("Password").fill("not this")
    follow(page, "Sign in")
    assert page.get_by_role("alert").is_visible()
    assert_clean(page)


def test_signed_out(visit: Visit) -> None:
    page = visit(None, "/sign-in/")
    page.get_by_label("Email address").fill(DCC)
    page.get_by_label("Password").fill("demo-portal-2018")
    follow(page, "Sign in")
    follow(page, "Sign out")
    assert_clean(page)
