"""Every role walks every report."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import Visit
from .people import ALL, MAY_RUN, SECAS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("person", MAY_RUN)
def test_walk_every_report(visit: Visit, person: str) -> None:
    """Home links to exactly the reports that the role may run; each answers; the others are refused."""
    page = visit(person, "/")
    links = page.locator(".card a").evaluate_all("found => found.map(link => link.getAttribute('href'))")
    assert {link.strip("/").split("/")[-1] for link in links} == MAY_RUN[person]
    for code in sorted(ALL):
        answer = page.goto(f"/reports/{code}/?rows=25")
        assert answer is not None
        if code in MAY_RUN[person]:
            assert answer.status == 200, code
            expect(page.locator(".report__title .caption")).to_have_text(code)
            assert page.locator(".grid tbody tr").count() or page.locator(".empty").count()
        else:
            assert answer.status == 403, code
            expect(page.get_by_role("heading", level=1)).to_have_text("You may not see this page")
            expect(page.locator("main")).to_contain_text(f"{code} is not for your role")


def test_secas_sees_progress_and_no_device(visit: Visit) -> None:
    page = visit(SECAS, "/reports/BKF_002/")
    assert page.locator(".grid tbody tr").count() > 1
    titles = page.locator(".grid thead .grid__sort").all_inner_texts()
    assert titles[:2] == ["User", "Month"]
    assert not [title for title in titles if "Device" in title or "MPxN" in title]
    for code in sorted(ALL - {"BKF_002"}):
        for extension in ("csv", "xlsx", "json"):
            answer = page.request.get(f"/reports/{code}/download.{extension}")
            assert answer.status == 403, (code, extension)


def test_nobody_enters_unnamed(visit: Visit) -> None:
    page = visit(None, "/reports/MAP_001/?device_status=Commissioned")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert "/sign-in/" in page.url
    assert page.locator(".grid").count() == 0
