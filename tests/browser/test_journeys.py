"""Mornings, from home to done: each in at most five clicks. How long each step took is printed, never asserted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from .acting import follow
from .conftest import Visit
from .people import DCC, MAP, SECAS

pytestmark = pytest.mark.browser

MOST_CLICKS = 5
#: The demo's supplier that has not declared yet.
UNDECLARED = "supplier@larkfield.example"


class Journey:
    """A person's way: counts the clicks, and says how long each took."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name, self.clicks = page, name, 0
        self.steps: list[str] = []

    def click(self, what: Locator) -> None:
        """One click, until the page that it opens has arrived."""
        with self._step(what):
            follow(self.page, what)

    def download(self, what: Locator, into: Path) -> Path:
        """One click that brings a file."""
        with self._step(what), self.page.expect_download() as coming:
            what.click()
        path = into / coming.value.suggested_filename
        coming.value.save_as(path)
        return path

    @contextmanager
    def _step(self, what: Locator) -> Iterator[None]:
        self.clicks += 1
        words = " ".join((what.text_content() or "").split())
        start = time.monotonic()
        yield
        self.steps.append(f"{self.clicks}. {words}: {time.monotonic() - start:.2f} s")

    def done(self) -> None:
        """Few clicks; the steps with their times are printed."""
        print(f"\n{self.name}\n  " + "\n  ".join(self.steps))
        assert self.clicks <= MOST_CLICKS


def tile(page: Page, title: str) -> Locator:
    """A tile of the home page."""
    return page.get_by_role("region", name=title)


def test_a_map_finds_its_assets_that_changed_supplier_last_month(visit: Visit, tmp_path: Path) -> None:
    """And takes them away: the meters that its old customer will no longer pay for."""
    page = visit(MAP, "/")
    journey = Journey(page, "MAP: lost to a change of supplier last month")
    link = tile(page, "What changed").get_by_role("link", name="Changes of supplier last month")
    number = int(link.inner_text().split(":")[0].replace(",", ""))
    assert number > 0
    journey.click(link)
    path = journey.download(page.get_by_role("link", name="Excel", exact=True).first, tmp_path)
    heads, *found = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    assert len(found) == number
    assert {row[heads.index("Kind")] for row in found} == {"supplier_changed"}
    assert all(row[heads.index("Supplier before")] != row[heads.index("Supplier after")] for row in found)
    journey.done()


def test_a_supplier_goes_from_count_to_declaration_to_plan(visit: Visit) -> None:
    page = visit(UNDECLARED, "/")
    journey = Journey(page, "Supplier: count, declaration, plan")
    count = tile(page, "MAP ID backfill").get_by_role("link", name="Outstanding").inner_text().split(":")[0]
    assert int(count.replace(",", "")) > 0
    journey.click(tile(page, "MAP ID backfill").get_by_role("link", name="Your backfill"))
    declare = page.get_by_role("button", name=f"Declare {count}")
    journey.click(declare)
    expect(page.locator("main")).to_contain_text(f"You declared {count}")

    confirm(visit, page.locator(".bar__organisation").inner_text())  # DCC's part, on another desk

    page.goto("/")
    journey.click(tile(page, "MAP ID backfill").get_by_role("link", name="A day, by your allowance"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Plan")
    expect(page.locator("main")).to_contain_text("You may send")
    journey.done()


def confirm(visit: Visit, supplier: str) -> None:
    """DCC confirms what its own page proposes."""
    desk = visit(DCC, "/backfill/")
    follow(desk, desk.get_by_role("row", name=supplier).get_by_role("link").first)
    follow(desk, desk.locator("main form button[type=submit]").first)
    expect(desk.locator(".message--success")).to_be_visible()


def test_secas_publishes_the_month(visit: Visit, tmp_path: Path) -> None:
    page = visit(SECAS, "/")
    journey = Journey(page, "SECAS: the month for the Panel")
    waiting = tile(page, "To publish").get_by_role("link", name="Publish").first
    month = waiting.inner_text().split(":")[1].strip()
    journey.click(waiting)
    journey.click(page.get_by_role("button", name=f"Publish {month}"))
    expect(page.locator(".message--success")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Version 1")
    pack = journey.download(page.get_by_role("link", name="Excel pack").first, tmp_path)
    assert openpyxl.load_workbook(pack).sheetnames
    page.goto("/")
    assert f"Publish: {month}" not in tile(page, "To publish").inner_text()
    journey.done()
