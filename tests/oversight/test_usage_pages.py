"""Who used how much, and lifting a limit: own people for administrators, everyone for DCC."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from smi_portal import fair_use
from smi_portal.fair_use.models import DailyUse
from tests.oversight.conftest import browser, email, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_caps(settings: Any) -> None:
    settings.SMI_DAILY_CAPS = {"lookups": 10, "rows": 100}
    for code in ("OM1", "OM2"):
        fair_use.spend(person(code), "lookups", 10)
        fair_use.spend(person(code), "rows", 33)


def test_a_member_sees_their_own_use_alone() -> None:
    shown = browser("OM1").get("/usage/").content.decode()
    assert "10 of 10 used" in shown
    assert "Limit reached" in shown
    assert "33 of 100 used" in shown
    assert "@" not in shown.split("<main")[1].split("</main")[0]
    assert browser("OM1").get("/usage/usage.csv").status_code == 403


def test_an_administrator_sees_their_own_people() -> None:
    shown = browser("OM1", administrator=True).get("/usage/").content.decode()
    assert email("OM1") in shown
    assert email("OM2") not in shown
    assert f"/usage/{person('OM1').pk}/lookups/lift/" in shown
    rows = csv_of("OM1")
    assert {row[1] for row in rows[1:]} == {email("OM1")}
    assert [row[3:6] for row in rows[1:]] == [
        ["look-ups by identifier", "10", "10"],
        ["exported rows", "33", "100"],
    ]


def csv_of(code: str) -> list[list[str]]:
    content = b"".join(browser(code, administrator=True).get("/usage/usage.csv").streaming_content)
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_dcc_sees_everyone() -> None:
    shown = browser("ODCC").get("/usage/").content.decode()
    assert email("OM1") in shown
    assert email("OM2") in shown
    assert len(csv_of("ODCC")) == 5


def test_a_day_that_is_over() -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    DailyUse.objects.filter(what="rows").update(day=yesterday)
    shown = browser("OM1", administrator=True).get(f"/usage/?day={yesterday}").content.decode()
    assert "Exported rows" in shown
    assert "/lift/" not in shown
    long_ago = browser("OM1", administrator=True).get("/usage/?day=2020-01-01").content.decode()
    assert "Nothing used" in long_ago


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?day=soon", "Enter the day as year, month and day"),
        ("?day=9999-01-01", "This day has not come yet."),
        ("?who=x", "“who” is not a filter of this page."),
    ],
)
def test_bad_questions(query: str, words: str) -> None:
    answer = browser("OM1", administrator=True).get(f"/usage/{query}")
    assert answer.status_code == 400
    assert words in answer.content.decode()


@pytest.mark.parametrize("acting", ["OM1", "ODCC"])
def test_a_lift_lets_a_person_go_on_today(acting: str) -> None:
    blocked = person("OM1")
    client = browser(acting, administrator=True)
    address = f"/usage/{blocked.pk}/lookups/lift/"
    assert "has used 10 of 10 look-ups" in client.get(address).content.decode()
    without = client.post(address, {"reason": " "})
    assert without.status_code == 400
    assert "Enter why this person needs more today" in without.content.decode()
    with pytest.raises(fair_use.OverCap):
        fair_use.spend(blocked, "lookups")
    assert client.post(address, {"reason": "Month end"}).status_code == 302
    assert fair_use.spend(blocked, "lookups") == 9
    own = browser("OM1", administrator=True).get("/audit/").content.decode()
    assert "Fair use lifted" in own
    assert "reason: Month end" in own


def test_nobody_lifts_their_own_limit() -> None:
    own = person("OM1", administrator=True)
    answer = browser("OM1", administrator=True).post(
        f"/usage/{own.pk}/lookups/lift/", {"reason": "I want to"}
    )
    assert answer.status_code == 403
    assert not DailyUse.objects.filter(person_id=own.pk).exists()


def plain(answer: Any) -> str:
    """The page without the token that differs with every page."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())


def test_an_absent_person_and_a_foreign_one_are_the_same() -> None:
    client = browser("OM1", administrator=True)
    absent, foreign, odd = (
        client.get(f"/usage/{pk}/{what}/lift/")
        for pk, what in ((10**15, "lookups"), (person("OM2").pk, "lookups"), (person("OM1").pk, "money"))
    )
    assert absent.status_code == foreign.status_code == odd.status_code == 404
    assert plain(absent) == plain(foreign) == plain(odd)
    client.post(f"/usage/{person('OM2').pk}/lookups/lift/", {"reason": "x"})
    assert not DailyUse.objects.filter(lifts__gt=0).exists()
