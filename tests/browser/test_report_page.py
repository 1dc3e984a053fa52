"""The report page's own tools: finding by typing, columns and their order, text size, views; with and without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .acting import follow
from .conftest import Visit
from .people import DCC, MAP, OTHER_MAP
from .test_axe import assert_clean
from .test_map_journey import headings, rows

pytestmark = pytest.mark.browser

REPORT = "/reports/MAP_001/?rows=25"


def test_find_a_value_by_typing(visit: Visit) -> None:
    page = visit(MAP, REPORT)
    page.locator("#id_supplier_id").click()
    box = page.get_by_label("Type to find: Supplier ID")
    lines = page.locator("details:has(#id_supplier_id) .tick-line")
    value = lines.nth(1).locator("input").get_attribute("value") or ""
    box.press_sequentially(value.lower())
    assert lines.filter(visible=True).count() < lines.count()
    box.press("Enter")
    expect(page.locator(f"input[type=checkbox][name=supplier_id][value={value}]")).to_be_checked()
    expect(page.locator("#id_supplier_id")).to_have_text(value)
    expect(box).to_have_value("")
    assert lines.filter(visible=True).count() == lines.count()
    number = lines.nth(1).locator(".tick__rows").inner_text().split()[0]
    follow(page, page.get_by_role("button", name="Apply", exact=True))
    expect(page.locator(".chip")).to_contain_text(f"Supplier ID: {value}")
    expect(page.locator(".tools__count strong")).to_have_text(number)
    assert page.url.endswith(f"supplier_id={value}&rows=25") or "supplier_id=" in page.url


def test_half_a_word_is_no_filter(visit: Visit) -> None:
    page = visit(MAP, REPORT)
    page.locator("#id_supplier_id").click()
    page.get_by_label("Type to find: Supplier ID").fill("zz")
    follow(page, page.get_by_role("button", name="Apply", exact=True))
    expect(page.locator(".chip")).to_have_count(0)
    assert "supplier_id" not in page.url


def test_columns_and_their_order(visit: Visit) -> None:
    page = visit(MAP, REPORT)
    before = headings(page)
    page.locator("#columns").click()
    chooser = page.get_by_role("form", name="Columns")
    for title in before[3:]:
        chooser.get_by_role("checkbox", name=title, exact=True).uncheck()
    down = chooser.get_by_role("button", name=f"Move {before[0]} down")
    down.click()
    expect(down).to_be_focused()
    assert_clean(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    follow(page, chooser.get_by_role("button", name="Show these columns"))
    wanted = [before[1], before[0], before[2]]
    assert headings(page) == wanted
    assert "columns=device_model,device_id,manufacturer" in page.url
    expect(page.locator("#columns")).to_have_text(f"Columns: 3 of {len(before)}")
    follow(page, "Next")
    assert headings(page) == wanted
    page.locator("#columns").click()
    follow(page, "All columns, in the report’s order")
    assert headings(page) == before
    assert "columns" not in page.url


def test_columns_without_script(visit: Visit) -> None:
    page = visit(MAP, REPORT, java_script_enabled=False)
    before = headings_without_script(page)
    page.locator("#columns").click()
    follow(page, f"Move {before[1]} up")
    assert headings_without_script(page)[:3] == [before[1], before[0], before[2]]


def headings_without_script(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".grid thead .grid__sort").all_text_contents()]


def test_a_typed_value_without_script(visit: Visit) -> None:
    page = visit(MAP, REPORT, java_script_enabled=False)
    page.locator("#id_supplier_id").click()
    value = page.locator("#id_supplier_id_list option").first.get_attribute("value") or ""
    page.get_by_label("Type to find: Supplier ID").fill(value)
    follow(page, page.get_by_role("button", name="Apply", exact=True))
    expect(page.locator(".chip")).to_contain_text(f"Supplier ID: {value}")


def test_text_size(visit: Visit) -> None:
    page = visit(MAP, REPORT)
    heights = []
    for name in ("Compact", "Large", "Standard"):
        follow(page, name)
        heights.append(page.locator(".grid tbody tr").first.bounding_box()["height"])  # type: ignore[index]
    assert heights[0] < heights[2] < heights[1]
    assert "density" not in page.url


def test_count_day_and_freshness_stay_in_sight(visit: Visit) -> None:
    page = visit(MAP, REPORT)
    page.evaluate("window.scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
    for text in ("rows", "as at", "extract"):
        expect(page.locator(".tools__count")).to_contain_text(text)
    box = page.locator(".tools__count").bounding_box()
    assert box is not None
    assert -1 <= box["y"] < 60


def test_copied_link_shows_the_same(visit: Visit) -> None:
    page = visit(
        MAP, "/reports/MAP_001/?rows=25&device_status=Commissioned&columns=device_id,mpxn&density=compact"
    )
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied")).to_be_visible()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == page.url
    mine = rows(page)
    assert rows(visit(MAP, address)) == mine
    other = rows(visit(OTHER_MAP, address))  # the link holds no data: another reader gets their own rows
    assert not {row[0] for row in other} & {row[0] for row in mine}


def test_views(visit: Visit) -> None:
    page = visit(OTHER_MAP, "/reports/MAP_001/?rows=25&device_status=Commissioned")
    page.locator("#views").click()
    assert_clean(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    follow(page, "Save this view")
    follow(page, "Save the view")
    expect(page.get_by_role("alert")).to_be_focused()
    assert_clean(page)
    page.get_by_label("Name").fill("A name so long that it has to be broken " + "x" * 40)
    page.get_by_label("Pin it to my home page").check()
    follow(page, "Save the view")
    expect(page.locator(".message")).to_contain_text("Saved as")
    assert_clean(page)
    for path in ("/", "/views/"):
        page.goto(path)
        assert_clean(page)
    follow(page, page.get_by_role("link", name="Change A name so long"))
    assert_clean(page)
    follow(page, "Delete this view")
    assert_clean(page)
    follow(page, "Delete the view")
    expect(page.locator("main")).to_contain_text("No views yet")
    assert_clean(page)


@pytest.mark.parametrize("width", [320, 720])
def test_open_tools_fit_a_narrow_window(visit: Visit, width: int) -> None:
    page = visit(DCC, REPORT, viewport={"width": width, "height": 640})
    for summary in ("#views", "#columns"):
        page.locator(summary).click()
        box = page.locator("details.pick[open] .pick__panel").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
