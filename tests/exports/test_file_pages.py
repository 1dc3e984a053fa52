"""The pages of files and schedules in a browser, in every state that the demo does not have."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django import DjangoDbBlocker

from reports.exports.models import Export, ExportContent, State
from reports.exports.schedule_models import Schedule, Standing
from reports.exports.schedules import keeping
from reports.exports.schedules.running import run_due
from smi_portal.access.scope import scope
from smi_portal.accounts.models import Person
from smi_portal.accounts.sign_in.middleware import BROWSER, _browser
from tests.browser.acting import follow
from tests.browser.conftest import FLAGS, MISSING, WIDE, chromium, open_page
from tests.browser.faults import faults
from tests.browser.serving import ROOT
from tests.browser.watching import Watch
from tests.support.people import signed_in

from .asking import ask, made, viewer
from .serving import environment, served
from .test_schedules import MONDAY, administrator, at, weekly, work

__all__ = ["administrator"]
pytestmark = pytest.mark.browser

Open = Callable[..., Page]
AGENT = "Chromium of the tests"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's state directory."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def site(exports_world: None, django_db_blocker: DjangoDbBlocker, state: Path) -> Iterator[str]:
    """The site over the exports' world."""
    if chromium() is None:
        pytest.skip(MISSING)
    with served(django_db_blocker, state) as found:
        yield found


@pytest.fixture(scope="module")
def browser(site: str) -> Iterator[Browser]:
    """Its loop lives in this thread, and Django would take us for asynchronous code."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        found = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Open]:
    """Open a page as M1's person; complaints of any page fail the test at its end."""
    watch, contexts = Watch(site), list[BrowserContext]()

    def opened(path: str, **options: Any) -> Page:
        context = browser.new_context(**{"base_url": site, "viewport": WIDE, "user_agent": AGENT, **options})
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": _session(), "url": site}])
        contexts.append(context)
        return open_page(context, watch, path)

    yield opened
    for context in contexts:
        context.close()
    assert not watch.complaints, "\n".join(watch.complaints)


def _session() -> str:
    """The key of a session of M1's person, begun in this browser."""
    session = signed_in("M1").session
    session[BROWSER] = _browser(RequestFactory(headers={"user-agent": AGENT}).get("/"))
    session.save()
    return str(session.session_key)


@pytest.fixture
def files(files: Path, state: Path, settings: Any) -> Path:
    """This process keeps its files where the server looks for them."""
    entry = settings.STORAGES["exports"]
    place = state / "files"
    options = {**entry["OPTIONS"], "location": str(place)}
    settings.STORAGES = {**settings.STORAGES, "exports": {**entry, "OPTIONS": options}}
    return place


FULL = "The server has no room left for a file of this size."
#: State → what its page says.
WORDS = {
    "ready": "Ready",
    "expired": "files are kept for a few days only",
    "queued": "as soon as a worker is free",
    "running": "minutes left",
    "counting": "counting the rows",
    "retried": "It will be tried again",
    "failed": "It was tried 4 times",
    "cancelled": "Nothing was kept",
}


@pytest.fixture
def every_state(files: Path, settings: Any) -> dict[str, Export]:
    """A file in each state, reached as files reach it where that takes no accident."""
    settings.SMI_FILES_AT_ONCE = 9
    now = timezone.now()
    found = {"ready": made("M1", "MAP_001", form="xlsx"), "expired": made("M1", "RSMI_002", form="parquet")}
    _set(found["expired"], expires_at=now - timedelta(hours=1))
    found["queued"] = ask("M1", "RSMI_001", "device_status=Commissioned")
    found["running"] = _begun(ask("M1", "RSMI_003", form="csv.zip"), started_at=now - timedelta(minutes=2))
    with scope(viewer("M1")):
        ExportContent.objects.filter(pk=found["running"].pk).update(total=2_500_000, done=800_000)
    found["counting"] = _begun(ask("M1", "RSMI_007", form="json"), beat_at=now - timedelta(minutes=1))
    found["retried"] = _set(ask("M1", "RSMI_004"), reason=f"{FULL} It will be tried again.", failures=1)
    found["failed"] = _set(
        ask("M1", "RSMI_004", "sort=device_id"),
        state=State.FAILED,
        reason=f"{FULL} It was tried 4 times.",
        finished_at=now,
    )
    found["cancelled"] = _set(ask("M1", "RSMI_006"), state=State.CANCELLED)
    return found


def _begun(export: Export, **facts: Any) -> Export:
    assert Export.begin(export.pk, "person", "schedule") is not None
    return _set(export, **facts)


def _set(export: Export, **facts: Any) -> Export:
    assert Export.objects.filter(pk=export.pk).update(**facts) == 1
    return export


def test_every_state_of_a_file(visit: Open, every_state: dict[str, Export]) -> None:
    page = visit("/files/")
    for word in ("Ready", "Expired", "Waiting", "Being made, 32%", "Failed", "Cancelled"):
        expect(page.get_by_role("cell", name=word, exact=True).first).to_be_visible()
    assert faults(page) == []
    for name, export in every_state.items():
        page.goto(f"/files/{export.pk}/")
        expect(page.get_by_role("main")).to_contain_text(WORDS[name])
        assert page.get_by_role("link", name="Download").count() == (name == "ready")
        assert (name, faults(page)) == (name, [])
    for gone in ("expired", "queued", "failed"):
        answer = page.goto(f"/files/{every_state[gone].pk}/download/")
        assert answer is not None
        assert answer.status == (410 if gone == "expired" else 409)
        expect(page.get_by_role("main")).to_contain_text(WORDS[gone])


