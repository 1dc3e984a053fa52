"""The main job: a MAP signs in, filters its asset report, reads it, and takes it away as a file."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from .acting import follow
from .conftest import Visit, sign_in
from .people import MAP, OTHER_MAP

pytestmark = pytest.mark.browser

COMMISSIONED = "device_status=Commissioned"
DATED = f"{COMMISSIONED}&installation_date_from=2017-01-01&installation_date_to=2018-06-30"


def headings(page: Page) -> list[str]:
    """The table's headings, as people read them."""
    return [text.strip() for text in page.locator(".grid thead .grid__sort").all_inner_texts()]


def rows(page: Page) -> list[list[str]]:
    """The table's cells as text."""
    return page.locator(".grid tbody tr").evaluate_all(
        "found => found.map(row => [...row.cells].map(cell => cell.textContent.trim()))"
    )


def all_pages(page: Page) -> Iterator[list[str]]:
    """The rows of this page and of all that follow, by clicking Next."""
    while True:
        yield from rows(page)
        following = page.get_by_role("link", name="Next")
        if not following.count():
            return
        follow(page, following)


def column(page: Page, title: str) -> list[str]:
    """One column's cells."""
    return [row[headings(page).index(title)] for row in rows(page)]


def downloaded(page: Page, link: str, into: Path) -> Path:
    """Click a download link; the file's path."""
    with page.expect_download() as coming:
        page.get_by_role("link", name=link, exact=True).click()
    path = into / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def as_people_read(value: Any) -> str:
    """A workbook's cell as the page writes the same value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value.date().isoformat() if hasattr(value, "date") else str(value)


def test_filter_through_the_form_and_download(visit: Visit, tmp_path: Path) -> None:
    page = visit(None, "/sign-in/")
    sign_in(page, MAP)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ash Northmoor")
    follow(page, page.get_by_role("link", name="Meter Asset Provider report"))
    everything = int(page.locator(".tools__count strong").inner_text().replace(",", ""))

    page.locator("summary", has_text="Device status").or_(page.get_by_label("Device status")).first.click()
    page.get_by_role("checkbox", name="Commissioned", exact=True).check()
    page.locator("#id_installation_date_from_label + details summary").click()
    page.locator("#id_installation_date_from").fill("2017-01-01")
    page.locator("#id_installation_date_to").fill("2018-06-30")
    follow(page, "Apply filters")

    assert re.sub(r"^.*\?", "", page.url) == "&".join(sorted(DATED.split("&"), key=page.url.index))
    chips = [text.replace("\n", " ") for text in page.locator(".chip").all_inner_texts()]
    assert len(chips) == 3
    assert "Commissioned" in " ".join(chips)
    assert set(column(page, "Device status")) == {"Commissioned"}
    days = [date.fromisoformat(day) for day in column(page, "Installation date")]
    assert min(days) >= date(2017, 1, 1)
    assert max(days) <= date(2018, 6, 30)

    workbook = downloaded(page, "Excel", tmp_path)
    people = downloaded(page, "CSV", tmp_path)
    titles, shown = headings(page), list(all_pages(page))
    assert 0 < len(shown) < everything

    sheet = openpyxl.load_workbook(workbook).worksheets[0]
    values = [[as_people_read(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert values == [titles, *shown]
    about = openpyxl.load_workbook(workbook)["About"]
    words = " ".join(
        str(cell) for row in about.iter_rows(values_only=True) for cell in row if cell is not None
    )
    assert "Commissioned" in words
    assert "2017-01-01" in words

    with people.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.reader(file))
    assert [len(row) for row in found] == [len(titles)] * (len(shown) + 1)
    assert [[cell.removeprefix("'") for cell in row] for row in found[1:]] == shown


def test_a_chip_removes_its_filter(visit: Visit) -> None:
    page = visit(MAP, f"/reports/MAP_001/?{DATED}")
    follow(page, "Remove the filter Device status: Commissioned")
    assert "device_status" not in page.url
    assert "installation_date_from=2017-01-01" in page.url
    expect(page.locator(".chip")).to_have_count(2)
    follow(page, "Clear all filters")
    expect(page.locator(".chip")).to_have_count(0)


def test_sort_by_a_header(visit: Visit) -> None:
    page = visit(MAP, "/reports/MAP_001/?rows=25")
    header = page.get_by_role("columnheader", name="Installation date")
    for direction, reverse in (("ascending", False), ("descending", True)):
        follow(page, header.get_by_role("link"))
        expect(header).to_have_attribute("aria-sort", direction)
        found = [day for day in column(page, "Installation date") if day]
        assert found == sorted(found, reverse=reverse)
        assert len(set(found)) > 1


def test_next_previous_and_the_back_button(visit: Visit) -> None:
    page = visit(MAP, "/reports/MAP_001/?rows=25")
    first = column(page, "Device ID")
    assert len(first) == 25
    follow(page, "Next")
    second = column(page, "Device ID")
    assert second
    assert not set(first) & set(second)
    follow(page, "Next")
    third = column(page, "Device ID")
    assert third
    assert not set(first + second) & set(third)
    follow(page, "Previous")
    assert column(page, "Device ID") == second
    page.go_back()
    assert column(page, "Device ID") == third
    page.go_back()
    page.go_back()
    assert column(page, "Device ID") == first


def test_two_maps_see_other_meters(visit: Visit) -> None:
    seen = []
    for person in (MAP, OTHER_MAP):
        page = visit(person, "/reports/MAP_001/?rows=250")
        seen.append({row[0] for row in all_pages(page)})
    assert all(seen)
    assert not seen[0] & seen[1]


def test_anothers_meter_is_as_one_that_does_not_exist(visit: Visit) -> None:
    """And the supplier, which is released to one MAP only, is unknown to the other: column, filter and all."""
    page = visit(OTHER_MAP, "/reports/MAP_001/")
    assert "Supplier ID" not in headings(page)
    page.goto("/reports/MAP_001/?supplier_id=ANY1")
    expect(page.get_by_role("alert")).to_contain_text("is not an input of MAP_001")
    page = visit(MAP, "/reports/MAP_001/")
    assert "Supplier ID" in headings(page)
