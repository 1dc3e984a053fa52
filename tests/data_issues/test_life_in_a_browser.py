"""The life of a data issue as its parties live it, in a real Chromium, each before their own desk.

Raised from a device's page, a finding, a list and a file; mended by the other party; waited for by DCC; verified by
the next extract, reopened by the one after; told in figures. One test: it costs a server and a browser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import DjangoDbBlocker

from smi_portal.accounts.models import Person
from tests.browser.acting import follow
from tests.browser.conftest import FLAGS, MISSING, PATIENCE_MS, WIDE, chromium, sign_in
from tests.browser.serving import session_site
from tests.browser.watching import Watch
from tests.support.loads import forget, load_tables
from tests.support.people import address, make_people

from .conftest import forget_issues, w

pytestmark = pytest.mark.browser
PASSWORD = "as long as it must be"
WHO = ("S1", "M1", "DCC", "SECAS")


class Desk:
    """A browser in which one organisation's person has signed in."""

    def __init__(self, browser: Browser, site: str, organisation: str, watch: Watch) -> None:
        context = browser.new_context(base_url=site, viewport=WIDE)
        watch.over(context)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        sign_in(self.page, address(organisation), PASSWORD)

    def opens(self, path: str) -> Page:
        """The page there."""
        self.page.goto(path)
        return self.page

    def raises(self, route: str, **given: str) -> str:
        """Choose and fill in, check, see the route, raise; the reference of the submission."""
        page = self.page
        for label, value in given.items():
            field = page.get_by_label({"cause": "What is wrong", "correction": "What should be there instead",
                                       "value": "The right value", "words": "In your own words"}[label])  # fmt: skip
            if label in {"cause", "correction"}:
                field.select_option(value)
            else:
                field.fill(value)
        follow(page, "Check only")
        expect(page.get_by_role("region", name="Checked lines")).to_contain_text(route)
        follow(page, page.get_by_role("button", name="Raise", exact=True))
        expect(page.get_by_role("heading", level=1)).to_contain_text("Submission")
        return page.url

    def line(self, device: str) -> Page:
        """The page of the person's own line about this device, by its newest submission."""
        page = self.opens("/data-issues/")
        follow(page, page.get_by_role("region", name="Submissions").get_by_role("link").last)
        follow(page, page.get_by_role("link", name=device))
        return page

    def does(self, button: str, words: str = "") -> None:
        """Act on the line, and see that it was done."""
        self.page.get_by_label("Comment").fill(words)
        follow(self.page, button)
        expect(self.page.locator(".message--success")).to_be_visible()


