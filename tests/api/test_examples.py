"""The worked examples of the API's page run as they stand against a real site, given a token made on its page."""

from __future__ import annotations

import http.cookiejar
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import polars
import pytest
from pytest_django import DjangoDbBlocker

from smi_portal.accounts.demo import DEMO_PASSWORD
from tests.browser.serving import demo_site

PERSON = "supplier@brightwater.example"


class Browser:
    """Someone at the site's pages, without script."""

    def __init__(self, site: str) -> None:
        self.site = site
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )

    def get(self, path: str) -> str:
        return str(self._opener.open(self.site + path).read().decode())

    def send(self, path: str, fields: list[tuple[str, str]]) -> str:
        """Fill in the form of a page and send it, with what is hidden in it."""
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.get(path))
        data = urllib.parse.urlencode([*dict(hidden).items(), *fields]).encode()
        request = urllib.request.Request(self.site + path, data, {"Referer": self.site + path})
        return str(self._opener.open(request).read().decode())


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    with django_db_blocker.unblock(), demo_site(170, 7, "smi_portal.settings.test") as address:
        yield address


@pytest.fixture(scope="module")
def examples(site: str) -> dict[str, str]:
    """Token and programs, taken from the pages as a person would take them."""
    browser = Browser(site)
    browser.send("/sign-in/", [("username", PERSON), ("password", DEMO_PASSWORD)])
    fields = [("name", "example"), ("covers", "RSMI_001"), ("days", "7")]
    token = re.search(r'value="(smi_\w+)"', browser.send("/account/tokens/", fields))
    assert token is not None
    curl, program = re.findall(r"<pre[^>]*>(.*?)</pre>", browser.get("/api/"), re.DOTALL)
    rows = browser.get("/reports/RSMI_001/download.csv?dialect=machine&sort=device_id")
    return {"token": token[1], "curl": unescape(curl), "polars": unescape(program), "rows": rows}


def run(command: list[str], text: str, examples: dict[str, str], directory: Path) -> str:
    done = subprocess.run(
        command,
        input=text,
        cwd=directory,
        env=os.environ | {"SMI_TOKEN": examples["token"]},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_curl_example(examples: dict[str, str], tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl was not found: its example did not run")
    told = run(["sh", "-s"], examples["curl"], examples, tmp_path)
    assert '"code": "RSMI_001"' in told
    assert "“colour” is not an input of RSMI_001" in told
    mine = tmp_path / "mine.csv"
    assert mine.read_bytes().decode() == examples["rows"]
    written = mine.stat().st_mtime_ns
    run(["sh", "-s"], examples["curl"], examples, tmp_path)
    assert mine.stat().st_mtime_ns == written, "what has not changed was fetched again"


def test_the_polars_example(examples: dict[str, str], tmp_path: Path) -> None:
    told = run([sys.executable, "-"], examples["polars"], examples, tmp_path)
    assert "device_status" in told
    frame = polars.read_parquet(tmp_path / "mine.parquet")
    want = polars.read_csv(examples["rows"].encode(), infer_schema=False)
    assert frame.height == want.height > 100
    assert frame["installation_date"].dtype == polars.Date
    assert frame["days_in_status"].dtype == polars.Int64
    assert sorted(frame["device_id"]) == sorted(want["device_id"])
    assert frame.sort("device_id")["mpxn"].to_list() == want.sort("device_id")["mpxn"].to_list()
