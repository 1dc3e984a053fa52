"""Every page × role of `pages.PAGES`, found by following links from home: axe, reflow, titles, one heading, ids.

All of axe at 1440 px in the light scheme, its contrast at 1024 px in the dark one, its rules of layout at 375 px; and
no page is wider than any of these windows, or than one of 320 px. A page that no link leads to is opened by its
address (`crawling.ALSO`), which is a decision.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from .axe import CONTRAST, LAYOUT, OPTIONS, violations
from .conftest import WIDE, Visit
from .crawling import ALSO, ROLES, crawl
from .pages import PAGES
from .test_reflow_and_print import overflow

pytestmark = pytest.mark.browser

WINDOWS = (
    (WIDE, "light", OPTIONS),
    ({"width": 1024, "height": 768}, "dark", CONTRAST),
    ({"width": 375, "height": 812}, "light", LAYOUT),
)


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands."""
    found = []
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} first headings")
    if not page.title().endswith(" – SMI Portal"):
        found.append(f"title {page.title()!r}")
    ids = page.locator("[id]").evaluate_all("found => found.map(one => one.id)")
    found += [f"two elements have the id {one}" for one in {one for one in ids if ids.count(one) > 1}]
    for size, scheme, rules in WINDOWS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        found += [f"{size['width']} px, {scheme}: axe: {line}" for line in violations(page, rules)]
        found += too_wide(page, size["width"])
    page.set_viewport_size({"width": 320, "height": 640})
    return found + too_wide(page, 320)


def too_wide(page: Page, width: int) -> list[str]:
    """Whether the page itself scrolls sideways."""
    return [f"{beyond} px wider than a window of {width} px"] if (beyond := overflow(page)) > 0 else []


@pytest.mark.parametrize("person", ROLES)
def test_every_page_of_a_role(visit: Visit, person: str | None) -> None:
    page = visit(person, "/accessibility/")
    names, looked, wrong = set(), [], []
    for kind, path, status in crawl(page, person):
        names.add(kind.split()[0])
        looked.append(path)
        if status != 200 and path not in ALSO[None]:
            wrong.append(f"{path}: linked to, and answers {status}")
        wrong += [f"{path}: {fault}" for fault in faults(page)]
    print(f"{person}: {len(looked)} pages: {', '.join(looked)}")
    assert wrong == []
    mine = {name for name, roles in PAGES.items() if ROLES[person] in roles}
    assert mine - names == set(), "not reached by links from home"
    # A link back to an entrance is no fault, nor is a stranger's to home: it leads to one.
    entrances = {name for name, roles in PAGES.items() if "n" in roles} | {"home"}
    assert names - mine - entrances == set(), "reached by links: enter this role in pages.py"
