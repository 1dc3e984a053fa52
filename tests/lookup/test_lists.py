"""Lists of identifiers: what each line names, who may use a list, and what is refused."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports.engine.ask import AskRefused
from reports.engine.options import options_for
from smi_portal.access.scope import Viewer, scope
from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation
from smi_portal.lookup import lists
from smi_portal.lookup.models import DeviceList
from smi_portal.lookup.reading.tables import OLE
from tests.contract.cases import CASES, Case
from tests.lookup.test_find import NOBODYS, mask, own
from tests.support.asking import ask_of, table, viewer_of
from tests.support.people import RELEASED, address, signed_in
from tests.support.world import device_id

pytestmark = pytest.mark.usefixtures("loaded")


def viewer(organisation: str, email: str = "") -> Viewer:
    found = viewer_of(organisation, RELEASED.get(organisation, ()))
    assert found is not None
    return replace(found, person_id=Person.objects.get(email=email or address(organisation)).pk)


def make(organisation: str, *texts: str, name: str = "") -> str:
    who = viewer(organisation)
    with scope(who):
        return lists.make(who, lists.recognised(texts), name)


def annotated(organisation: str, reference: str, **given: str) -> list[dict[str, str]]:
    header, *rows = table(viewer(organisation), "LIST_001", devices=reference, **given)
    return [dict(zip(header, row, strict=True)) for row in rows]


#: An MPAN that nobody has, and whose check digit is wrong.
WRONG = next(text for n in range(11) if lists.recognise(text := f"99999999999{n:02d}").why)


def test_each_line_is_annotated_in_the_lists_own_order() -> None:
    mine = [row for row in own("M1") if row["device_type"] == "ESME"]
    theirs = next(row for row in own("M2") if row["device_id"] not in {r["device_id"] for r in mine})
    given = [
        mine[1]["device_id"].lower(),
        theirs["device_id"],
        NOBODYS,
        mine[0]["mpxn"],
        "1.2E+12",
        mine[1]["device_id"].replace("-", ""),
        "1000000000012",
        WRONG,
    ]
    rows = annotated("M1", make("M1", *given))
    assert [row["given"] for row in rows] == given
    assert [row["line"] for row in rows] == [str(n) for n in range(1, 9)]
    outcomes = [row["outcome"] for row in rows]
    assert outcomes == [
        *("found", "not found or not yours", "not found or not yours", "found", "malformed", "duplicate"),
        *("not found or not yours", "malformed"),
    ]
    assert rows[0]["device_ids"] == mine[1]["device_id"]
    assert rows[3]["device_ids"] == mine[0]["device_id"]
    assert "rounded number" in rows[4]["why"]
    assert rows[5]["why"] == "the same as line 1"
    assert "check digit is wrong" in rows[7]["why"]
    masked = [
        {key: value for key, value in row.items() if key not in {"line", "given", "identifier"}}
        for row in rows
    ]
    assert masked[1] == masked[2], "a foreign identifier is one that does not exist"


def test_a_wrong_check_digit_that_the_inventory_holds_is_found() -> None:
    row = next(r for r in own("DCC") if r["mpxn"] and lists.recognise(r["mpxn"]).why)
    (line,) = annotated("DCC", make("DCC", row["mpxn"]))
    assert line["outcome"] == "found"
    assert "check digit" in line["why"]


REPORTS = sorted(
    {case.report.code for case in CASES if any(c.key == "device_id" for c in case.report.columns)}
)


@pytest.mark.parametrize("code", REPORTS)
@pytest.mark.parametrize("organisation", ["M1", "S1", "DCC"])
def test_every_report_of_devices_takes_a_list(code: str, organisation: str) -> None:
    """Its rows are just those of the unfiltered report whose device the list names, by whatever identifier."""
    case = next((c for c in CASES if c.report.code == code and c.organisation == organisation), None)
    if case is None:
        pytest.skip("not for this role")
    every = case.records()
    assert every
    devices = sorted({row["device_id"] for row in every})[::2]
    reference = make(organisation, *devices, NOBODYS)
    want = [row for row in every if row["device_id"] in devices]
    assert records(case, organisation, reference) == want
    assert len(want) < len(every) or len(every) == 1


def test_what_a_list_offers_to_filter_by_is_its_own() -> None:
    """Whatever list was looked at before: what is offered is kept, and must be kept list by list."""
    offered = []
    for text in (device_id(1, 1), NOBODYS):
        who = viewer("M1")
        reference = make("M1", text)
        ask = ask_of(who, "LIST_001", devices=reference)
        with scope(who):
            offered.append(dict(options_for(ask)["outcome"]))
    assert offered == [{"found": 1}, {"not found or not yours": 1}]


def records(case: Case, organisation: str, reference: str, **given: str) -> list[dict[str, str]]:
    header, *rows = table(viewer(organisation), case.report.code, devices=reference, **given)
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize("history", ["", "true"])
def test_a_list_of_mpxns_names_their_devices_on_that_day(history: str) -> None:
    case = next(c for c in CASES if c.report.code == "RSMI_001" and c.organisation == "S1")
    some = [row for row in case.records() if row["mpxn"]][:5]
    reference = make("S1", *(row["mpxn"] for row in some))
    named = {row["device_id"] for row in some}
    got = records(case, "S1", reference, history=history)
    assert {row["device_id"] for row in got} == named
    assert got == [row for row in case.records(history=history) if row["device_id"] in named]


def colleague() -> str:
    Person.objects.create_person("two@m1.example", "Two", Organisation.objects.get(organisation="M1"), None)
    return "two@m1.example"


def test_only_ones_own_lists_exist() -> None:
    """A colleague's, another organisation's and none: the same words, the same 404, by every road."""
    reference = make("M1", device_id(1, 1), name="mine")
    second = colleague()
    for other in (viewer("M2"), viewer("DCC"), viewer("M1", second)):
        words = []
        for asked in (reference, "L-222222"):
            with pytest.raises(AskRefused) as refused:
                table(other, "RSMI_001", devices=asked)
            words.append(str(refused.value).replace(asked, "*"))
        assert words[0] == words[1]
        assert refused.value.status == 400
    client = signed_in("M2")
    client.get("/lists/L-222222/")
    answers = []
    for asked in (reference, "L-222222", "nonsense"):
        with CaptureQueriesContext(connection) as captured:
            page = client.get(f"/lists/{asked}/")
            effort = len(captured)
        report = client.get("/reports/RSMI_001/", {"devices": asked})
        file = client.get("/reports/RSMI_001/download.csv", {"devices": asked})
        assert (page.status_code, report.status_code, file.status_code) == (404, 400, 400)
        echo = {mask(each.content.decode(), asked) for each in (report, file)}
        answers.append((mask(page.content.decode(), asked), echo, effort))
    assert answers[0] == answers[1]
    assert answers[0][:2] == answers[2][:2]
    for act in ("delete", "name"):
        client.post(f"/lists/{reference}/{act}/", {"name": "theirs"})
    mine = viewer("M1")
    with scope(mine):
        assert [one.name for one in lists.listed(mine)] == ["mine"]


def test_the_database_keeps_another_organisations_lists_away() -> None:
    """Whatever the code asks: DCC too reads, changes and deletes nobody's but its own."""
    make("M1", device_id(1, 1))
    for other in ("M2", "S1", "DCC", "SECAS"):
        with scope(viewer(other)):
            assert DeviceList.objects.count() == 0
            assert DeviceList.objects.update(name="x") == 0
            assert DeviceList.objects.all().delete()[0] == 0
    with scope(viewer("M1")):
        assert DeviceList.objects.count() == 1


