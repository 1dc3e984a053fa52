"""From home by links to one page of each kind: what a role can reach, and what is left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from .furnishing import INVITED
from .pages import NO_PAGES, PAGES
from .people import DCC, MAP, SECAS, SUPPLIER

LINKS = "links => links.map(link => link.getAttribute('href'))"
#: Who is sent → the letter of `PAGES`.
ROLES = {MAP: "M", SUPPLIER: "S", SECAS: "C", DCC: "D", None: "n"}
#: Where each begins: at home, and at what no link leads to (who has no passkey is led straight to adding one).
PASSKEYS = "/account/second-step/passkeys/"
ALSO = {
    **dict.fromkeys((MAP, SUPPLIER, SECAS), ("/", PASSKEYS)),
    DCC: ("/", PASSKEYS, "/changes/notices/"),
    None: (
        *("/sign-in/", "/accessibility/", "/glossary/", "/statistics/", "/sign-up/", "/account/closed/"),
        *("/account/forgotten/", "/account/forgotten/sent/", "/account/forgotten/1-abc/"),
        *("/account/forgotten/changed/", f"/account/invitation/{INVITED}/"),
        *("/account/single-sign-on/cancelled/", "/account/single-sign-on/error/"),
    ),
}


def kind(path: str) -> str | None:
    """The name of the page's address, each report a kind of its own; None for what is no page."""
    try:
        found = resolve(path)
    except Resolver404:
        return None
    if found.view_name not in PAGES and (found.view_name in NO_PAGES or not found.url_name):
        return None
    code = found.kwargs["code"] if found.view_name == "reports:report" else ""
    return f"{found.view_name} {code}".strip()


def crawl(page: Page, person: str | None) -> Iterator[tuple[str, str, int]]:
    """Open one page of each kind; its kind, path and status. The page stands when it is told; leave it there."""
    waiting = list(ALSO[person])
    seen = {kind(path) for path in waiting}
    while waiting:
        path = waiting.pop(0)
        answer = page.goto(path)
        assert answer is not None
        yield kind(urlsplit(path).path) or path, path, answer.status
        links = page.locator("a[href]:not([download])").evaluate_all(LINKS)
        for link in [*links, *_derived(links, person)]:
            found = urlsplit(urljoin(page.url, link))
            name = kind(found.path) if found.netloc == urlsplit(page.url).netloc else None
            if name is not None and name not in seen:
                seen.add(name)
                query = found.query or ("rows=25" if name.startswith("reports:report") else "")
                waiting.append(f"{found.path}?{query}" if query else found.path)


def _derived(links: list[str], person: str | None) -> list[str]:
    """Two pages are reached by typing: a device's; and the lifting of a limit, once somebody has met it."""
    devices = [found[1] for link in links if (found := re.match(r"/changes/asset/([^/]+)/", link))]
    people = [found[1] for link in links if (found := re.fullmatch(r"/people/(\d+)/", link))]
    # The last of them: nobody lifts their own limit, and whoever looks is the first.
    lifts = [f"/usage/{pk}/rows/lift/" for pk in people[-1:]] if person == DCC else []
    return [f"/devices/{device}/" for device in devices] + lifts
