"""The pages that only who has a second step is shown, with it and on the way to it: axe, narrow windows, errors."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.accounts.signing import code_of

from .acting import follow
from .conftest import Visit, sign_in
from .test_axe import assert_clean
from .test_reflow_and_print import overflow

pytestmark = pytest.mark.browser

PERSON = "dcc2@example.test"


def looked_at(page: Page, heading: str) -> None:
    """It is the page that was meant, and it is clean."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert_clean(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert overflow(page) <= 0


def test_each_page_of_a_second_step(visit: Visit) -> None:
    page = visit(None, "/sign-in/")
    sign_in(page, PERSON)
    page.goto("/account/second-step/app/")
    page.locator("input[name=code]").fill("000000")
    follow(page, "Set up the app")
    looked_at(page, "Set up an app")
    secret = page.locator("dd.mono").inner_text()
    page.locator("input[name=code]").fill(code_of(secret))
    follow(page, "Set up the app")
    looked_at(page, "Recovery codes")
    for path, heading in (
        ("/account/second-step/", "Second step"),
        ("/account/second-step/codes/new/", "New recovery codes"),
        ("/account/second-step/app/remove/", "Remove the app"),
        ("/account/confirm/", "Is it still you?"),
        ("/account/confirm/code/", "Is it still you?"),
    ):
        page.goto(path)
        looked_at(page, heading)
    follow(page, "Sign out")
    sign_in(page, PERSON)
    looked_at(page, "Second step")
    page.locator("input[name=code]").fill("000000")
    follow(page, "Sign in")
    looked_at(page, "Second step")
    page.locator("input[name=code]").fill(code_of(secret, 1))
    follow(page, "Sign in")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")
