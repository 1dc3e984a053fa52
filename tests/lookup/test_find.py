"""Read Inventory: each criterion finds what it names and is seen, and nothing tells of what is not."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reports.engine.report import report_for
from tests.contract.cases import Case
from tests.support.asking import table, viewer_of
from tests.support.people import RELEASED, signed_in
from tests.support.world import device_id, mpan, mprn, odd

pytestmark = pytest.mark.usefixtures("loaded")

NOBODYS = "00-DB-FF-FF-FF-FF-FF-FF"


def find(organisation: str, **given: str) -> tuple[int, str]:
    answer = signed_in(organisation).get("/find/", given)
    return answer.status_code, answer.content.decode()


def devices(page: str) -> list[tuple[str, bool]]:
    """Device IDs in order, and whether each answers the search itself."""
    rows = re.findall(r'/devices/([^"?/]+)/[^>]*>[^<]*</a></td>\s*<td>([^<]*)</td>', page)
    return [(device, found == "Your search") for device, found in rows]


def own(organisation: str, **given: str) -> list[dict[str, str]]:
    """The rows of SRV_8_2 by the engine's own road."""
    viewer = viewer_of(organisation, RELEASED.get(organisation, ()))
    header, *rows = table(viewer, "SRV_8_2", **given)
    return [dict(zip(header, row, strict=True)) for row in rows]


def home_with(organisation: str, other: str = "") -> dict[str, str]:
    """A meter with an MPxN that the organisation sees, and `other` does not."""
    not_mine = {row["device_id"] for row in own(other)} if other else set()
    return next(
        row
        for row in own(organisation)
        if row["device_type"] == "ESME" and row["mpxn"] and row["device_id"] not in not_mine
    )


@pytest.mark.parametrize("organisation", ["M1", "S1", "DCC"])
@pytest.mark.parametrize("key", ["device_id", "mpxn"])
def test_an_identifier_finds_its_device_by_box_and_by_field(organisation: str, key: str) -> None:
    row = home_with(organisation)
    text = row[key].lower().replace("-", "") if key == "device_id" else f" {row[key]} "
    for field in ("q", key):
        status, page = find(organisation, **{field: text})
        assert status == 200
        assert (row["device_id"], True) in devices(page)
        assert all(device == row["device_id"] for device, named in devices(page) if named)


def test_an_export_mpan_finds_its_meter() -> None:
    row = next(row for row in own("DCC") if row["export_mpan"])
    assert (row["device_id"], True) in devices(find("DCC", q=row["export_mpan"])[1])


def test_a_serial_number_is_found_in_any_case() -> None:
    row = next(row for row in own("DCC") if row["meter_serial_number"] == odd(14))
    for text in (odd(14), odd(14).upper(), odd(14).lower()):
        named = {device for device, is_named in devices(find("DCC", serial_number=text)[1]) if is_named}
        assert row["device_id"] in named
        assert named == {r["device_id"] for r in own("DCC") if r["meter_serial_number"] == odd(14)}


def test_premises_are_asked_by_only_where_they_are_released() -> None:
    row = home_with("M1")
    assert (row["device_id"], True) in devices(find("M1", uprn=row["uprn"])[1])
    assert (row["device_id"], True) in devices(find("M1", q=f"0{row['uprn']}")[1])
    theirs = home_with("M2")
    uprn = next(r["uprn"] for r in own("DCC") if r["device_id"] == theirs["device_id"])
    status, page = find("M2", uprn=uprn)
    assert status == 400
    assert "cannot be asked by" in page
    assert "No device found" in find("M2", q=uprn)[1]
    assert "Postcode" not in find("M2")[1]


def test_the_home_is_listed_with_it_as_far_as_it_is_seen() -> None:
    row = next(r for r in own("DCC") if r["device_id"] == device_id(3, 1))
    for organisation in ("DCC", "S2", "M1", "M2"):
        seen = {r["device_id"]: r["communications_hub_id"] for r in own(organisation)}
        if row["device_id"] not in seen:
            continue
        listed = {device for device, _ in devices(find(organisation, q=row["device_id"])[1])}
        assert listed == {device for device, hub in seen.items() if hub == row["communications_hub_id"]}
    assert len(devices(find("DCC", q=row["device_id"])[1])) == 4


