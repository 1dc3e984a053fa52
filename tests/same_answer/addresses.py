"""Every address with an identifier in it: who asks, how, for what of somebody else's, for what that is not there.

`test_every_place.py` holds this table against the site's addresses: a new one fails until it is here.
"""

from __future__ import annotations

from tests.same_answer import theirs
from tests.same_answer.asking import DEVICE, NO_ID, NO_LIST, NO_NUMBER, NO_REFERENCE, TO_ALL, Place, get, post
from tests.support.tokens import API

PARTIES = ("M2",)

#: Address, as the site's table of addresses has it → the place.
ADDRESSES = {
    "devices/<str:device_id>/": Place(get("/devices/{}/"), *DEVICE),
    "changes/asset/<str:device_id>/": Place(get("/changes/asset/{}/"), *DEVICE),
    "lists/<str:reference>/": Place(get("/lists/{}/"), theirs.a_list, NO_LIST, ("M2", "DCC")),
    "lists/<str:reference>/name/": Place(
        post("/lists/{}/name/", name="x"), theirs.a_list, NO_LIST, ("M2", "DCC")
    ),
    "lists/<str:reference>/delete/": Place(post("/lists/{}/delete/"), theirs.a_list, NO_LIST, ("M2", "DCC")),
    "views/<int:pk>/": Place(post("/views/{}/", name="x"), theirs.a_view, NO_NUMBER, TO_ALL),
    "views/<int:pk>/question/": Place(
        post("/views/{}/question/", query=""), theirs.a_view, NO_NUMBER, TO_ALL
    ),
    "views/<int:pk>/prefer/": Place(post("/views/{}/prefer/", pin=""), theirs.a_view, NO_NUMBER, TO_ALL),
    "views/<int:pk>/delete/": Place(post("/views/{}/delete/"), theirs.a_view, NO_NUMBER, TO_ALL),
    "files/<uuid:export_id>/": Place(get("/files/{}/"), theirs.a_file, NO_ID, TO_ALL),
    "files/<uuid:export_id>/progress/": Place(get("/files/{}/progress/"), theirs.a_file, NO_ID, TO_ALL),
    "files/<uuid:export_id>/cancel/": Place(post("/files/{}/cancel/"), theirs.a_file, NO_ID, TO_ALL),
    "files/<uuid:export_id>/again/": Place(post("/files/{}/again/"), theirs.a_file, NO_ID, TO_ALL),
    "files/<uuid:export_id>/download/": Place(get("/files/{}/download/"), theirs.a_file, NO_ID, TO_ALL),
    "schedules/<uuid:schedule_id>/": Place(get("/schedules/{}/"), theirs.a_schedule, NO_ID, TO_ALL),
    "schedules/<uuid:schedule_id>/edit/": Place(get("/schedules/{}/edit/"), theirs.a_schedule, NO_ID, TO_ALL),
    "schedules/<uuid:schedule_id>/<str:action>/": Place(
        post("/schedules/{}/pause/"), theirs.a_schedule, NO_ID, TO_ALL
    ),
    "account/tokens/<int:pk>/revoke/": Place(
        post("/account/tokens/{}/revoke/"), theirs.a_token, NO_NUMBER, ("M2", "M1+")
    ),
    "rental-days/statement/<str:kept_id>/": Place(
        get("/rental-days/statement/{}/"), theirs.a_statement, NO_ID, PARTIES
    ),
    "rental-days/statement/<str:kept_id>/differences.csv": Place(
        get("/rental-days/statement/{}/differences.csv"), theirs.a_statement, NO_ID, PARTIES
    ),
    "reconcile/ledgers/<uuid:job_id>/": Place(get("/reconcile/ledgers/{}/"), theirs.a_ledger, NO_ID, PARTIES),
    "reconcile/ledgers/<uuid:job_id>/progress/": Place(
        get("/reconcile/ledgers/{}/progress/"), theirs.a_ledger, NO_ID, PARTIES
    ),
    "reconcile/ledgers/<uuid:job_id>/cancel/": Place(
        post("/reconcile/ledgers/{}/cancel/"), theirs.a_ledger, NO_ID, PARTIES
    ),
    "reconcile/<str:kept_id>/": Place(get("/reconcile/{}/"), theirs.a_reconciliation, NO_ID, PARTIES),
    "reconcile/<str:kept_id>/workbook.xlsx": Place(
        get("/reconcile/{}/workbook.xlsx"), theirs.a_reconciliation, NO_ID, PARTIES
    ),
    "data-issues/submissions/<str:reference>/": Place(
        get("/data-issues/submissions/{}/"), theirs.a_submission, NO_REFERENCE
    ),
    "data-issues/submissions/<str:reference>.csv": Place(
        get("/data-issues/submissions/{}.csv"), theirs.a_submission, NO_REFERENCE
    ),
    "data-issues/lines/<str:reference>/": Place(get("/data-issues/lines/{}/"), theirs.a_line, NO_REFERENCE),
    "data-issues/lines/<str:reference>/act/": Place(
        post("/data-issues/lines/{}/act/", do="COMMENT", words="x"), theirs.a_line, NO_REFERENCE
    ),
    "data-issues/lines/<str:reference>/request.xml": Place(
        get("/data-issues/lines/{}/request.xml"), theirs.a_line, NO_REFERENCE
    ),
    "usage/<int:pk>/<str:what>/lift/": Place(
        post("/usage/{}/rows/lift/", reason="x"), theirs.a_person, NO_NUMBER, ("M2+", "SECAS+")
    ),
    "people/<int:pk>/": Place(
        post("/people/{}/", action="deactivate"), theirs.a_person, NO_NUMBER, ("M2+", "DCC+")
    ),
    "people/invitations/<int:pk>/": Place(
        post("/people/invitations/{}/", action="again"),
        theirs.an_invitation,
        NO_NUMBER,
        ("M2+", "DCC+"),
    ),
    "account/invitation/<str:token>/": Place(
        get("/account/invitation/{}/"), theirs.a_withdrawn_link, "c" * 43, ("M2", "S2")
    ),
    "account/second-step/passkeys/<int:pk>/remove/": Place(
        get("/account/second-step/passkeys/{}/remove/"), theirs.a_passkey, NO_NUMBER, ("M2", "M1+")
    ),
    "account/second-step/passkeys/<int:pk>/name/": Place(
        get("/account/second-step/passkeys/{}/name/"), theirs.a_passkey, NO_NUMBER, ("M2", "M1+")
    ),
    "api/v1/reconciliations/<uuid:job>": Place(
        get(API + "reconciliations/{}"), theirs.a_ledger, NO_ID, ("@M2",)
    ),
    "api/v1/reconciliations/<uuid:job>/workbook.xlsx": Place(
        get(API + "reconciliations/{}/workbook.xlsx"), theirs.a_ledger, NO_ID, ("@M2",)
    ),
    "api/v1/jobs/<uuid:job>": Place(get(API + "jobs/{}"), theirs.a_file, NO_ID, ("@M2", "@DCC")),
    "api/v1/jobs/<uuid:job>/file": Place(get(API + "jobs/{}/file"), theirs.a_file, NO_ID, ("@M2", "@DCC")),
}

#: Parts of addresses that identify nothing that is anybody's.
NO_IDENTIFIER = {
    "code": "a report: every report is known to all, and refused by role alone",
    "extension": "a file's format",
    "form": "a file's format",
    "action": "a verb",
    "what": "a kind of limit",
    "group": "a group of fields",
    "month": "a month: an unpublished one is asked for below",
    "rest": "nothing: what the API does not have",
    "provider_id": "a sign-in service of the settings",
    "organisation": "an organisation; DCC alone enters, and knows all of them from the extract",
    "uidb36": "a person, with the key of a mail: a wrong key and nobody's are asked for below",
    "key": "of that mail",
}
#: Addresses whose number is open to everyone where the page exists at all.
OPEN = {"inbox/<int:pk>/": "the demo's mails, open to all in the demo; elsewhere there is no such page"}
