"""What people do that opens another page. Nothing may be read before that page has arrived whole."""

from __future__ import annotations

from playwright.sync_api import Locator, Page


def follow(page: Page, what: str | Locator, *, key: str | None = None) -> None:
    """Click a link or a button, or press `key` on it, and wait until the page that it opens has arrived whole.

    A plain click returns while the old page still stands or half of the new one is there: on a slow machine
    what is read next is neither. `what` is the whole name of a link or of a button, or a locator.
    """
    if isinstance(what, str):
        link, button = (page.get_by_role(role, name=what, exact=True) for role in ("link", "button"))
        what = link.or_(button)
    with page.expect_navigation():
        if key is None:
            what.click()
        else:
            what.press(key)
