"""Everything can be reached and used with a keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .acting import follow
from .conftest import Visit
from .people import MAP

pytestmark = pytest.mark.browser

FOCUSED = "document.activeElement.outerHTML"
STOP = """wanted => { const it = document.activeElement, box = it.getBoundingClientRect()
  return [box.width, box.height, it.matches(wanted)] }"""

#: Whether the middle, the left and the right end of what has the focus are on top of whatever else is there.
UNCOVERED = """() => { const it = document.activeElement, box = it.getBoundingClientRect()
  return [box.left + 2, box.left + box.width / 2, box.right - 2].every(x => {
    const top = document.elementFromPoint(x, box.top + box.height / 2)
    return top && (it.contains(top) || top.contains(it) && !top.contains(it.closest('table'))) }) }"""


def tab_to(page: Page, wanted: str, presses: int = 60) -> None:
    """Press Tab until the focus is on the element `wanted`; each stop on the way must be visible."""
    for _ in range(presses):
        page.keyboard.press("Tab")
        width, height, arrived = page.evaluate(STOP, wanted)
        assert min(width, height) >= 1, page.evaluate(FOCUSED)
        if arrived:
            return
    pytest.fail(f"{presses} Tabs did not lead to {wanted}")


def test_the_skip_link_is_first_and_leads_past_the_header(visit: Visit) -> None:
    page = visit(MAP, "/reports/MAP_001/?rows=25")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to main content")
    expect(link).to_be_focused()
    assert link.evaluate("found => found.getBoundingClientRect().top >= 0 && found.offsetHeight > 20")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.locator("main :focus").count() == 1


def test_filter_and_apply(visit: Visit) -> None:
    page = visit(MAP, "/reports/MAP_001/?rows=25")
    tab_to(page, "#id_device_status")
    page.keyboard.press("Enter")
    option = "input[name=device_status][value=Commissioned]"
    expect(page.locator(option)).to_be_visible()
    tab_to(page, option)
    page.keyboard.press("Space")
    expect(page.locator("#id_device_status")).to_have_text("Commissioned")
    page.keyboard.press("Escape")
    expect(page.locator(option)).to_be_hidden()
    expect(page.locator("#id_device_status")).to_be_focused()
    tab_to(page, "#filters button[type=submit]")
    follow(page, page.locator(":focus"), key="Enter")
    assert "device_status=Commissioned" in page.url
    expect(page.locator(".chip")).to_contain_text("Commissioned")
    tab_to(page, ".chip__remove")
    follow(page, page.locator(":focus"), key="Enter")
    assert "device_status" not in page.url


def test_a_preset_fills_the_days_in(visit: Visit) -> None:
    page = visit(MAP, "/reports/MAP_001/?rows=25")
    last = page.locator("[data-presets]").first.get_attribute("data-presets") or ""
    tab_to(page, "details:has(#id_installation_date_from) > summary")
    page.keyboard.press("Enter")
    tab_to(page, "details[open] [data-preset=year]")
    page.keyboard.press("Enter")
    expect(page.locator("#id_installation_date_from")).to_have_value(f"{last[:4]}-01-01")
    expect(page.locator("#id_installation_date_to")).to_have_value(last)


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(visit: Visit) -> None:
    page = visit(MAP, "/reports/MAP_001/?installation_date_from=soon&as_at=never")
    expect(page.get_by_role("alert")).to_be_focused()
    for field in ("#id_installation_date_from", "#id_as_at"):
        page.locator(f".govuk-error-summary a[href='{field}']").focus()
        page.keyboard.press("Enter")
        expect(page.locator(field)).to_be_focused()
        expect(page.locator(field)).to_have_attribute("aria-invalid", "true")
        told = page.locator(field).get_attribute("aria-describedby")
        expect(page.locator(f"#{told}")).to_contain_text("YYYY-MM-DD")
    title = page.title()
    assert title.startswith("Error: MAP_001"), title


def test_sign_in_errors_lead_to_the_field(visit: Visit) -> None:
    page = visit(None, "/sign-in/")
    follow(page, "Sign in", key="Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Email address")).to_be_focused()


def test_a_definition_opens_and_closes(visit: Visit) -> None:
    page = visit(MAP, "/reports/MAP_001/?rows=25")
    tab_to(page, ".help")
    page.keyboard.press("Enter")
    tip = page.locator("#about-device_id")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("EUI-64")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(page.locator(".help").first).to_be_focused()


def test_the_table_scrolls_with_arrow_keys(visit: Visit) -> None:
    page = visit(MAP, "/reports/MAP_001/?rows=25")
    tab_to(page, ".grid")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.grid').scrollLeft > 0")


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_focus_is_never_hidden_under_the_sticky_parts(visit: Visit, key: str) -> None:
    """WCAG 2.4.11: the first column stays while others scroll, and what has the focus must not lie beneath it."""
    page = visit(MAP, "/reports/MAP_001/?rows=25")
    stops = page.locator(".grid thead :is(a, button)")
    (stops.first if key == "Tab" else stops.last).focus()
    page.keyboard.press(key)
    for _ in range(stops.count() - 2):
        assert page.evaluate(UNCOVERED), f"hidden after {key}: {page.evaluate(FOCUSED)}"
        page.keyboard.press(key)
