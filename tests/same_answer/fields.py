"""Every field and key that takes an identifier: the same as `addresses`, for forms, queries and bodies."""

from __future__ import annotations

from pathlib import Path

from tests.same_answer import theirs
from tests.same_answer.asking import (
    DEVICE,
    NO_ID,
    NO_LIST,
    NO_NUMBER,
    NO_REFERENCE,
    Place,
    get,
    post,
    the_list,
    the_workbook,
    uploaded,
)
from tests.support.tokens import API

#: Form's field, or key of a query → the places. `Form.field` for a form of ours, else the key alone.
FIELDS = {
    "FindForm.q": (
        Place(get("/find/?q={}"), *DEVICE),
        Place(get("/find/?q={}"), theirs.MPAN, theirs.NO_MPAN),
        Place(get("/find/?q={}"), theirs.MPRN, theirs.NO_MPRN, ("S2",)),
        Place(get("/find/?q={}"), theirs.SERIAL, theirs.NO_SERIAL),
        Place(get("/find/?q={}"), theirs.UPRN, theirs.NO_UPRN, ("S2",)),
        Place(get(f"/find/?q={{}} {theirs.HOUSE}"), theirs.POSTCODE, theirs.NO_POSTCODE, ("S2",)),
    ),
    "FindForm.device_id": (
        Place(get("/find/?device_id={}"), *DEVICE),
        Place(get(API + "inventory?device_id={}"), *DEVICE, ("@M2",)),
        Place(get(API + "inventory.xml?device_id={}"), *DEVICE, ("@M2",)),
    ),
    "FindForm.mpxn": (
        Place(get("/find/?mpxn={}"), theirs.MPAN, theirs.NO_MPAN),
        Place(get("/find/?mpxn={}"), theirs.MPRN, theirs.NO_MPRN, ("S2",)),
        Place(get(API + "inventory?mpxn={}"), theirs.MPAN, theirs.NO_MPAN, ("@M2",)),
    ),
    "FindForm.serial_number": (
        Place(get("/find/?serial_number={}"), theirs.SERIAL, theirs.NO_SERIAL),
        Place(get(API + "inventory?serial_number={}"), theirs.SERIAL, theirs.NO_SERIAL, ("@M2",)),
    ),
    "FindForm.uprn": (
        Place(get("/find/?uprn={}"), theirs.UPRN, theirs.NO_UPRN, ("S2",)),
        Place(get(API + "inventory?uprn={}"), theirs.UPRN, theirs.NO_UPRN, ("@S2",)),
    ),
    "FindForm.postcode": (
        Place(
            get(f"/find/?postcode={{}}&address_identifier={theirs.HOUSE}"),
            theirs.POSTCODE,
            theirs.NO_POSTCODE,
            ("S2",),
        ),
        Place(
            get(f"{API}inventory?postcode={{}}&address_identifier={theirs.HOUSE}"),
            theirs.POSTCODE,
            theirs.NO_POSTCODE,
            ("@S2",),
        ),
    ),
    "FindForm.address_identifier": (
        Place(
            get(f"/find/?postcode={theirs.POSTCODE}&address_identifier={{}}"),
            theirs.HOUSE,
            "9 No House",
            ("S2",),
        ),
    ),
    "ListForm.pasted": (
        Place(the_list("/lists/{}/"), *DEVICE),
        Place(the_list("/lists/{}/"), theirs.MPAN, theirs.NO_MPAN),
        Place(the_list("/lists/{}/"), theirs.SERIAL, theirs.NO_SERIAL),
        Place(the_list("/reports/RSMI_001/?devices={}"), *DEVICE),
    ),
    "ListForm.file": (Place(uploaded("/lists/", "file", "{}\n"), *DEVICE),),
    "FeedForm.device_id": (
        Place(get("/changes/?device_id={}"), *DEVICE),
        Place(get("/changes/download.csv?device_id={}"), *DEVICE),
        Place(get(API + "changes?device_id={}"), *DEVICE, ("@M2",)),
    ),
    "LedgerForm.file": (Place(the_workbook, *DEVICE), Place(the_workbook, theirs.MPAN, theirs.NO_MPAN)),
    "LedgerForm.saved": (
        Place(
            lambda client, given: theirs.ledger(client, theirs.NO_METER, saved=given),
            theirs.a_mapping,
            "No mapping",
        ),
    ),
    "LedgerForm.save_as": (
        Place(
            lambda client, given: theirs.ledger(client, theirs.NO_METER, save_as=given),
            theirs.a_mapping,
            "No mapping",
        ),
    ),
    "RaiseForm.lines": (
        Place(post("/data-issues/raise/", lines="{}", cause="OTHER", words="x", check="1"), *DEVICE),
        Place(post("/data-issues/raise/", lines="{}", cause="OTHER", words="x", **{"raise": "1"}), *DEVICE),
        Place(
            post(
                "/data-issues/raise/",
                lines="{}",
                cause="WRONG_MPXN",
                correction="import_mpxn",
                value=theirs.NO_MPAN,
                check="1",
            ),
            *DEVICE,
        ),
    ),
    "RaiseForm.value": (
        Place(
            post(
                "/data-issues/raise/",
                lines="00-DB-00-00-00-02-00-01",
                cause="WRONG_MPXN",
                correction="import_mpxn",
                value="{}",
                check="1",
            ),
            theirs.MPAN,
            theirs.NO_MPAN,
        ),
    ),
    "token": (
        Place(
            post("/data-issues/raise/", lines=theirs.NO_METER, cause="OTHER", token="{}", **{"raise": "1"}),
            theirs.a_submission,
            NO_REFERENCE,
        ),
    ),
    "file": (
        Place(uploaded("/data-issues/raise/", "file", "device_id\n{}\n", cause="OTHER", check="1"), *DEVICE),
    ),
    "text": (
        Place(post("/preflight/", text="device_id,delete\n{},yes\n"), *DEVICE),
        Place(
            post("/preflight/", text="device_id,import_mpxn\n00-DB-00-00-00-02-00-01,{}\n"),
            theirs.MPAN,
            theirs.NO_MPAN,
        ),
    ),
    "files": (Place(uploaded("/preflight/", "files", "device_id,delete\n{},yes\n"), *DEVICE),),
    "device": (Place(get("/data-issues/raise/?device={}"), *DEVICE),),
    "view": (Place(get("/reports/RSMI_001/?view={}"), theirs.a_view, NO_NUMBER, ("M2", "DCC")),),
    "end": (Place(post("/account/sessions/", end="{}"), theirs.a_session, NO_NUMBER, ("M2", "M1+")),),
    "what": (
        Place(
            lambda client, given: client.post(
                "/people/approvals/", {"what": f"invitation-{given}", "decision": "yes"}, follow=True
            ),
            theirs.an_invitation,
            NO_NUMBER,
            ("DCC", "DCC+"),
        ),
    ),
    "TokenForm.form_key": (
        Place(
            post("/account/tokens/", name="x", covers="RSMI_001", days="7", form_key="{}"),
            theirs.a_form_key,
            "d" * 31 + "1",
        ),
    ),
    "EntryFilter.person": (
        Place(get("/audit/?person={}"), "person@m1.example", "nobody@m1.example", ("M2+",)),
        Place(get("/audit/audit.csv?person={}"), "person@m1.example", "nobody@m1.example", ("M2+",)),
    ),
    "EntryFilter.organisation": (Place(get("/audit/?organisation={}"), "M1", "MX", ("M2+",)),),
    # Whose address it is, is told to nobody: not by an invitation, and not by a forgotten password.
    "InviteForm.email": (
        Place(
            post("/people/", email="{}", name="A Newcomer", role="member"),
            "person@m1.example",
            "nobody@m1.example",
            ("M2+",),
        ),
    ),
    "FirstAdministratorForm.email": (
        Place(
            post("/organisations/M2/", email="{}", name="A Newcomer"),
            "person@m1.example",
            "nobody@m1.example",
            ("DCC",),
        ),
    ),
    "as_at": (Place(get("/devices/{}/?as_at=2018-11-05"), *DEVICE),),
    "query": (
        Place(
            lambda client, given: client.get(f"/views/new/RSMI_001/?devices={given}"),
            theirs.a_list,
            NO_LIST,
        ),
    ),
}

