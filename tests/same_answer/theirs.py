"""A home that only M1, S1 and DCC may know of, and things that M1 and S1 keep: all foreign to M2 and S2.

Each maker below does what its owner would do on the pages, and gives the identifier by which it is asked for.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from reports.exports.making import make
from smi_portal.accounts.models import Invitation, Person
from smi_portal.accounts.people import invitations
from smi_portal.inventory.identifiers import mpan_check_digit, mprn_check_digits
from smi_portal.inventory.models import Organisation
from smi_portal.tokens.models import ApiToken
from tests.exports.asking import ask
from tests.oracle.home import Home, iso
from tests.oracle.inventory import Tables
from tests.support import world
from tests.support.people import address as person_of
from tests.support.people import signed_in
from tests.support.tokens import API, make_token, program

#: Of the private home, and what has the same form and does not exist.
METER, NO_METER = "00-DB-77-00-00-00-00-01", "00-DB-77-00-00-00-00-F1"
HUB = "00-DB-77-00-00-00-00-00"
MPAN, NO_MPAN = (body + mpan_check_digit(body) for body in ("177000000001", "177000000009"))
MPRN, NO_MPRN = (body + mprn_check_digits(body) for body in ("77000000", "77000009"))
SERIAL, NO_SERIAL = "THEIRS0001", "THEIRS9999"
UPRN, NO_UPRN = "777000000001", "777000009999"
POSTCODE, NO_POSTCODE = "ZY9 1AA", "ZY9 9ZZ"
HOUSE = "77 Their House"


def tables() -> Tables:
    """The contract's world with the private home in it: every text of its own, so that each is foreign to others."""
    home = Home(extract_day=20)
    home.tables = world.build()
    for device, kind, more in (
        (HUB, "CHF", {}),
        (METER, "ESME", {"esme_variant": "A", "serial_number": SERIAL}),
        (METER[:-1] + "2", "GSME", {"serial_number": SERIAL + "G"}),
    ):
        home.device(
            device,
            kind,
            manufacturer="Their Manufacturer",
            model="Their Model",
            smets_chts_version="SMETS2 V7.7",
            csp_region="Their Region",
            uprn=UPRN,
            postcode=POSTCODE,
            address_identifier=HOUSE,
            pre_notified_by="S1",
            installed_on=iso(-50),
            commissioned_on=iso(-49),
            **more,
        )
        home.status(device, "Commissioned")
        home.firmware(device, "Their Firmware")
    for device, mpxn in ((METER, MPAN), (METER[:-1] + "2", MPRN)):
        home.link(device, HUB, -85)
        home.mpxn(device, mpxn)
        home.supplier(mpxn, "SUPB")
        home.map(device, "MAPB")
    home.add(
        "certificates",
        device_id=METER,
        certificate_serial="77THEIRS",
        key_usage="Their Usage",
        issued_on=iso(-40),
        expires_on=iso(40),
    )
    home.add(
        "schedules",
        schedule_id="their-schedule",
        device_id=METER,
        organisation="S1",
        service_reference_variant="7.7",
        frequency="Theirs",
        start_date=iso(-20),
    )
    return home.tables


def make_administrators() -> None:
    """One for each organisation that has things of its own; as the owner, to stay."""
    for code in ("M1", "M2", "S1", "S2", "DCC", "SECAS"):
        organisation = Organisation.objects.using("owner").get(organisation=code)
        Person.objects.db_manager("owner").create_person(
            f"boss@{code.lower()}.example", "Boss", organisation, None, is_administrator=True
        )


def administrator(organisation: str) -> Client:
    """A browser in which that organisation's administrator has signed in."""
    client = Client()
    client.force_login(Person.objects.get(email=f"boss@{organisation.lower()}.example"))
    return client


# What M1 and S1 keep -------------------------------------------------------------------------------------------


def a_list(organisation: str = "M1") -> str:
    """The reference of a list of identifiers."""
    answer = signed_in(organisation).post("/lists/", {"pasted": METER, "name": "Theirs"})
    return _last(answer)


def a_view() -> str:
    """The number of a saved view, shared with the whole organisation."""
    answer = signed_in("M1").post("/views/new/RSMI_001/?device_type=ESME", {"name": "Theirs", "shared": "on"})
    return re.findall(r"view=(\d+)", answer["Location"])[0]


def a_file() -> str:
    """A prepared file, asked for by the page, ready."""
    export = ask("M1")
    make(export.pk, lambda: False)
    return str(export.pk)


