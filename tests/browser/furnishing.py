"""One of everything that people make on the site, made by the demo's people through its own forms.

So that every page has something to show. The pages with nothing on them are looked at as `people.OTHER_MAP`, who
makes nothing. Runs inside the site's own environment (`serving`): `furnish()`.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from smi_portal.accounts.models import Invitation, Person
from smi_portal.accounts.people.invitations import hash_of
from smi_portal.data_issues.post import deliver
from smi_portal.inventory.models import ExtractLoad

from .people import DCC, MAP, SECAS, SUPPLIER

LONG = "Meters that nobody could find at the first visit unreachable_since_firmware_0102"
#: What stands in the mail to the person whom the MAP invites; the portal keeps no token, only its hash.
INVITED = "an-invitation-that-the-tests-know"
#: Who makes things → a report of theirs.
MAKERS = {MAP: "MAP_001", SUPPLIER: "RSMI_001", DCC: "RSMI_001", SECAS: "BKF_002"}


class Maker:
    """A person of the demo before the site's forms."""

    def __init__(self, email: str) -> None:
        self.email = email
        self.client = Client(SERVER_NAME="127.0.0.1")
        self.client.force_login(Person.objects.get(email=email))

    def post(self, path: str, **given: Any) -> str:
        """Send a form; where it leads. Fails when it is given back."""
        answer = self.client.post(path, given)
        if answer.status_code != 302:
            words = " ".join(re.sub("<[^>]*>", " ", answer.content.decode()).split())
            raise RuntimeError(f"{self.email}: POST {path} answers {answer.status_code}: {words[:1500]}")
        return str(answer["Location"])

    def devices(self, code: str) -> list[str]:
        """The first Device IDs of a report."""
        answer = self.client.get(f"/reports/{code}/download.csv?dialect=machine")
        rows = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))  # type: ignore[attr-defined]
        return [row["device_id"] for row in rows][:3]


def furnish() -> None:
    """Everything. Call once on a fresh demo."""
    load = ExtractLoad.current()
    assert load is not None
    makers = {email: Maker(email) for email in MAKERS}
    for email, maker in makers.items():
        _files_and_views(maker, MAKERS[email])
    call_command("worker", once=True, verbosity=0)
    for email, maker in makers.items():
        maker.post(f"/files/new/{MAKERS[email]}/", format="csv")  # this one waits
    for email in (MAP, SUPPLIER, DCC):
        _devices(makers[email], makers[email].devices(MAKERS[email]), load.day)
    deliver()
    call_command("build_statistics", stdout=io.StringIO(), stderr=io.StringIO())
    _publish(makers[DCC])
    mailed = Invitation.objects.using("owner").filter(email=f"new@{MAP.split('@')[1]}")
    assert mailed.update(token_hash=hash_of(INVITED)) == 1


def _files_and_views(maker: Maker, code: str) -> None:
    query = "device_status=Commissioned&" if code != "BKF_002" else ""
    maker.post(f"/views/new/{code}/?{query}rows=25", name=LONG, pinned="on")
    maker.post(f"/files/new/{code}/", format="xlsx")
    maker.post(f"/schedules/new/{code}/", name=LONG, form="csv", rhythm="working_day", working_day="3")
    page = maker.client.get("/account/tokens/").content.decode()
    key = re.search(r'name="form_key" value="([^"]+)"', page)
    assert key is not None
    maker.client.post(
        "/account/tokens/", {"name": "Nightly load", "covers": [code], "days": "30", "form_key": key[1]}
    )


def _devices(maker: Maker, devices: list[str], day: date) -> None:
    maker.post("/lists/", pasted="\n".join([*devices, "00-DB-00-00-00-00-FF-FF"]), name=LONG)
    if maker.email == DCC:
        return
    maker.post(
        "/data-issues/raise/",
        lines="\n".join(devices[:2]),
        cause="WRONG_DETAILS",
        note=LONG,
        **{"raise": "1"},
    )
    last = day.replace(day=1)
    first = (last - timedelta(days=1)).replace(day=1)
    maker.post("/rental-days/keep/", **{"from": first.isoformat(), "to": last.isoformat()})
    lines = [f"{device},{first},{last}" for device in [*devices, "00-DB-00-00-00-00-FF-FF"]]
    ledger = SimpleUploadedFile("ledger.csv", "\n".join(["device,from,to", *lines]).encode())
    given = {
        "start": first.isoformat(),
        "end": last.isoformat(),
        "rate": "0.0345",
        "saved": "",
        "save_as": "",
    }
    maker.post("/reconcile/", file=ledger, **given)
    maker.post("/people/", name="New Person", email=f"new@{maker.email.split('@')[1]}", role="member")


def _publish(dcc: Maker) -> None:
    months = re.findall(r"/statistics/(\d{4}-\d{2})/", dcc.client.get("/statistics/").content.decode())
    dcc.post(f"/statistics/{months[0]}/publish/", public="yes")