def test_asking_why_and_wrongly(visit: Open) -> None:
    page = visit("/files/new/MAP_001/?format=xlsx&large=true")
    expect(page.get_by_role("main")).to_contain_text("too many rows to send while you wait")
    assert faults(page) == []
    page.goto("/files/new/MAP_001/?nope=1")
    expect(page.get_by_role("alert")).to_contain_text("nope")


def test_without_script_from_the_report_to_the_checked_file(visit: Open, state: Path, files: Path) -> None:
    page = visit("/reports/MAP_001/?device_status=Commissioned", java_script_enabled=False)
    follow(page, page.get_by_role("link", name="Other formats"))
    page.get_by_label("Parquet").check()
    follow(page, "Make the file")
    expect(page.get_by_role("heading", name="Waiting")).to_be_visible()
    worker(state)
    follow(page, "See how far it is now")
    expect(page.get_by_role("heading", name="Ready")).to_be_visible()
    sha = page.locator("code").inner_text()
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").click()
    assert hashlib.sha256(coming.value.path().read_bytes()).hexdigest() == sha
    assert coming.value.suggested_filename.endswith(".parquet")


def test_with_script_the_page_follows_and_leaves_the_hand_where_it_is(
    visit: Open, state: Path, files: Path
) -> None:
    export = ask("M1", "MAP_001")
    page = visit(f"/files/{export.pk}/")
    page.evaluate("window.stayed = true")
    button = page.get_by_role("button", name="Cancel")
    button.focus()
    for _ in range(2):
        with page.expect_response("**/progress/"):
            pass
    expect(button).to_be_focused()
    worker(state)
    expect(page.get_by_role("heading", name="Ready")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Ready")
    assert page.evaluate("window.stayed")
    assert page.title().startswith("Ready")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert asked == []  # nothing is left to ask about


def test_cancelled_by_keyboard_and_made_again(visit: Open, files: Path) -> None:
    page = visit(f"/files/{ask('M1', 'MAP_001').pk}/")
    follow(page, "Cancel", key="Enter")
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    follow(page, "Make it again", key="Enter")
    expect(page.get_by_role("heading", name="Waiting")).to_be_visible()


def worker(state: Path) -> None:
    """A real one, that does what is queued."""
    command = [sys.executable, "manage.py", "worker", "--once"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(state), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_schedules_in_every_state(visit: Open, files: Path) -> None:
    page = visit("/schedules/")
    expect(page.get_by_role("heading", name="No schedules yet")).to_be_visible()
    running, stopped, paused = weekly(), weekly(report="MAP_001"), weekly(report="RSMI_003")
    keeping.put(paused, Standing.PAUSED)
    run_due(at(MONDAY))
    work()
    reason = "The report can no longer be run with these inputs."
    Schedule.objects.filter(pk=stopped.pk).update(standing=Standing.STOPPED, reason=reason)
    page.goto("/schedules/")
    for words in ("Active", "Paused", f"Stopped: {reason}"):
        expect(page.get_by_role("cell", name=words, exact=True)).to_be_visible()
    assert faults(page) == []
    for one in (running, stopped, paused):
        page.goto(f"/schedules/{one.pk}/")
        assert faults(page) == []
    page.goto(f"/schedules/{running.pk}/")
    follow(page, page.get_by_role("link", name="Change"))
    expect(page.get_by_label("Weekday")).to_have_value("1")
    page.get_by_label("How often").select_option("monthly")
    follow(page, "Save")
    expect(page.get_by_role("alert")).to_contain_text("Enter a whole number from 1 to 31.")
    assert faults(page) == []
    page.get_by_label("Day of the month", exact=True).fill("5")
    follow(page, "Save")
    expect(page.get_by_role("main")).to_contain_text("every month on the 5th")
    page.goto(f"/schedules/{stopped.pk}/")
    follow(page, "Resume")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_setting_up_a_schedule_and_its_errors(visit: Open, script: bool) -> None:
    page = visit(
        "/schedules/new/RSMI_001/?device_status=Commissioned&as_at=2018-11-01", java_script_enabled=script
    )
    page.get_by_label("Name").fill("")
    page.get_by_label("How often").select_option("working_day")
    page.get_by_label("Working Day of the month").fill("99")
    follow(page, "Save")
    for words in ("Give it a name", "Enter a whole number from 1 to 18."):
        expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.get_by_label("Working Day of the month")).to_have_value("99")
    if script:
        assert faults(page) == []
    page.get_by_label("Name").fill("New meters")
    page.get_by_label("Working Day of the month").fill("3")
    follow(page, "Save")
    expect(page.get_by_role("heading", name="New meters")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("every month on its 3rd Working Day")


def test_the_data_dump(visit: Open, administrator: Person, files: Path) -> None:
    page = visit("/schedules/")
    follow(page, page.get_by_role("link", name="Set up the monthly data dump"))
    expect(page.get_by_role("heading", name="Monthly data dump", level=1)).to_be_visible()
    page.get_by_label("Working Day of the month").fill("0")
    follow(page, "Set up the data dump")
    expect(page.get_by_role("alert")).to_contain_text("Enter a whole number from 1 to 18.")
    assert faults(page) == []
    page.get_by_label("Working Day of the month").fill("2")
    follow(page, "Set up the data dump")
    expect(page.get_by_role("main")).to_contain_text("the month end")
    assert faults(page) == []
    follow(page, "Run it now")
    expect(page.get_by_role("heading", name="Waiting")).to_be_visible()
