"""Small screens, large print, paper, forced colours: nothing is lost, and only wide tables scroll sideways."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visit
from .people import DCC, MAP, SECAS, SUPPLIER

pytestmark = pytest.mark.browser

PAGES = [
    (None, "/sign-in/"),
    (MAP, "/"),
    (MAP, "/reports/"),
    (MAP, "/reports/MAP_001/?rows=25&device_status=Commissioned&installation_date_from=2016-01-01"),
    (MAP, "/reports/RSMI_001/?rows=25&summary=show"),
    (MAP, "/reports/MAP_001/?installation_date_from=soon&nope=1"),
    (MAP, "/changes/?effective_from=soon&kind=lots"),
    (MAP, "/rental-days/?from=soon&to=later"),
    (SECAS, "/reports/BKF_002/"),
]


def overflow(page: Page) -> int:
    """By how many pixels the page itself is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [320, 720], ids=["320px", "200-percent"])
def test_no_page_scrolls_both_ways(visit: Visit, width: int) -> None:
    """320 px (WCAG 1.4.10), and half of 1440 px: what zooming to 200 % leaves."""
    for person, path in PAGES:
        page = visit(person, path, viewport={"width": width, "height": 640})
        assert overflow(page) <= 0, page.url
        if page.locator(".grid").count() and "/reports/" in page.url:
            assert page.evaluate("(g => g.scrollWidth > g.clientWidth)(document.querySelector('.grid'))")
            expect(page.get_by_role("button", name="Apply filters")).to_be_visible()
        page.context.close()


def test_open_filters_fit_a_narrow_window(visit: Visit) -> None:
    page = visit(MAP, "/reports/MAP_001/?rows=25", viewport={"width": 320, "height": 640})
    for summary in page.locator("#filters summary").all():
        summary.click()
        box = page.locator("details.pick[open] .pick__panel").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
        assert overflow(page) <= 0


@pytest.mark.parametrize("width", [375, 1024, 1440])
def test_filters_beside_each_other_stand_in_one_line(visit: Visit, width: int) -> None:
    """Names that take two lines do not push their controls out of the line of the others."""
    page = visit(MAP, "/reports/RSMI_004/", viewport={"width": width, "height": 900})
    rows = page.locator("#filters .filters__grid").evaluate(
        """grid => Object.values(Object.groupBy(
          [...grid.querySelectorAll(':scope > .filter')].map(filter => ({
            name: filter.getBoundingClientRect().top,
            control: filter.querySelector('summary, input, select').getBoundingClientRect().top })),
          one => one.name)).map(row => row.map(one => one.control))"""
    )
    assert sum(len(row) for row in rows) >= 6
    assert max(len(row) for row in rows) >= 2
    assert all(max(row) - min(row) < 1 for row in rows), rows


def test_tables_of_a_telephone_have_no_column_of_single_words(visit: Visit) -> None:
    """They scroll in their own place; a day, a month and an identifier stay in one line."""
    for person, path in ((MAP, "/files/"), (MAP, "/changes/"), (SUPPLIER, "/backfill/")):
        page = visit(person, path, viewport={"width": 375, "height": 900})
        assert overflow(page) <= 0
        broken = page.locator(".scroll tbody :is(td, th)").evaluate_all(
            """cells => cells.filter(cell => {
              const range = document.createRange()
              range.selectNodeContents(cell)
              const words = cell.textContent.trim().split(/\\s+/).length
              return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > words / 2 + 1
            }).map(cell => cell.textContent.trim())"""
        )
        assert broken == []
        assert page.locator(".scroll tbody tr").count() > 0
        page.context.close()


def test_a_device_id_in_a_heading_is_one_word(visit: Visit) -> None:
    page = visit(MAP, "/changes/", viewport={"width": 320, "height": 640})
    with page.expect_navigation():
        page.locator(".scroll th a").first.click()
    heading = page.get_by_role("heading", level=1)
    assert overflow(page) <= 0
    assert heading.evaluate("h => h.scrollWidth <= h.clientWidth")
    assert heading.evaluate(
        "h => h.getBoundingClientRect().height < 1.5 * parseFloat(getComputedStyle(h).lineHeight)"
    )


def test_wider_spacing_of_text_loses_nothing(visit: Visit) -> None:
    """WCAG 1.4.12, set as a person's own style sheet would."""
    page = visit(MAP, "/", viewport={"width": 1024, "height": 768}, bypass_csp=True)
    page.add_style_tag(
        content="* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
        " p { margin-bottom: 2em !important }"
    )
    assert overflow(page) <= 0
    cut = page.evaluate(
        """() => [...document.querySelectorAll('main *:not(.govuk-visually-hidden, svg, svg *)')]
        .filter(e => getComputedStyle(e).overflow === 'hidden')
        .filter(e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
        .map(e => e.outerHTML)"""
    )
    assert cut == []


def test_the_examples_of_programs_keep_their_lines(visit: Visit) -> None:
    page = visit(MAP, "/api/")
    for example in page.locator("pre").all():
        lines = example.inner_text().strip().count("\n") + 1
        assert lines > 5
        box = example.bounding_box()
        assert box is not None
        assert box["height"] > 15 * lines


