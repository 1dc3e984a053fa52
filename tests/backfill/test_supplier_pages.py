"""A supplier's pages, over HTTP as its person uses them."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import date

import pytest
from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client

from smi_portal.access.scope import scope
from smi_portal.backfill import programme
from smi_portal.backfill.models import Declaration
from smi_portal.inventory.models import ExtractLoad
from tests.support.people import signed_in

from .conftest import D, device, viewer
from .saying import PANEL, allow, declare, panel

pytestmark = pytest.mark.usefixtures("loaded")
HOME = "/backfill/"


def body(answer: HttpResponseBase) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def words(answer: HttpResponseBase) -> str:
    """The page's text as people read it."""
    main = re.search(r"<main.*</main>", body(answer).decode(), re.S)
    assert main is not None
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main[0])).split())


def lines(answer: HttpResponseBase) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body(answer).decode("utf-8-sig"), newline="")))


def post(client: Client, **data: str) -> HttpResponseBase:
    return client.post(f"{HOME}declare/", {"shown": "9", **data}, follow=True)


def declarations() -> list[tuple[int, int, int, str]]:
    with scope(viewer("S1")):
        return list(
            Declaration.objects.order_by("version").values_list("version", "declared", "counted", "reason")
        )


def test_the_count_becomes_the_declaration_with_one_click() -> None:
    client = signed_in("S1")
    page = words(client.get(HOME))
    assert "9 MAP IDs outstanding of 18 in scope; 9 (50%) are there" in page
    assert "2 of them were there and are gone again" in page
    assert "Your declaration was due on Thursday 8 November 2018" in page
    button = re.search(r'name="declared" value="(\d+)"', client.get(HOME).content.decode())
    assert button is not None
    page = words(post(client, declared=button[1]))
    assert "Your declaration of 9 MAP IDs is recorded, after the deadline" in page
    assert declarations() == [(1, 9, 9, "")]


def test_the_deadline_is_shown_with_its_arithmetic() -> None:
    page = words(signed_in("S1").get(HOME))
    assert "Fri 2 November 2018: Working Day 1 Sat 3 November 2018: not counted, Saturday" in page
    assert "Thu 8 November 2018: Working Day 5" in page


def test_a_correction_is_a_version_beside_the_old_one() -> None:
    client = signed_in("S1")
    post(client, declared="9")
    page = words(post(client, declared="7", reason="Two are removed"))
    assert declarations() == [(1, 9, 9, ""), (2, 7, 9, "Two are removed")]
    assert "You declared 7 (corrected, version 2), first on 31 January 2019" in page


@pytest.mark.parametrize(
    ("before", "sent", "said"),
    [
        (False, {"declared": "0"}, "0 is not the count of 9. Say why it differs."),
        (False, {"declared": "19", "reason": "more"}, "Declare 18 or fewer."),
        (False, {"declared": "9", "shown": "8"}, "it was 8 and is now 9. Nothing has been recorded."),
        (False, {"declared": ""}, "Enter how many MAP IDs you must put in."),
        (False, {"declared": "many"}, "as a whole number, such as 1200"),
        (False, {"declared": "-1"}, "as a whole number, 0 or more"),
        (True, {"declared": "9"}, "You have already declared 9: there is nothing to correct."),
        (True, {"declared": "8"}, "You have declared 9 before. Say why it changes."),
    ],
)
def test_what_cannot_be_declared_is_said_on_the_page(before: bool, sent: dict[str, str], said: str) -> None:
    client = signed_in("S1")
    if before:
        declare("S1", 9)
    answer = post(client, **sent)
    assert answer.status_code == 400
    assert said in words(answer)
    assert len(declarations()) == before


def test_zero_with_a_reason_is_a_declaration() -> None:
    assert "Your declaration of 0 MAP IDs is recorded" in words(
        post(signed_in("S1"), declared="0", reason="Sold")
    )


def test_in_time_or_late_by_its_day() -> None:
    declare("S1", 9, date(2018, 11, 8))
    assert "first on 8 November 2018: in time" in words(signed_in("S1").get(HOME))
    declare("S2", 8, date(2018, 11, 9))
    page = words(signed_in("S2").get(HOME))
    assert "Late it was due on 8 November 2018" in page
    assert "DCC confirms by Friday 16 November 2018: Overdue it has not" in page


