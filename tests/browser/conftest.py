"""A real Chromium before a real site. Without Chromium these tests are skipped, and say so loudly.

The fixtures are named as pytest-playwright's are, but live for this package only: Playwright's event loop
would otherwise be seen by Django in every later test of the session, and refused.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright
from pytest_django import DjangoDbBlocker

from smi_portal.accounts.demo import DEMO_PASSWORD

from .acting import follow
from .serving import demo_site
from .watching import Watch

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en-GB",
]
PREMISES, SEED = 150, 7
MISSING = "Chromium was not found: the browser tests did not run. Install it, or set CHROMIUM to its path."
WIDE = {"width": 1440, "height": 900}

#: How long a busy machine may take for one step; an idle one takes a hundredth.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)

Visit = Callable[..., Page]


def chromium() -> str | None:
    """The path of a Chromium, or None."""
    return shutil.which(os.environ.get("CHROMIUM") or "chromium") or shutil.which("chromium-browser")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nobody should take a run without a browser for a whole one."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.section("BROWSER TESTS SKIPPED", red=True, bold=True)
        terminalreporter.line(MISSING, red=True, bold=True)


@pytest.fixture(scope="package")
def chromium_path() -> str:
    """Where Chromium is; without one these tests are skipped, or fail where REQUIRE_BROWSER=1 says so."""
    path = chromium()
    if path is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return path


@pytest.fixture(scope="package")
def site(chromium_path: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The site's address, such as http://127.0.0.1:40123."""
    with django_db_blocker.unblock(), demo_site(PREMISES, SEED, "smi_portal.settings.test") as address:
        yield address


@pytest.fixture(scope="package")
def browser(chromium_path: str, site: str) -> Iterator[Browser]:
    """One Chromium for all of these tests; ends before the site does, so that Django sees no event loop."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="package")
def sessions(browser: Browser, site: str) -> Callable[[str], StorageState]:
    """The cookies of each person, who signs in once through the form."""
    known: dict[str, StorageState] = {}

    def session(email: str) -> StorageState:
        if email not in known:
            context = browser.new_context(base_url=site)
            page = context.new_page()
            sign_in(page, email)
            known[email] = context.storage_state()
            context.close()
        return known[email]

    return session


@pytest.fixture
def watch(site: str) -> Iterator[Watch]:
    """Fails the test at its end for whatever any page complained about.

    Console errors, violations of the Content-Security-Policy or its absence, script errors, missing files, and
    any request to another host.
    """
    found = Watch(site)
    yield found
    assert not found.complaints, "\n".join(found.complaints)


@pytest.fixture
def visit(
    browser: Browser, site: str, sessions: Callable[[str], StorageState], watch: Watch
) -> Iterator[Visit]:
    """Open the site as a person: `visit(email, path)`; `email=None` for a stranger. Options go to the context."""
    contexts: list[BrowserContext] = []

    def opened(email: str | None, path: str = "/", **options: object) -> Page:
        state = sessions(email) if email else None
        context = browser.new_context(
            **{"base_url": site, "viewport": WIDE, "storage_state": state, **options}
        )
        contexts.append(context)
        return open_page(context, watch, path)

    yield opened
    for context in contexts:
        context.close()


def open_page(context: BrowserContext, watch: Watch, path: str) -> Page:
    """A page of this context, opened with patience and watched."""
    watch.over(context)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(path)
    return page


def sign_in(page: Page, email: str, password: str = DEMO_PASSWORD) -> None:
    """Sign in through the form."""
    page.goto("/sign-in/")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    follow(page, "Sign in")
