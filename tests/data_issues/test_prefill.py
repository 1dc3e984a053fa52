"""From a device, a finding, a list and a file: each way to raise fills the form in, with what the viewer is shown alone."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from smi_portal.data_issues.views import prefill
from smi_portal.lookup.models import DeviceList
from smi_portal.preflight.readers.limits import Limits
from tests.support.people import signed_in

from .conftest import lines_of, w

pytestmark = pytest.mark.usefixtures("real")
RAISE = "/data-issues/raise/"


def filled(client: Client, address: str) -> tuple[list[str], str, str]:
    """Lines and cause of the form at the address, and the page."""
    text = client.get(address).content.decode()
    (lines,) = re.findall(r'<textarea[^>]*name="lines"[^>]*>([^<]*)</textarea>', text)
    cause = re.findall(r'<option value="(\w+)" selected>', text)
    return unescape(lines).split(), (cause or [""])[0], text


def made_list(client: Client, *identifiers: str) -> str:
    answer = client.post("/lists/", {"pasted": "\n".join(identifiers)})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return str(answer["Location"])


def links(client: Client, address: str) -> list[str]:
    """The page's links to the form, that fill it in."""
    text = client.get(address).content.decode()
    return [unescape(found) for found in re.findall(rf'href="({RAISE}\?[^"]*)"', text)]


def test_from_a_device_and_from_its_finding() -> None:
    client = signed_in("S1")
    first, *findings = links(client, f"/devices/{w.EXPORTING}/")
    assert filled(client, first)[:2] == ([w.EXPORTING], "")
    assert findings, "the device's export MPAN fits no check digit"
    for link in findings:
        lines, cause, _ = filled(client, link)
        assert lines == [w.EXPORTING]
        assert f"cause={cause}" in link
    assert links(signed_in("DCC"), f"/devices/{w.EXPORTING}/") == []


def test_from_all_devices_with_a_finding() -> None:
    client = signed_in("S1")
    for link in links(client, "/quality/"):
        code = link.partition("finding=")[2]
        report = client.get(f"/reports/DQ_001/download.csv?dialect=machine&finding={code}&columns=device_id")
        listed = b"".join(report.streaming_content).decode().split()[1:]
        lines, cause, _ = filled(client, link)
        assert (lines, cause) == (list(dict.fromkeys(listed)), code)
        assert lines
    assert filled(client, f"{RAISE}?finding=NOSUCH")[0] == []


def test_from_a_bulk_list_what_was_found_and_what_is_missing() -> None:
    client = signed_in("S1")
    page = made_list(client, w.OWN, w.EXPORTING_MPAN, w.FOREIGN, w.ABSENT, w.FOREIGN_MPAN, "rubbish")
    found, missing = links(client, page)
    assert filled(client, found)[:2] == ([w.OWN, w.EXPORTING], "")
    assert filled(client, missing)[:2] == ([w.FOREIGN, w.ABSENT], "NOT_THERE")
    assert links(signed_in("DCC"), page) == []
    for stranger in ("S2", "M1"):
        lines, _, text = filled(signed_in(stranger), found)
        assert lines == []
        assert "You have no list L-" in text
    DeviceList.objects.using("owner").all().delete()


def test_more_than_a_submission_takes_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefill, "LIMITS", Limits(requests=1))
    client = signed_in("S1")
    found = links(client, made_list(client, w.OWN, w.EXPORTING))[0]
    lines, _, text = filled(client, found)
    assert lines == [w.OWN]
    assert "There are more than 1 devices" in text
    lines, _, text = filled(client, f"{RAISE}?finding=CHECK_DIGIT")
    assert len(lines) == 1
    DeviceList.objects.using("owner").all().delete()


def test_from_a_file() -> None:
    file = SimpleUploadedFile(
        "lines.csv", f"device_id,cause\n{w.OWN},DUPLICATE\n{w.HUB},EMPTY_HUB\n".encode()
    )
    answer = signed_in("S1").post(RAISE, {"file": file, "raise": "1"})
    assert answer.status_code == 302
    assert [(one.line["device_id"], one.line["cause"]) for one in lines_of("S1")] == [
        (w.OWN, "DUPLICATE"),
        (w.HUB, "EMPTY_HUB"),
    ]


@pytest.mark.parametrize(
    "query", ["device=%00", "devices=%3Cscript%3E", "devices=L-BBBBBB&outcome=x", "finding=%00"]
)
def test_nonsense_fills_nothing_in(query: str) -> None:
    lines, _, text = filled(signed_in("M1"), f"{RAISE}?{query}")
    assert lines == []
    assert "<script>alert" not in text
    assert "<script>E" not in text