#: Places without a key of ours in the source: what else takes an identifier.
BESIDES = {
    "a month of statistics": Place(get("/statistics/{}/"), "2018-10", "2031-10"),
    "the same as a file": Place(get("/statistics/{}/statistics.csv"), "2018-10", "2031-10"),
    "an expired invitation": Place(get("/account/invitation/{}/"), theirs.an_expired_link, "c" * 43),
    "a file's question": Place(
        lambda client, given: client.get(f"/files/new/RSMI_001/?devices={given}"),
        theirs.a_list,
        NO_LIST,
    ),
    "a schedule's question": Place(
        lambda client, given: client.get(f"/schedules/new/RSMI_001/?devices={given}"),
        theirs.a_list,
        NO_LIST,
    ),
    "a job's question": Place(
        lambda client, given: client.post(
            API + "reports/RSMI_001/jobs",
            {"format": "csv", "question": {"devices": given}},
            content_type="application/json",
        ),
        theirs.a_list,
        NO_LIST,
        ("@M2",),
    ),
    "cancelling a job": Place(
        lambda client, given: client.delete(f"{API}jobs/{given}"),
        theirs.a_file,
        NO_ID,
        ("@M2", "@DCC"),
    ),
}

#: Fields and keys that name nothing.
NAMES_NOTHING = frozenset(
    line
    for line in Path(__file__).with_name("names_nothing.txt").read_text().splitlines()
    if not line.startswith("#")
)
