"""DCC's pages: declarations, proposals, confirmation, capacity, demand."""

from __future__ import annotations

from datetime import date

import pytest
from django.http import HttpResponseBase

from smi_portal.access.scope import scope
from smi_portal.backfill.models import Allowance, DailyCapacity
from tests.support.people import signed_in

from .conftest import D, viewer
from .saying import PANEL, allow, capacity, declare, panel
from .test_supplier_pages import words

pytestmark = pytest.mark.usefixtures("loaded")
HOME = "/backfill/"
GOOD = {"daily_allowance": "3", "window_from": "2019-02-01", "window_to": "2019-04-30"}


def confirm(user: str = "S1", **changes: str) -> HttpResponseBase:
    return signed_in("DCC").post(f"{HOME}allowances/{user}/", {**GOOD, **changes}, follow=True)


def stored() -> list[tuple[int, int]]:
    with scope(viewer("DCC")):
        return list(Allowance.objects.order_by("pk").values_list("version", "daily_allowance"))


def test_all_declarations_received_late_missing_corrected() -> None:
    declare("S1", 9, date(2018, 11, 8))
    declare("S1", 7, date(2018, 11, 20), 2, reason="two are gone")
    declare("S2", 8, date(2018, 11, 9))
    page = words(signed_in("DCC").get(HOME))
    assert "2 declarations received (1 late, 1 corrected), 1 missing; 2 allowances to confirm." in page
    assert (
        "Alderbrook Energy Received Corrected 8 Nov 2018: 9 20 Nov 2018: 7 (counted 9). two are gone" in page
    )
    assert "Birchfield Power Late 9 Nov 2018: 8" in page
    assert "M1 Missing" in page
    assert "Thu 15 Nov 2018 Overdue" in page


def test_the_proposal_keeps_to_the_capacity_and_is_fair() -> None:
    declare("S1", 9)
    declare("S2", 8)
    assert "Not set yet" in words(signed_in("DCC").get(HOME))
    capacity(6)
    page = words(signed_in("DCC").get(HOME))
    assert "5 Working Days left 3 – –" in page
    assert page.count("5 Working Days left 3 – –") == 2
    allow("S2", 4, D, PANEL)
    page = words(signed_in("DCC").get(HOME))
    assert "5 Working Days left 2 – –" in page


def test_confirmation_reaches_the_user() -> None:
    declare("S1", 9)
    capacity(6)
    panel()
    page = words(signed_in("DCC").get(f"{HOME}allowances/S1/"))
    assert "Confirm by Thursday 7 February 2019 : 5 Working Days left" in page
    assert "Fri 1 February 2019: Working Day 1" in page
    assert "Proposed: 6 a day" in page
    assert "Confirmed: 3 a day for Alderbrook Energy" in words(confirm(note="Steady"))
    page = words(signed_in("S1").get(HOME))
    assert "3 Update Inventory requests (SRV 8.4) a day, from 1 February 2019 to 30 April 2019" in page
    assert "DCC says: Steady" in page
    confirm(daily_allowance="4")
    assert stored() == [(1, 3), (2, 4)]


def test_a_window_after_the_panel_date_is_confirmed_with_a_warning() -> None:
    declare("S1", 9)
    capacity(6)
    panel(date(2019, 3, 1))
    assert "Its window ends after the Panel date." in words(confirm())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"daily_allowance": "0"}, "An allowance of zero lets the User send nothing"),
        ({"daily_allowance": "7"}, "7 a day is above the whole daily capacity of 6."),
        (
            {"daily_allowance": "5"},
            "could send 7 on 1 February 2019, 1 above the daily capacity of 6. Give at most 4",
        ),
        ({"window_to": "2019-01-31"}, "The window ends before it starts: choose 1 February 2019 or later."),
        ({"window_from": "2018-10-31"}, "The window cannot start before implementation"),
        ({"window_to": "30/04/2019"}, "as year, month and day"),
        ({"window_from": ""}, "Enter the first day of the window."),
        ({"daily_allowance": ""}, "Enter the daily allowance."),
    ],
)
def test_what_cannot_be_confirmed_is_said_on_the_page(changes: dict[str, str], said: str) -> None:
    declare("S1", 9)
    capacity(6)
    allow("S2", 2, date(2019, 1, 7), PANEL)
    answer = confirm(**changes)
    assert answer.status_code == 400
    assert said in words(answer)
    assert stored() == [(1, 2)]


def test_nothing_is_confirmed_before_a_declaration_or_for_nobody() -> None:
    capacity(6)
    answer = confirm()
    assert answer.status_code == 400
    assert "Alderbrook Energy has not declared yet" in words(answer)
    assert stored() == []
    assert confirm("NOBODY").status_code == 404


def test_nothing_is_confirmed_without_a_capacity() -> None:
    declare("S1", 9)
    assert "DCC's daily capacity has not been set." in words(confirm())


def test_the_capacity_cannot_undercut_what_is_confirmed() -> None:
    capacity(6)
    allow("S2", 4, date(2019, 1, 7), PANEL)
    client = signed_in("DCC")
    for sent, said in (
        ("3", "4 a day are already confirmed for 1 February 2019"),
        ("0", "at least 1"),
        ("x", "whole"),
    ):
        answer = client.post(f"{HOME}capacity/", {"per_day": sent})
        assert answer.status_code == 400
        assert said in words(answer)
    assert "The daily capacity is 1,200 from now on." in words(
        client.post(f"{HOME}capacity/", {"per_day": "1,200"}, follow=True)
    )
    with scope(viewer("DCC")):
        assert [row.per_day for row in DailyCapacity.objects.order_by("pk")] == [6, 1200]


def test_demand_and_who_went_over() -> None:
    allow("S1", 4, date(2018, 11, 19), PANEL, date(2018, 11, 15))
    capacity(6, date(2018, 11, 2))
    page = words(signed_in("DCC").get(f"{HOME}demand/"))
    assert "1 day went above the capacity of that day." in page
    assert "Alderbrook Energy Tue 20 Nov 2018 10 4 6 Inside" in page
    assert "19 Nov 2018 1 4 10 6" in page  # week from: planned, allowed, sent, capacity


def test_a_past_day_is_judged_by_its_own_capacity() -> None:
    capacity(6, date(2018, 11, 2))
    capacity(60)
    page = words(signed_in("DCC").get(f"{HOME}demand/"))
    assert "a daily capacity of 60. 1 day went above" in page
    assert "19 Nov 2018 0 0 10 6" in page
    assert "28 Jan 2019 0 0 0 60" in page


@pytest.mark.parametrize("who", ["S1", "SECAS", "M1", "OTHER"])
def test_the_pages_are_dccs_alone(who: str) -> None:
    client = signed_in(who)
    for path in ("demand/", "allowances/S1/"):
        assert client.get(HOME + path).status_code == 403
    assert client.post(f"{HOME}capacity/", {"per_day": "5"}).status_code == 403
    assert client.post(f"{HOME}allowances/S1/", GOOD).status_code == 403
