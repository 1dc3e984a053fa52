"""The Panel's pages: months, publication, corrections, and the pack."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.http import HttpResponseBase

from smi_portal.access.scope import scope
from smi_portal.backfill.models import PanelDate, Publication, PublishedRow
from smi_portal.backfill.panel.pack import _put
from tests.support.people import signed_in

from .conftest import D, device, viewer
from .saying import PANEL, allow, declare, panel
from .test_columns import rows
from .test_supplier_pages import body, words

pytestmark = pytest.mark.usefixtures("loaded")
PANEL_PAGES = "/backfill/panel/"


def publish(month: str = "2018-11", who: str = "SECAS", **data: str) -> HttpResponseBase:
    return signed_in(who).post(f"{PANEL_PAGES}{month}/publish/", data, follow=True)


def frozen(month: str) -> list[dict[str, Any]]:
    with scope(viewer("SECAS")):
        found = PublishedRow.objects.filter(publication__month=month).order_by("publication__version", "pk")
        return [row.figures for row in found]


def test_publishing_freezes_the_rows_of_bkf_002() -> None:
    panel(PANEL, date(2018, 11, 15))
    page = words(publish())
    assert "November 2018 is published as version 1." in page
    live = [row for row in rows("SECAS") if row["month"] == "2018-11"]
    text = {True: "true", False: "false", None: ""}
    stored = [
        {
            k: text.get(v, str(v)) if not isinstance(v, int) or isinstance(v, bool) else str(v)
            for k, v in row.items()
        }
        for row in frozen("2018-11")
    ]
    assert stored == live
    assert len(live) == 3


def test_a_second_version_needs_a_change_and_a_note_and_leaves_the_first() -> None:
    publish()
    answer = publish()
    assert answer.status_code == 400
    assert "Say what the new version corrects." in words(answer)
    answer = publish(note="again")
    assert answer.status_code == 400
    assert "Nothing has changed since version 1" in words(answer)
    declare("S1", 9, date(2018, 11, 8))  # recorded late for a day that has passed
    page = words(signed_in("SECAS").get(f"{PANEL_PAGES}2018-11/"))
    assert "3 figures have changed since the last publication." in page
    assert "S1, Declared: – → 9" in page
    assert "It has not declared." in page  # what the Panel was shown stays
    assert "published as version 2" in words(publish(note="A declaration had been overlooked."))
    assert [row["declared"] for row in frozen("2018-11")] == [None, None, None, None, 9, None]
    old = words(signed_in("SECAS").get(f"{PANEL_PAGES}2018-11/?version=1"))
    assert "Version 1 Published on 31 January 2019, as the Panel was shown it." in old
    new = words(signed_in("SECAS").get(f"{PANEL_PAGES}2018-11/"))
    assert "Correction: A declaration had been overlooked." in new
    live = words(signed_in("SECAS").get(f"{PANEL_PAGES}2018-11/?version=live"))
    assert "Not what was published These are the figures of the data as loaded now." in live


def test_a_supplier_sees_what_the_panel_was_shown_about_it_alone() -> None:
    publish()
    page = words(signed_in("S1").get("/backfill/"))
    assert "What the Panel was shown about you" in page
    assert "2018-11 1 57.9 8 0" in page
    assert "Birchfield" not in page


def test_the_pack_is_a_workbook_with_charts_and_no_device() -> None:
    panel(PANEL, date(2018, 11, 15))
    allow("S1", 4, date(2018, 11, 19), PANEL, date(2018, 11, 15))
    publish()
    publish("2018-12")
    answer = signed_in("SECAS").get(f"{PANEL_PAGES}2018-12/pack.xlsx")
    assert answer["Content-Disposition"] == 'attachment; filename="backfill-panel_2018-12_v1.xlsx"'
    book = openpyxl.load_workbook(io.BytesIO(body(answer)))
    assert book.sheetnames == ["Summary", "Progress", "League", "Trend", "Definitions"]
    assert [len(book[name]._charts) for name in ("League", "Trend")] == [1, 1]
    values = {cell.value for sheet in book for line in sheet.iter_rows() for cell in line}
    assert not any(device(number) in str(value) for number in range(1, 42) for value in values)
    assert "31 January 2019, 00:00 UTC (extract 1)" in values
    progress = [[cell.value for cell in line] for line in book["Progress"].iter_rows()]
    live = [row for row in rows("SECAS") if row["month"] == "2018-12"]
    assert [line[0] for line in progress[1:]] == [row["organisation"] for row in live]
    place = progress[0].index("Outstanding")
    assert [str(line[place]) for line in progress[1:]] == [row["outstanding"] for row in live]
    assert [line[0] for line in book["Trend"].iter_rows(values_only=True)][:3] == [
        "Month",
        "2018-11",
        "2018-12",
    ]
    assert not [
        cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.data_type == "f"
    ]


def test_text_is_never_a_formula_in_the_pack() -> None:
    sheet = openpyxl.Workbook().active
    for text in ("=1+1", "+A1", "a\x07b"):
        cell = _put(sheet.cell(1, 1), text)
        assert cell.data_type == "s"
    assert cell.value == "a\ufffdb"


def test_the_printed_pack_says_what_when_and_from_which_data() -> None:
    panel(PANEL, date(2018, 11, 15))
    publish()
    page = words(signed_in("SECAS").get(f"{PANEL_PAGES}2018-11/pack/"))
    for part in (
        "report to the Panel, November 2018",
        "Data as at 31 January 2019, 00:00 UTC (extract 1)",
        "Panel date 30 Apr 2019",
        "Percent complete 42.9",
        "Definitions",
    ):
        assert part in page
    assert signed_in("SECAS").get(f"{PANEL_PAGES}2018-12/pack/").status_code == 404
    assert signed_in("SECAS").get(f"{PANEL_PAGES}2018-12/pack.xlsx").status_code == 404


def test_the_league_reasons_and_range() -> None:
    panel(PANEL, date(2019, 1, 15))
    page = words(signed_in("SECAS").get(f"{PANEL_PAGES}2019-01/"))
    assert "Not published" in page
    assert "2 Alderbrook Energy 50.0 -11.1 9 2 Not on track" in page
    assert "2 MAP IDs that were there are gone." in page
    assert "No request was accepted in the last 28 days, so no finish can be projected." in page


@pytest.mark.parametrize("month", ["2018-10", "2019-02", "2018-13", "0000-01", "x"])
def test_months_outside_the_programme_are_not_there(month: str) -> None:
    assert signed_in("SECAS").get(f"{PANEL_PAGES}{month}/").status_code == 404


@pytest.mark.parametrize("version", ["2", "0", "-1", "x", "99999999999999"])
def test_versions_that_are_not_there(version: str) -> None:
    assert signed_in("SECAS").get(f"{PANEL_PAGES}2018-11/?version={version}").status_code == 404


def test_the_panel_date_is_recorded_and_keeps_the_past() -> None:
    client = signed_in("SECAS")
    for sent, said in (
        ("2018-11-01", "Choose a day after implementation"),
        ("soon", "as year"),
        ("", "Enter the Panel date"),
    ):
        answer = client.post(f"{PANEL_PAGES}date/", {"panel_date": sent})
        assert answer.status_code == 400
        assert said in words(answer)
    assert "The Panel date is 30 April 2019." in words(
        client.post(f"{PANEL_PAGES}date/", {"panel_date": "2019-04-30"}, follow=True)
    )
    assert [row["panel_date"] for row in rows("S1")] == ["", "", "2019-04-30"]
    with scope(viewer("SECAS")):
        assert PanelDate.objects.get().decided_on == D


@pytest.mark.parametrize("who", ["S1", "M1", "OTHER"])
def test_the_pages_are_not_for_users(who: str) -> None:
    client = signed_in(who)
    for path in ("", "2018-11/", "2018-11/pack/", "2018-11/pack.xlsx"):
        assert client.get(PANEL_PAGES + path).status_code == 403
    assert publish(who=who).status_code == 403


def test_dcc_reads_and_does_not_publish() -> None:
    assert signed_in("DCC").get(f"{PANEL_PAGES}2018-11/").status_code == 200
    assert publish(who="DCC").status_code == 403
    assert signed_in("DCC").post(f"{PANEL_PAGES}date/", {"panel_date": "2019-04-30"}).status_code == 403
    with scope(viewer("SECAS")):
        assert not Publication.objects.exists()