def a_schedule() -> str:
    """A weekly report."""
    given = {"name": "Theirs", "form": "csv", "rhythm": "weekly", "weekday": "1"}
    answer = signed_in("M1").post("/schedules/new/RSMI_001/", given)
    return _last(answer)


def a_token() -> str:
    """The number of an API token."""
    make_token("M1")
    return str(ApiToken.objects.latest("pk").pk)


def a_form_key() -> str:
    """The key of the form by which a token was made: a second click with it makes no second token."""
    key = "e" * 32
    given = {"name": "Theirs", "covers": ["RSMI_001"], "days": "7", "form_key": key}
    assert signed_in("M1").post("/account/tokens/", given).status_code == 200
    return key


def a_statement() -> str:
    """Rental days kept as evidence."""
    return _last(signed_in("M1").post("/rental-days/keep/", {"from": "2018-11-01", "to": "2018-11-21"}))


def a_reconciliation(organisation: str = "M1") -> str:
    """A ledger that was compared."""
    return _last(ledger(signed_in(organisation), METER))


def a_ledger() -> str:
    """A ledger of M1's that waits for a worker to compare it."""
    answer = program("M1").post(
        f"{API}reconciliations?from=2018-11-01&to=2018-11-21",
        f"Device ID,From,To\n{METER},2018-11-01,2018-11-21\n".encode(),
        content_type="text/csv",
    )
    assert answer.status_code == 202, answer.content
    return str(answer.json()["id"])


def a_submission() -> str:
    """Data issues that S1 raised."""
    answer = signed_in("S1").post("/data-issues/raise/", _issue())
    return _last(answer)


def a_line() -> str:
    """One line of such a submission."""
    page = signed_in("S1").get(f"/data-issues/submissions/{a_submission()}/").content.decode()
    return re.findall(r"/data-issues/lines/(\w+)/", page)[0]


def a_person() -> str:
    """Somebody of M1."""
    return str(Person.objects.get(email=person_of("M1")).pk)


def an_invitation() -> str:
    """The number of an invitation to M1 that nobody has taken up."""
    return str(_invited().pk)


def a_withdrawn_link() -> str:
    """The token of an invitation that was taken back."""
    invitation, token = _invited(), "a" * 43
    Invitation.objects.filter(pk=invitation.pk).update(
        token_hash=invitations.hash_of(token), withdrawn_at=timezone.now()
    )
    return token


def an_expired_link() -> str:
    """The token of an invitation whose 72 hours are over."""
    invitation, token = _invited(), "b" * 43
    Invitation.objects.filter(pk=invitation.pk).update(
        token_hash=invitations.hash_of(token), expires_at=timezone.now() - timedelta(hours=1)
    )
    return token


def a_passkey() -> str:
    """Another person's."""
    return str(
        Authenticator.objects.create(
            user=Person.objects.get(email=person_of("M1")),
            type=Authenticator.Type.WEBAUTHN,
            data={"name": "T"},
        ).pk
    )


def a_session() -> str:
    """Another person's, elsewhere."""
    other = signed_in("M1")
    return str(
        UserSession.objects.create(
            user=Person.objects.get(email=person_of("M1")),
            ip="192.0.2.7",
            user_agent="Theirs",
            session_key=other.session.session_key,
        ).pk
    )


def ledger(client: Client, device: str, **given: str) -> Any:
    """Send a ledger of one line."""
    form = {"start": "2018-11-01", "end": "2018-11-21", "rate": "", "saved": "", "save_as": ""} | given
    text = f"device,from,to\n{device},2018-11-01,2018-11-21\n"
    return client.post("/reconcile/", {**form, "file": SimpleUploadedFile("ledger.csv", text.encode())})


def a_mapping() -> str:
    """The name under which M1 keeps how its ledger's columns are called."""
    ledger(signed_in("M1"), METER, save_as="Their mapping")
    return "Their mapping"


def _invited() -> Invitation:
    boss = Person.objects.get(email="boss@m1.example")
    return invitations.invite(boss, boss.organisation, "newcomer@m1.example", "A Newcomer", False)


def _issue() -> dict[str, str]:
    return {"lines": METER, "cause": "OTHER", "words": "Theirs", "raise": "1"}


def _last(answer: Any) -> str:
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return str(answer["Location"].rstrip("/").rsplit("/", 1)[1])