@pytest.fixture
def desks(
    issue_world: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> Iterator[Callable[[], dict[str, Desk]]]:
    """Everybody's desk, by organisation, once asked for; the package's world is loaded again afterwards."""
    path = chromium()
    if path is None:
        pytest.skip(MISSING)
    home = w.world()
    with django_db_blocker.unblock(), ExitStack() as stack:
        for who in WHO:
            person = Person.objects.using("owner").get(email=address(who))
            person.set_password(PASSWORD)
            person.save()
        site = stack.enter_context(session_site("smi_portal.settings.test"))
        watch = Watch(site)

        def opened() -> dict[str, Desk]:
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            stack.callback(browser.close)
            return {who: Desk(browser, site, who, watch) for who in WHO}

        yield opened
        stack.close()
        forget_issues()
        forget()
        load_tables(tmp_path / "again", home.tables, home.as_at)
        make_people()
    assert not watch.complaints, "\n".join(watch.complaints)


def aside(work: Callable[[], object]) -> None:
    """Do database work in a thread: Playwright's event loop runs in this one, and Django refuses that."""

    def done() -> None:
        try:
            work()
        finally:
            for alias in ("default", "owner"):
                connections[alias].close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(done).result()


def the_post() -> None:
    call_command("deliver_data_issues", verbosity=0)


def next_extract(folder: Path, days: int, mpan: str) -> Callable[[], None]:
    """Load the world again, so many days later, with this import MPAN on S1's own meter."""
    home = w.world()
    held = [row for row in home.tables["device_mpxns"] if row["mpxn"] != w.OWN_MPAN]
    home.tables["device_mpxns"] = held
    home.mpxn(w.OWN, mpan)
    return lambda: load_tables(folder, home.tables, home.as_at + timedelta(days=days))


def test_from_raised_to_verified_and_back(desks: Callable[[], dict[str, Desk]], tmp_path: Path) -> None:
    wrong = {"cause": "WRONG_MPXN", "correction": "import_mpxn", "value": w.SPARE_MPAN}
    file = tmp_path / "lines.csv"
    file.write_text(f"device_id,cause\n{w.HUB},SHOULD_NOT_BE_THERE\n{w.FOREIGN},DUPLICATE\n")
    everybody = desks()
    supplier, owner, dcc, secas = (everybody[who] for who in WHO)

    # From the device's page: the supplier can mend it itself.
    follow(supplier.opens(f"/devices/{w.OWN}/"), "Raise a data issue about this device")
    supplier.raises("You can mend it yourself", **wrong)
    follow(supplier.page, w.OWN)
    with supplier.page.expect_download() as coming:
        supplier.page.get_by_role("link", name="The SRV 8.4 to send (XML)").click()
    assert w.SPARE_MPAN in coming.value.path().read_text()

    # From a finding, with a click; from a file.
    page = supplier.opens("/quality/")
    follow(page, page.get_by_role("link", name="Raise", exact=False).filter(has_text="Wrong check digit"))
    assert page.get_by_label("What is wrong").input_value() == "CHECK_DIGIT"
    supplier.raises("You can mend it yourself")
    supplier.opens("/data-issues/raise/").get_by_label("Or choose a file").set_input_files(file)
    submission = supplier.raises("DCC must mend it")
    expect(supplier.page.get_by_role("region", name="Lines")).to_contain_text(w.FOREIGN)

    # From a list: the MAP's, which the registered supplier must mend.
    page = owner.opens("/lists/")
    page.get_by_label("Paste identifiers").fill(f"{w.OWN}\n{w.ABSENT}")
    follow(page, "Look them up")
    follow(page, page.get_by_role("link", name="The devices that were found"))
    owner.raises("The installing or registered supplier must mend it", **wrong, words="The label says so")

    # The post carries it; the supplier answers without learning who asked.
    aside(the_post)
    page = supplier.opens("/data-issues/")
    asked = page.get_by_role("region", name="Raised by others")
    expect(asked).to_contain_text(w.OWN)
    follow(page, asked.get_by_role("link", name=w.OWN))
    expect(page.locator("main")).to_contain_text("The label says so")
    expect(page.locator("main")).to_contain_text("You are asked to mend it")
    expect(page.locator("main")).not_to_contain_text("M1")
    supplier.does("Add the comment", "On its way")
    supplier.does("It is mended")
    aside(the_post)
    expect(owner.line(w.OWN).locator("main")).to_contain_text("On its way")
    expect(owner.page.locator("main")).to_contain_text("waiting for the next extract")
    expect(owner.page.locator("main")).not_to_contain_text("S1")

    # DCC's queue.
    page = dcc.opens("/data-issues/")
    queue = page.get_by_role("region", name="Waiting for you")
    follow(page, queue.get_by_role("link", name=w.HUB))
    page.get_by_label("Comment").fill("")
    follow(page, "Close it")
    expect(page.get_by_role("alert")).to_contain_text("Say why the line is closed")
    dcc.does("Close it", "It was withdrawn")
    follow(dcc.opens("/data-issues/"), dcc.page.get_by_role("link", name=w.FOREIGN))
    dcc.does("Send it back to who raised it", "Which meter is on the wall?")
    expect(supplier.opens(submission).locator("main")).to_contain_text("Open, for you to mend")

    # The next extract agrees with both parties' lines about the meter, and the one after does not.
    aside(next_extract(tmp_path, 1, w.SPARE_MPAN))
    for desk in (owner, supplier):
        expect(desk.line(w.OWN).locator("main")).to_contain_text("The extract agrees: verified")
    aside(next_extract(tmp_path, 2, w.OWN_MPAN))
    expect(owner.line(w.OWN).locator("main")).to_contain_text("The extract disagrees: reopened")
    expect(owner.page.locator("main")).to_contain_text("with the supplier concerned")

    # In figures, for those who answer for the route.
    for desk in (dcc, secas):
        figures = desk.opens("/data-issues/figures/").locator("dl.facts").inner_text().split("\n")
        told = dict(zip(figures[::2], figures[1::2], strict=True))
        assert told["Raised"] == "6"
        assert told["Resolved"] == "1"
        assert told["Mended without DCC"] == "0.0%"
        assert told["Median time to resolve"] == "0 days"
        expect(desk.page.locator("main")).to_contain_text("Open by cause and age")
