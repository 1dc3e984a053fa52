"""Every page that a role can reach by clicking, found by following links from home: axe, reflow, titles, one heading.

A page that a new part adds is in it as soon as something links to it; nobody has to remember to list it.
"""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from .conftest import WIDE, Visit
from .people import DCC, MAP, SECAS, SUPPLIER
from .test_axe import violations
from .test_reflow_and_print import overflow

pytestmark = pytest.mark.browser

#: Pages of one kind are alike: so many of each address's name are looked at. Reports are each of a kind of their own.
EACH, EACH_BY_CODE = 1, {"reports:report"}
MOST = 80
LINKS = "links => links.map(link => link.getAttribute('href'))"


def kind(path: str) -> str | None:
    """The name of the page's address; None for what is no page (a file, a foreign or unknown address)."""
    try:
        found = resolve(path)
    except Resolver404:
        return None
    if "." in path.rsplit("/", 1)[-1] or not found.view_name or found.view_name.endswith("not_found"):
        return None
    return f"{found.view_name} {found.kwargs['code']}" if found.view_name in EACH_BY_CODE else found.view_name


def faults(page: Page, path: str) -> list[str]:
    """What is wrong with the page as it stands."""
    found = [f"axe: {line}" for line in violations(page)]
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} first headings")
    if not page.title().endswith(" – SMI Portal"):
        found.append(f"title {page.title()!r}")
    ids = page.locator("[id]").evaluate_all("found => found.map(one => one.id)")
    found += [f"two elements have the id {one}" for one in {one for one in ids if ids.count(one) > 1}]
    page.set_viewport_size({"width": 320, "height": 640})
    if (beyond := overflow(page)) > 0:
        found.append(f"{beyond} px wider than a window of 320 px")
    page.set_viewport_size(WIDE)
    return [f"{path}: {fault}" for fault in found]


@pytest.mark.parametrize("person", [MAP, SUPPLIER, SECAS, DCC])
def test_every_page_within_reach(visit: Visit, person: str) -> None:
    page = visit(person, "/")
    waiting, seen, wrong = ["/"], dict.fromkeys([kind("/")], 1), []
    looked: list[str] = []
    while waiting:
        path = waiting.pop(0)
        answer = page.goto(path)
        assert answer is not None
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        looked.append(path)
        if answer.status != 200:
            wrong.append(f"{path}: linked to, and answers {answer.status}")
        wrong += faults(page, path)
        for link in page.locator("a[href]:not([download])").evaluate_all(LINKS):
            found = urlsplit(urljoin(page.url, link))
            name = kind(found.path) if found.netloc == urlsplit(page.url).netloc else None
            if name is not None and seen.get(name, 0) < EACH and len(seen) < MOST:
                seen[name] = seen.get(name, 0) + 1
                waiting.append(f"{found.path}?{found.query}" if found.query else found.path)
    print(f"{person}: {len(looked)} pages: {', '.join(looked)}")
    assert len(looked) > 5
    assert wrong == []