def test_the_plan_as_page_calendar_and_devices() -> None:
    client = signed_in("S1")
    assert "No allowance yet" in words(client.get(f"{HOME}plan/"))
    assert client.get(f"{HOME}plan.csv").status_code == 302
    allow("S1", 4, date(2019, 1, 7), PANEL)
    panel(date(2019, 2, 5))
    page = words(client.get(f"{HOME}plan/?days=working"))
    assert "It can be done. The last day of sending is Tuesday 5 February 2019" in page
    head, *rows = lines(client.get(f"{HOME}plan.csv?days=working"))
    assert head == ["send_on", "device_id", "device_type"]
    expected = [device(number) for number in (9, 10, *range(14, 21))]
    assert [row[1] for row in rows] == expected
    assert [row[0] for row in rows] == ["2019-02-01"] * 3 + ["2019-02-04"] * 3 + ["2019-02-05"] * 3
    events = body(client.get(f"{HOME}plan.ics?days=working")).decode()
    assert events.count("SUMMARY:Send 3 MAP IDs (SRV 8.4)") == 3


def test_a_plan_that_cannot_meet_the_date_says_by_how_much() -> None:
    client = signed_in("S1")
    allow("S1", 2, date(2019, 1, 7), date(2019, 2, 8))
    panel(date(2019, 2, 5))
    page = words(client.get(f"{HOME}plan/"))
    assert "The Panel date cannot be met: 3 of 9 MAP IDs cannot be sent by then." in page
    assert "The last would be sent on Thursday 7 February 2019, 2 days after it." in page
    assert "You would need an allowance of 3 a day instead of 2." in page
    assert words(client.get(f"{HOME}plan/?slack=x")).startswith("There is a problem")


def test_refusals_with_advice_and_the_list_to_send_again() -> None:
    client = signed_in("S1")
    page = words(client.get(f"{HOME}outcome/"))
    assert "E080410 2 1 The sender is authorised" in page
    assert "E080407 1 0" in page  # its device is not among the outstanding meters
    head, *rows = lines(client.get(f"{HOME}resend.csv"))
    assert head[:3] == ["device_id", "device_type", "last_refusal_code"]
    assert [row[:5] for row in rows] == [
        [device(14), "ESME", "E080410", "2018-11-21", "MAPA"],
        [device(15), "ESME", "E080414", "2019-01-19", "MAPA"],
    ]


def test_lost_map_ids_are_listed() -> None:
    client = signed_in("S1")
    assert [row[0] for row in lines(client.get(f"{HOME}lost.csv"))[1:]] == [device(9), device(10)]
    assert "2 lost." in words(client.get(f"{HOME}lost/"))


def test_another_supplier_meets_nothing_of_it() -> None:
    declare("S1", 9, reason="secret of S1")
    allow("S1", 4, D, PANEL)
    client = signed_in("S2")
    seen = "".join(
        body(client.get(HOME + path)).decode()
        for path in ("", "plan/", "outcome/", "lost/", "resend.csv", "lost.csv")
    )
    assert "secret" not in seen
    assert "Alderbrook" not in seen
    assert not any(device(number) in seen for number in range(1, 21))
    assert "8 MAP IDs outstanding of 8 in scope" in words(client.get(HOME))
    assert "No requests yet" in words(client.get(f"{HOME}outcome/"))
    assert "None lost" in words(client.get(f"{HOME}lost/"))


OWN = ["plan/", "plan.ics", "plan.csv", "outcome/", "resend.csv", "lost/", "lost.csv", "declare/"]


@pytest.mark.parametrize("who", ["DCC", "SECAS", "M1", "OTHER"])
def test_the_pages_are_the_suppliers_alone(who: str) -> None:
    client = signed_in(who)
    assert {client.get(HOME + path).status_code for path in OWN} == {403}
    assert client.post(f"{HOME}declare/", {"declared": "1"}).status_code == 403
    assert client.get(HOME).status_code == (403 if who in {"M1", "OTHER"} else 200)


def test_figures_for_another_implementation_date_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in("S1")
    monkeypatch.setattr(settings, "SMI_IMPLEMENTATION_DATE", date(2018, 6, 28))
    answer = client.get(HOME)
    assert answer.status_code == 503
    assert "The backfill was counted for an implementation on 2018-11-01" in words(answer)


def test_before_the_first_extract_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in("S1")
    monkeypatch.setattr(ExtractLoad, "current", classmethod(lambda cls: None))
    assert "No extract has been loaded yet" in words(client.get(HOME))
    assert client.get("/").status_code == 200


def test_other_deadlines_under_another_calendar_and_implementation_date(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "SMI_IMPLEMENTATION_DATE", date(2018, 6, 28))
    assert programme.declaration_deadline().due == date(2018, 7, 5)
    assert programme.confirmation_deadline(date(2018, 7, 5)).due == date(2018, 7, 12)
    monkeypatch.setattr(settings, "SMI_IMPLEMENTATION_DATE", date(2018, 12, 28))
    england = programme.declaration_deadline().due
    monkeypatch.setattr(settings, "SMI_WORKING_DAY_CALENDAR", "GB-SCT")
    assert (england, programme.declaration_deadline().due) == (date(2019, 1, 7), date(2019, 1, 8))