def test_a_past_day_is_answered_as_of_that_day() -> None:
    """Home 3 went from S1 to S2: S1 finds it on the day before, and not now."""
    meter = device_id(3, 1)
    assert (meter, True) in devices(find("S1", q=mpan(3), as_at="2018-11-09")[1])
    assert devices(find("S1", q=mpan(3))[1]) == []
    assert (meter, True) in devices(find("S2", q=mpan(3))[1])


def mask(page: str, *texts: str) -> str:
    for text in (*texts, *(text.lower() for text in texts)):
        page = page.replace(text, "*")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)


@pytest.mark.parametrize("key", ["device_id", "mpxn", "q"])
def test_a_foreign_device_is_one_that_does_not_exist(key: str) -> None:
    """Same status, same bytes but for the echo, same statements."""
    row = home_with("M2", other="M1")
    column = "device_id" if key == "q" else key
    nowhere = NOBODYS if column == "device_id" else "9" * len(row["mpxn"])
    client = signed_in("M1")
    client.get("/find/", {key: nowhere})
    pages, statements = [], []
    for text in (row[column], nowhere):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get("/find/", {key: text})
        statements.append(
            [re.sub(re.escape(text), "*", q["sql"]) for q in captured if "smi.context" not in q["sql"]]
        )
        pages.append((answer.status_code, mask(answer.content.decode(), text)))
    if key == "mpxn":  # what is said about check digits follows from the digits alone
        pages = [
            (status, re.sub(r'<p class="message message--warning".*?</p>', "", page))
            for status, page in pages
        ]
    assert pages[0] == pages[1]
    assert [len(each) for each in statements] == [len(statements[0])] * 2


def test_nothing_asked_is_the_form_and_nonsense_is_refused_at_its_field() -> None:
    assert find("S1")[0] == 200
    for given, sentence in [
        ({"device_id": "00-DB"}, "A Device ID has 16 hexadecimal digits"),
        ({"mpxn": "1.2E+12"}, "rounded number"),
        ({"q": "1.2E+12"}, "rounded number"),
        ({"mpxn": "12x"}, "digits only"),
        ({"device_id": NOBODYS, "mpxn": mprn(1)}, "one criterion only"),
        ({"postcode": "ZZ1 1ZZ"}, "give both"),
        ({"colour": "red"}, "cannot be asked by"),
        ({"q": NOBODYS, "as_at": "2999-01-01"}, "after the loaded extract"),
        ({"q": NOBODYS, "as_at": "soon"}, "Write the day as"),
        ({"q": "a\x00b"}, "Null characters"),
        ({"q": "x" * 300}, "at most 200"),
    ]:
        status, page = find("S1", **given)
        assert status == 400, given
        assert sentence in page, given
        assert "There is a problem" in page


def test_secas_and_strangers_find_nothing() -> None:
    assert find("SECAS")[0] == 403
    assert signed_in("SECAS").get(f"/devices/{device_id(1, 1)}/").status_code == 403
    assert Client().get("/find/").status_code == 302


@pytest.mark.parametrize("organisation", ["M1", "M2", "S1", "DCC"])
def test_it_says_what_the_reports_say(organisation: str) -> None:
    """Every column that a listed report shows too has the same value, now and on a past day."""
    for day in ("", "2018-11-09"):
        mine = {row["device_id"]: row for row in own(organisation, as_at=day)}
        for code in ("RSMI_001", "RSMI_002", "RSMI_003", "MAP_001"):
            case = Case(report_for(code), organisation)  # type: ignore[arg-type]
            if case.viewer.role not in case.report.roles:
                continue
            for row in case.records(as_at=day):
                shared = row.keys() & mine[row["device_id"]].keys()
                assert len(shared) > 5
                assert {key: mine[row["device_id"]][key] for key in shared} == {
                    key: row[key] for key in shared
                }
        assert set(mine) == {
            row["device_id"] for row in Case(report_for("RSMI_002"), organisation).records(as_at=day)
        }  # type: ignore[arg-type]
