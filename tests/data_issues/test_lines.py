"""The life of a line: raised, routed, delivered, answered; and who sees what of it."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils.html import strip_tags

from smi_portal.data_issues.kinds import Holder, Route, State
from smi_portal.data_issues.models import Submission
from smi_portal.data_issues.post import deliver
from tests.support.people import signed_in

from .conftest import act, lines_of, page, raise_as, w

pytestmark = pytest.mark.usefixtures("real")
WRONG = {"cause": "WRONG_MPXN", "correction": "import_mpxn"}


def test_what_i_can_mend_comes_back_with_the_request_to_send() -> None:
    reference = raise_as("S1", w.OWN, **WRONG, value=w.SPARE_MPAN)
    (one,) = lines_of("S1")
    assert (one.route, one.state, one.holder, one.with_whom) == (Route.SELF, State.OPEN, Holder.RAISER, "You")
    assert "Open, for you to mend" in page("S1", f"/data-issues/submissions/{reference}/")
    sent = signed_in("S1").get(f"/data-issues/lines/{one.line['reference']}/request.xml").content
    assert f"<sr:ImportMPxN>{w.SPARE_MPAN}</sr:ImportMPxN>".encode() in sent
    deliver()
    assert lines_of("S2") == lines_of("M1") == lines_of("M2") == []


def test_what_the_supplier_must_mend_finds_it_without_names() -> None:
    raise_as("M1", w.OWN, **WRONG, value=w.SPARE_MPAN, words="The label says otherwise")
    (mine,) = lines_of("M1")
    assert (mine.route, mine.line["code"], mine.with_whom) == (
        Route.PARTY,
        "E080410",
        "The supplier concerned",
    )
    assert lines_of("S1") == []
    call_command("deliver_data_issues", verbosity=0)
    (theirs,) = lines_of("S1")
    address = f"/data-issues/lines/{theirs.line['reference']}/"
    assert theirs.with_whom == "You"
    shown = page("S1", address)
    assert "The label says otherwise" in shown
    assert "You are asked to mend it" in shown
    assert "Your organisation is not Registered Supplier" not in shown
    assert w.SPARE_MPAN.encode() in signed_in("S1").get(f"{address}request.xml").content
    assert signed_in("M1").get(f"{address}request.xml").status_code == 404
    assert "Ashlock" not in shown
    assert "M1" not in re.sub("<[^>]*>", "", shown)
    for stranger in ("S2", "M2"):
        assert lines_of(stranger) == []
        absent = page(stranger, "/data-issues/lines/AAAAAAAAAA/", 404)
        assert page(stranger, address, 404) == absent
    assert page("DCC", address)
    assert [message.to for message in mail.outbox] == [["person@s1.example"]]
    assert w.OWN not in mail.outbox[0].body
    deliver()
    assert len(mail.outbox) == 1, "notified twice"


def test_details_go_to_the_user_that_added_the_device() -> None:
    raise_as("S1", w.EXPORTING, cause="WRONG_MAP_ID", correction="map_id", value="MAPB")
    deliver()
    (theirs,) = lines_of("S2")
    assert theirs.line["device_id"] == w.EXPORTING


def test_where_no_other_user_could_mend_it_dcc_has_it() -> None:
    raise_as("S1", w.HUB, cause="WRONG_DETAILS")  # nobody is known to have added it
    deliver()
    (one,) = lines_of("S1")
    assert one.with_whom == "DCC"
    assert lines_of("DCC")[0].with_whom == "You"


@pytest.mark.parametrize(
    "sent", [{"cause": "WRONG_MAP_ID"}, {**WRONG, "value": w.SPARE_MPAN}, {"cause": "DUPLICATE"}]
)
def test_a_foreign_device_goes_where_an_absent_one_goes(sent: dict[str, str]) -> None:
    told = []
    for organisation, device in (("S1", w.FOREIGN), ("S1", w.PENDING_FOREIGN), ("S1", w.ABSENT)):
        raise_as(organisation, device, **sent)
        deliver()
        one = lines_of(organisation)[-1]
        line = one.line
        said = [one.route, one.state, one.holder, line["code"], line["reason"], line["resolution"]]
        told.append(str(said).replace(device, "X"))
    assert len(set(told)) == 1
    assert "DCC" in told[0]
    assert lines_of("S2") == [], "the other supplier is not told of a stranger's line"


def test_a_second_click_raises_nothing_twice_and_an_open_line_is_not_raised_again() -> None:
    client = signed_in("S1")
    form = client.get(f"/data-issues/raise/?device={w.OWN.lower()}&cause=duplicate").content.decode()
    (token,) = re.findall(r'name="token" value="(\w+)"', form)
    assert f">{w.OWN}</textarea>" in form
    assert '<option value="DUPLICATE" selected>' in form
    sent = {"lines": w.OWN, "cause": "DUPLICATE", "token": token, "raise": "1"}
    first, second = (client.post("/data-issues/raise/", sent)["Location"] for _ in range(2))
    assert first == second
    assert len(lines_of("S1")) == 1
    raise_as("S1", f"{w.OWN}\n{w.OWN}", cause="DUPLICATE")
    assert [one.state for one in lines_of("S1")] == [State.OPEN, State.RETURNED, State.RETURNED]


def test_another_organisations_token_is_no_way_in() -> None:
    reference = raise_as("S1", w.OWN, cause="DUPLICATE")
    answer = signed_in("S2").post(
        "/data-issues/raise/", {"lines": w.FOREIGN, "cause": "DUPLICATE", "token": reference, "raise": "1"}
    )
    assert answer.status_code == 302
    assert reference not in answer["Location"], "a reference that is taken is replaced, and not told"


def test_checking_raises_nothing_and_loses_nothing() -> None:
    lines = f"device_id,cause,map_id\n{w.OWN},MAP_BLANK,MAPA\nnonsense,MAP_BLANK,\n{w.OWN},WHATEVER,\n"
    answer = signed_in("S1").post("/data-issues/raise/", {"lines": lines, "check": "1"}).content.decode()
    says = ("3 lines checked, nothing raised yet", "not an EUI-64", "is not a cause", "Send this SRV 8.4")
    for words in (*says, "nonsense,MAP_BLANK"):
        assert words in answer
    assert lines_of("S1") == []


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"lines": ""}, "There is no line"),
        ({"lines": "a,b\n1,2"}, "no column device_id"),
        ({"lines": "x", "correction": "map_id"}, "Enter the right value"),
        ({"lines": "x", "value": "MAPA"}, "Choose what the value is of"),
        ({"lines": "x", "cause": "<script>"}, "Choose one of the causes"),
        ({"lines": "device_id\n" + "x\n" * 10_001}, "more than 10,000 lines"),
    ],
)
def test_what_is_wrong_with_the_form_is_said(sent: dict[str, str], says: str) -> None:
    answer = signed_in("S1").post("/data-issues/raise/", {**sent, "raise": "1"})
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()


def test_what_is_said_reaches_the_others_and_the_line_moves_on() -> None:
    raise_as("M1", w.OWN, **WRONG, value=w.SPARE_MPAN)
    deliver()
    reference = lines_of("S1")[0].line["reference"]
    address = f"/data-issues/lines/{reference}/"
    act("M1", reference, "COMMENT", "Any news?")
    assert "Any news?" in page("DCC", address)
    assert "Any news?" not in page("S1", address)
    deliver()
    assert "Any news?" in page("S1", address)
    assert "Say why you cannot mend it" in act("S1", reference, "PASSED", status=400)
    act("S1", reference, "PASSED", "Not our meter point")
    deliver()
    assert lines_of("M1")[0].with_whom == "DCC"
    act("DCC", reference, "MENDED")
    assert lines_of("M1")[0].state is State.MENDED, "what DCC says is seen at once"
    assert "no longer possible" in act("S1", reference, "PASSED", "again", status=400)
    act("M1", reference, "CONFIRMED")
    assert lines_of("M1")[0].state is State.CLOSED


def test_a_line_says_in_a_sentence_with_whom_it_is_and_since_when() -> None:
    raise_as("M1", w.OWN, **WRONG, value=w.SPARE_MPAN)
    deliver()
    reference = lines_of("M1")[0].line["reference"]
    said = " ".join(strip_tags(page("M1", f"/data-issues/lines/{reference}/")).split())
    assert "with the supplier concerned since today; raised today." in said
    assert "with you since today; raised today." in strip_tags(page("S1", f"/data-issues/lines/{reference}/"))
    assert said.index("Add the comment") < said.index("Withdraw it"), "what ends a line is not offered first"


def test_a_page_that_is_out_of_date_decides_nothing() -> None:
    raise_as("S1", w.OWN, cause="DUPLICATE")
    reference = lines_of("S1")[0].line["reference"]
    client = signed_in("S1")
    answer = client.post(f"/data-issues/lines/{reference}/act/", {"do": "WITHDRAWN", "seen": "1"})
    assert answer.status_code == 400
    assert "moved on since you opened" in answer.content.decode()
    assert client.get(f"/data-issues/lines/{reference}/act/").status_code == 405


def test_figures_for_dcc_and_secas_name_no_device() -> None:
    raise_as("S1", f"{w.OWN}\n{w.HUB}", cause="DUPLICATE")
    raise_as("M1", w.OWN, cause="OTHER")
    deliver()
    own, hub = (one.line["reference"] for one in lines_of("S1"))
    act("S1", own, "MENDED")
    act("S1", own, "CONFIRMED")
    act("S1", hub, "WITHDRAWN")
    for who in ("DCC", "SECAS"):
        shown = page(who, "/data-issues/figures/")
        assert "Same MPxN on another meter" in shown
        assert "100.0%" in shown
        assert w.OWN not in shown
    assert "Raised</dt><dd>2<" in page("SECAS", "/data-issues/")


def test_a_long_submission_is_paged_and_its_file_has_all() -> None:
    devices = "\n".join(f"00-DB-00-00-00-00-09-{number:02X}" for number in range(130))
    reference = raise_as("M2", devices, cause="NOT_THERE")
    first = page("M2", f"/data-issues/submissions/{reference}/")
    assert first.count("/data-issues/lines/") == 100
    assert page("M2", f"/data-issues/submissions/{reference}/?after=100").count("/data-issues/lines/") == 30
    file = signed_in("M2").get(f"/data-issues/submissions/{reference}.csv")
    assert len(b"".join(file.streaming_content).splitlines()) == 131
    assert page("M1", f"/data-issues/submissions/{reference}/", 404)
    assert Submission.objects.using("owner").get().lines == 130
