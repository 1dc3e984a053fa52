"""`POST /api/v1/preflight`: the command's verdicts for programs, whatever is sent; and who may ask."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command
from django.test import Client

from smi_portal import fair_use
from smi_portal.access.scope import scope
from smi_portal.accounts.models import Person
from smi_portal.audit.models import AuditEntry
from smi_portal.preflight.readers.limits import PAGE
from tests.support.people import address, signed_in
from tests.support.tokens import problem_of, program

from . import conftest as w
from .conftest import update, xml
from .documents import DELETE, LAUGHS, zipped

pytestmark = pytest.mark.usefixtures("loaded")
HERE = "/api/v1/preflight"
XML, ZIP, CSV = "application/xml", "application/zip", "text/csv"
LINES = f"device_id,map_id,import_mpxn\n{w.OWN},MAPA,\n{w.FOREIGN},MAPA,\n1.2E+12,,12\n".encode()
OWN = xml(update(w.OWN, "<sr:DeleteDevice/>"))


@pytest.fixture(autouse=True)
def brisk(settings: Any) -> None:
    """A pace that no test meets by accident."""
    settings.SMI_API_REQUESTS_PER_MINUTE = 100_000


def sender(organisation: str = "S1") -> Client:
    return program(organisation, ["PREFLIGHT"])


def ask(content: bytes, kind: str = XML, organisation: str = "S1") -> dict[str, Any]:
    answer = sender(organisation).post(HERE, content, content_type=kind)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = json.loads(answer.content)
    assert found["count"] == len(found["requests"])
    return found


@pytest.mark.parametrize("organisation", ["S1", "S2", "M1", "M2"])
@pytest.mark.parametrize(
    ("content", "kind"),
    [(OWN, XML), (LINES, CSV), (zipped({"b.xml": OWN, "a.csv": LINES, "c.txt": b"?"}), ZIP)],
)
def test_it_says_what_the_command_says(content: bytes, kind: str, organisation: str, tmp_path: Path) -> None:
    file, out = tmp_path / "body", io.StringIO()
    file.write_bytes(content)
    call_command("preflight", str(file), organisation=organisation, stdout=out)
    printed = [json.loads(line) for line in out.getvalue().splitlines()]
    told = ask(content, f"{kind}; charset=utf-8", organisation)["requests"]
    assert [{**one, "file": one["file"].replace(str(file), "body")} for one in printed] == told
    assert len(told) == {XML: 1, CSV: 3, ZIP: 5}[kind]


def test_the_answer_is_as_described() -> None:
    found = ask(zipped({"a.xml": OWN, "b.csv": LINES, "c.xml": xml("<sr:X/>", "8.2")}), ZIP)
    assert {one["verdict"] for one in found["requests"]} == {
        "accepted",
        "refused",
        "malformed",
        "not_checked",
    }
    document = json.loads(sender().get("/api/v1/openapi.json").content)
    schema = {"$ref": "#/components/schemas/Checked", "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(found)
    described = document["paths"][HERE]
    assert set(described["post"]["requestBody"]["content"]) == {XML, "text/xml", ZIP, CSV}
    assert described["x-roles"] == ["MAP", "SUPPLIER"]


def test_foreign_and_absent_are_told_alike() -> None:
    told = [
        json.dumps(ask(xml(update(device, "<sr:DeleteDevice/>")))).replace(device, "X")
        for device in (w.FOREIGN, w.ABSENT)
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (LAUGHS + b"]><l>&j;</l>", XML, "DOCTYPE"),
        (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', XML, "DOCTYPE"),
        (b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><r/>', "text/xml", "DOCTYPE"),
        (b"<a>" * 100_000, XML, "well-formed"),
        (xml(update(w.OWN, "x" * PAGE.document)), XML, "at most 1 MB"),
        (zipped({"bomb.xml": b" " * (PAGE.unpacked + 10)}), ZIP, "too large"),
        (zipped({"inner.zip": zipped({"a.xml": DELETE})}), ZIP, "within an archive"),
        (zipped({"a.xml": DELETE})[:-30], ZIP, "damaged"),
        (b"\x00\xff\x01", CSV, "neither XML"),
        (b"   \n ", XML, "empty"),
        (b"device_id\n" + b"00DB1234567890A0\n" * 10_001, CSV, "10,000"),
        (b"given: {}", XML, "no column device_id"),
    ],
)  # fmt: skip
def test_hostile_content_is_a_sentence(content: bytes, kind: str, says: str) -> None:
    told = ask(content, kind)["requests"]
    assert told[-1]["verdict"] == "malformed"
    assert says in told[-1]["reason"]
    assert told[-1]["resolution"]
    assert "root:" not in json.dumps(told)


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=x", "text/html", "", "nonsense"]
)
def test_another_content_type_is_refused(kind: str) -> None:
    answer = sender().post(HERE, OWN, content_type=kind)
    assert (answer.status_code, problem_of(answer)["kind"]) == (415, "wrong-content-type")


def test_a_body_that_is_too_long_or_empty_is_refused_unread() -> None:
    answer = sender().post(HERE, b" " * (PAGE.file + 1), content_type=CSV)
    assert (answer.status_code, problem_of(answer)["kind"]) == (413, "body-too-long")
    # A length that is only claimed: nothing of it is ever read. 1 GB is beyond what any page takes, too.
    for length in (str(PAGE.file + 1), "1000000000"):
        answer = sender().generic("POST", HERE, b"", CONTENT_TYPE=CSV, CONTENT_LENGTH=length)
        assert (answer.status_code, problem_of(answer)["kind"]) == (413, "body-too-long")
    answer = sender().generic("POST", HERE, b"", CONTENT_TYPE=XML)
    assert (answer.status_code, problem_of(answer)["kind"]) == (400, "bad-body")


def test_who_may_not_is_refused() -> None:
    assert Client().post(HERE, OWN, content_type=XML).status_code == 401
    assert signed_in("S1").post(HERE, OWN, content_type=XML).status_code == 401
    assert problem_of(program("S1", ["RSMI_001"]).post(HERE, OWN, content_type=XML))["kind"] == (
        "token-does-not-cover"
    )
    for organisation, kind in (
        ("DCC", "not-for-your-role"),
        ("SECAS", "not-for-your-role"),
        ("S0", "no-role"),
    ):
        answer = sender(organisation).post(HERE, OWN, content_type=XML)
        assert (answer.status_code, problem_of(answer)["kind"]) == (403, kind)
    assert problem_of(sender().get(HERE))["kind"] == "method-not-allowed"
    offered = {who: signed_in(who).get("/account/tokens/").content for who in ("S1", "M2", "DCC", "SECAS")}
    assert [who for who, page in offered.items() if b'value="PREFLIGHT"' in page] == ["S1", "M2"]


def test_it_is_counted_and_noted_as_the_page_is(settings: Any) -> None:
    person = Person.objects.get(email=address("S1"))
    before = fair_use.left(person, "lookups")
    ask(LINES, CSV)
    assert before - fair_use.left(person, "lookups") == 2, "two devices; the third line names none"
    with scope(w.viewer("S1")):
        (noted,) = AuditEntry.objects.filter(kind="pre-flight", person=person.email).values_list(
            "details", flat=True
        )
    assert (noted["requests"], noted["devices"]) == (3, 2)
    assert noted["channel"].startswith("api, token ")
    settings.SMI_DAILY_CAPS = {**settings.SMI_DAILY_CAPS, "lookups": 3}
    answer = sender().post(HERE, LINES, content_type=CSV)
    assert (answer.status_code, problem_of(answer)["kind"]) == (429, "fair-use")


def test_the_pace_holds_and_a_check_stands_for_ten_requests(settings: Any) -> None:
    settings.SMI_API_REQUESTS_PER_MINUTE = 25
    client = sender()
    answers = [client.post(HERE, OWN, content_type=XML).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