def test_paper_says_what_was_asked(visit: Visit) -> None:
    page = visit(MAP, "/reports/MAP_001/?rows=25&device_status=Commissioned")
    page.emulate_media(media="print")
    for gone in (
        "#filters",
        ".downloads",
        ".pages",
        ".bar__out >> nth=0",
        ".bar__out >> nth=1",
        ".help >> nth=0",
        ".chip__remove",
    ):
        expect(page.locator(gone)).to_be_hidden()
    for kept in ("h1", ".freshness", ".chip", ".tools__count", ".bar__organisation"):
        expect(page.locator(kept)).to_be_visible()
    expect(page.locator(".chip")).to_contain_text("Device status: Commissioned")
    expect(page.locator(".freshness")).to_contain_text("Data as at")
    assert page.locator(".grid").evaluate("grid => getComputedStyle(grid).overflow") == "visible"
    page.goto("/reports/MAP_001/?rows=25")
    expect(page.get_by_text("No filters applied.")).to_be_visible()


def test_paper_says_how_much_of_a_report_it_holds(visit: Visit) -> None:
    page = visit(MAP, "/reports/MAP_001/?rows=25")
    page.emulate_media(media="print")
    expect(page.get_by_text("This sheet has 25 of them")).to_be_visible()
    page.goto("/reports/MAP_001/?rows=250")
    expect(page.get_by_text("This sheet has")).to_have_count(0)


def test_the_panel_prints_few_sheets(visit: Visit) -> None:
    """Eleven Users: who is on track, the charts beside their tables, the figures and the definitions."""
    page = visit(SECAS, "/backfill/")
    with page.expect_navigation():
        page.get_by_role("link", name="Print the pack").first.click()
    sheets = page.pdf(prefer_css_page_size=True)
    assert sheets.count(b"/Type /Page\n") <= 4
    page.emulate_media(media="print")
    expect(page.locator(".figure table").first).to_be_visible()
    page.set_viewport_size({"width": 1046, "height": 700})
    beside = page.locator(".figure").first.evaluate(
        "figure => [...figure.children].map(part => part.getBoundingClientRect().top)"
    )
    assert beside[0] == beside[1]


def test_what_cannot_be_used_on_paper_is_not_there(visit: Visit) -> None:
    page = visit(DCC, "/backfill/")
    expect(page.get_by_role("button", name="Set the capacity")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Set the capacity")).to_be_hidden()
    expect(page.locator("details:not([open])").first).to_be_hidden()
    expect(page.get_by_text("requests a day from all Users together")).to_be_visible()


def test_paper_is_black_on_white_in_the_dark_scheme_too(visit: Visit) -> None:
    page = visit(MAP, "/reports/MAP_001/?rows=25", color_scheme="dark")
    page.emulate_media(media="print")
    cell = page.locator(".grid tbody td").first
    ground, ink = cell.evaluate(
        "cell => [getComputedStyle(cell).backgroundColor, getComputedStyle(cell).color]"
    )
    assert ground == "rgb(255, 255, 255)"
    assert sum(int(part) for part in ink[4:-1].split(",")) < 200


@pytest.mark.parametrize("person", [MAP, DCC])
def test_all_columns_come_out_on_paper(visit: Visit, person: str) -> None:
    """One sheet is as wide as the table, also with the longest status: not even the last of 23 columns falls off."""
    page = visit(person, "/reports/MAP_001/?rows=25")
    page.locator(".grid td:nth-child(8)").first.evaluate(
        "cell => { cell.textContent = 'InstalledNotCommissioned' }"
    )
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1046, "height": 700})  # A4 landscape less its margins, at 96 a inch
    edge = page.locator(".grid th").last.evaluate("cell => cell.getBoundingClientRect().right")
    assert edge <= 1046
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") <= 3


def test_forced_colours_keep_edges_and_marks(visit: Visit) -> None:
    page = visit(
        MAP, "/reports/RSMI_001/?rows=25&summary=show&device_status=Commissioned", forced_colors="active"
    )
    for part in (".filters", ".chip", ".bar"):
        assert page.locator(part).first.evaluate("e => getComputedStyle(e).borderBottomStyle") == "solid", (
            part
        )
    edges = {
        link.get_attribute("aria-current"): link.evaluate("e => getComputedStyle(e).borderBottomColor")
        for link in page.locator(".bar__nav a").all()
    }
    assert edges[None] == page.evaluate(
        "getComputedStyle(document.body).backgroundColor"
    )  # so it is not seen
    assert edges["true"] != edges[None]
    bar = page.locator("rect.chart-c0").first
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert bar.evaluate("e => getComputedStyle(e).fill") == ink


@pytest.mark.parametrize("scheme", [{"color_scheme": "dark"}, {"forced_colors": "active"}], ids=str)
def test_a_telephone_can_read_the_picture_of_the_key(visit: Visit, scheme: dict[str, str]) -> None:
    """Its squares are black: on the ground of a dark page no camera would find them."""
    picture = visit(SECAS, "/account/second-step/app/", **scheme).locator("img.qr")
    assert picture.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
    assert picture.evaluate("e => getComputedStyle(e).forcedColorAdjust") == "none"


def test_reduced_motion_scrolls_at_once(visit: Visit) -> None:
    page = visit(MAP, "/", reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_more_contrast_leaves_no_grey(visit: Visit) -> None:
    for scheme in ("light", "dark"):
        page = visit(MAP, "/reports/MAP_001/?rows=25", contrast="more", color_scheme=scheme)
        ink = page.evaluate("getComputedStyle(document.body).color")
        for part in (".quiet", ".caption", ".filter__aside"):
            assert page.locator(part).first.evaluate("e => getComputedStyle(e).color") == ink, part
        assert page.locator(".filters").evaluate("e => getComputedStyle(e).borderTopColor") == ink
        page.context.close()