def test_a_list_works_from_the_command_line_and_for_an_organisation() -> None:
    reference = make("M1", device_id(1, 1))
    for asker in (viewer("M1"), replace(viewer("M1"), person_id=None)):
        assert [row[0] for row in table(asker, "RSMI_002", devices=reference.lower())[1:]] == [
            device_id(1, 1)
        ]


def test_the_input_is_part_of_the_declaration_of_reports_with_devices_alone() -> None:
    with pytest.raises(AskRefused, match="not an input of BKF_002"):
        ask_of(viewer("DCC"), "BKF_002", devices="L-222222")


# The pages


def paste(organisation: str, text: str, **more: object) -> tuple[int, str, str]:
    """Status, page and reference."""
    answer = signed_in(organisation).post("/lists/", {"pasted": text, **more})
    where = answer.headers.get("Location", "")
    return answer.status_code, answer.content.decode(), where.rstrip("/").rpartition("/")[2]


def test_pasted_named_seen_downloaded_used_renamed_and_deleted() -> None:
    client = signed_in("M1")
    mine = own("M1")[0]["device_id"]
    status, _, reference = paste("M1", f"Device\n{mine}\n{NOBODYS}\n{mine}\n", name="Van <3>")
    assert status == 302
    page = client.get(f"/lists/{reference}/").content.decode()
    assert "Van &lt;3&gt;" in page
    assert "1 heading row left out: Device." in page
    for outcome, number in [("Found", 1), ("Not found or not yours", 1), ("Malformed", 0), ("Duplicate", 1)]:
        line = page[page.index(f">{outcome}<") :]
        assert line[line.index("numeric") :].split(">", 1)[1].startswith(f"{number}<"), outcome
    file = client.get(f"/reports/LIST_001/download.csv?devices={reference}")
    rows = list(csv.reader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == [mine, NOBODYS, mine]
    assert client.get(f"/reports/LIST_001/?devices={reference}&outcome=found").status_code == 200
    assert mine in client.get(f"/reports/MAP_001/?devices={reference}").content.decode()
    client.post(f"/lists/{reference}/name/", {"name": "Lorry"})
    assert "Lorry" in client.get("/lists/").content.decode()
    assert client.post(f"/lists/{reference}/delete/").status_code == 302
    assert client.post(f"/lists/{reference}/delete/").status_code == 302
    assert client.get(f"/lists/{reference}/").status_code == 404


def test_report_without_its_list_is_refused_in_words() -> None:
    answer = signed_in("M1").get("/reports/LIST_001/")
    assert answer.status_code == 400
    assert "Name the list" in answer.content.decode()
    assert signed_in("M1").get("/reports/LIST_001/download.csv").status_code == 400


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"pasted": ""}, "Give at least one identifier, or upload a file"),
        ({"pasted": "Device ID"}, "not found"),
        ({"pasted": "\n \n\t\n"}, "Give at least one identifier, or upload a file"),
        ({"pasted": "x", "kind": "colour"}, "Select a valid choice"),
        ({"pasted": "x", "name": "n" * 101}, "at most 100"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(given: dict[str, str], sentence: str) -> None:
    answer = signed_in("M1").post("/lists/", given, follow=True)
    page = answer.content.decode()
    assert sentence.lower() in page.lower()
    if answer.status_code == 400:
        assert "There is a problem" in page
        assert given["pasted"].strip() in page


def test_too_long_a_list_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(f"{n:013d}" for n in range(lists.MOST_LINES + 1))
    status, page, _ = paste("M1", text)
    assert status == 400
    assert "more than 100,000 identifiers: split it" in page


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("list.csv", b"", "The file is empty"),
        ("list.xlsx", OLE + bytes(600), "has a password"),
        ("list.xlsx", b"PK\x03\x04 broken", "damaged"),
        ("list.csv", b"\n\n", "no identifier"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_at_its_field(name: str, content: bytes, sentence: str) -> None:
    answer = signed_in("M1").post("/lists/", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert sentence in page
    assert 'id="id_file_error"' in page


def test_a_request_beyond_the_limit_is_refused_before_it_is_read() -> None:
    client = signed_in("M1")
    answer = client.generic(
        "POST", "/lists/", b"", "multipart/form-data; boundary=x", CONTENT_LENGTH="1073741824"
    )
    assert answer.status_code == 413
    assert "up to 25 MB" in answer.content.decode()
    assert client.generic("POST", "/lists/", b"", CONTENT_LENGTH="many").status_code in {302, 400, 403}
