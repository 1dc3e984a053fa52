"""Every role × every address, command and report column, written down by hand: `rights.txt`, `COMMANDS`, `FIELDS`.

An address, command or column that is not in the tables fails, and so does each answer that is not as written: also
the denials. The API's operations × roles × fields are in tests/api/table.py, in the same way.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, get_commands
from django.test import Client
from pytest_django import DjangoDbBlocker

from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation
from tests.access.test_entry import ADDRESSES
from tests.api.table import FIELDS, MAY_RUN
from tests.support.html import Page
from tests.support.people import address as person_of
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db

#: Columns of rights.txt → organisation of the test world, and whether the person administers it.
ACTORS: dict[str, tuple[str, bool]] = {
    "nobody": ("", False),
    "OTHER": ("OTHER", False),
    "M0": ("M0", True),
    "S0": ("S0", True),
    "MAP": ("M1", False),
    "MAP+": ("M1", True),
    "SUP": ("S1", False),
    "SUP+": ("S1", True),
    "SECAS": ("SECAS", False),
    "SECAS+": ("SECAS", True),
    "DCC": ("DCC", False),
    "DCC+": ("DCC", True),
}
RIGHTS = Path(__file__).with_name("rights.txt")
MEND = "Enter it in tests/access/rights.txt, with what each role should get: that is a decision."


def table() -> dict[str, dict[str, str]]:
    """Address → actor → letter: Y lets in, n 403, s to sign-in, t 401 (a token is needed), . 404."""
    heads, *lines = [line.split() for line in RIGHTS.read_text().splitlines() if line and line[0] != "#"]
    assert heads == ["address", *ACTORS]
    assert all(len(line) == len(heads) for line in lines)
    return {line[0]: dict(zip(heads[1:], line[1:], strict=True)) for line in lines}


TABLE = table()


@pytest.fixture(scope="module", autouse=True)
def administrators(access_world: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Beside the member that each organisation has."""
    wanted = sorted({organisation for organisation, administers in ACTORS.values() if administers})
    with django_db_blocker.unblock():
        for code in wanted:
            organisation = Organisation.objects.using("owner").get(organisation=code)
            Person.objects.db_manager("owner").create_person(
                f"admin@{code.lower()}.example", "An Admin", organisation, None, is_administrator=True
            )
    yield


def browser(actor: str) -> Client:
    """Signed in as the actor."""
    organisation, administers = ACTORS[actor]
    client = Client()
    if organisation:
        email = f"admin@{organisation.lower()}.example" if administers else person_of(organisation)
        client.force_login(Person.objects.get(email=email))
    return client


def letter(client: Client, address: str) -> str:
    """What the address answers; what takes only POST is posted to, empty."""
    answer = client.get(address)
    if answer.status_code == 405:
        answer = client.post(address)
    if answer.status_code == 302 and answer["Location"].startswith("/sign-in/"):
        return "s"
    assert answer.status_code < 500, address
    return {401: "t", 403: "n", 404: "."}.get(answer.status_code, "Y")


def test_every_address_is_in_the_table() -> None:
    addresses = {address for address, _ in ADDRESSES}
    assert addresses - TABLE.keys() == set(), MEND
    assert TABLE.keys() - addresses == set(), "These are no addresses (any more)."


@pytest.mark.parametrize("actor", ACTORS)
def test_each_address_for_each_role(actor: str) -> None:
    client = browser(actor)
    wrong = {}
    for address in TABLE:
        if address == "/sign-out/":
            continue
        found = letter(client, address)
        if found != TABLE[address][actor]:
            wrong[address] = found
    assert wrong == {}, f"for {actor}, not as {RIGHTS.name} says"


def test_signing_out_is_open_to_all() -> None:
    assert {letter(browser(actor), "/sign-out/") for actor in ACTORS} == {"Y"}
    assert set(TABLE["/sign-out/"].values()) == {"Y"}


#: Every command of ours → as whom it reads. A shell on the server is DCC's operator's; nobody else has one.
COMMANDS = {
    "bench": "each role's organisation, by scope",
    "build_statistics": "DCC, by scope; writes as the owner what may be shown",
    "change_feed": "the organisation named, by scope",
    "clear_inventory": "the owner",
    "data_dictionary": "nothing",
    "database": "the owner",
    "demo": "the owner",
    "load_extract": "the owner",
    "make_demo_extract": "nothing",
    "migrate": "the owner",
    "preflight": "the organisation named, by scope",
    "rebuild_periods": "the owner",
    "reconcile": "the organisation named, by scope",
    "release_field": "the owner",
    "rental_days": "the organisation named, by scope",
    "run_report": "the person or organisation named, by scope",
    "seed_demo": "the owner, in the demo alone",
    "send_backfill_reminders": "the owner",
    "take_second_step": "nothing; writes as the site",
    "send_change_digests": "each reader's organisation, by scope",
    "verify_audit": "the owner",
    "worker": "each job's person, by scope",
}


def test_every_command_is_in_the_table() -> None:
    ours = {name for name, app in get_commands().items() if app.startswith(("smi_portal", "reports"))}
    assert ours - COMMANDS.keys() == set(), "Enter it in COMMANDS, with as whom it reads: that is a decision."
    assert COMMANDS.keys() - ours == set(), "These are no commands (any more)."


ORGANISATIONS = ("M1", "M2", "S1", "DCC", "SECAS", "M0", "S0", "OTHER")


@pytest.mark.parametrize("code", MAY_RUN)
@pytest.mark.parametrize("organisation", ORGANISATIONS)
def test_each_column_on_page_and_in_files_for_each_role(organisation: str, code: str, tmp_path: Path) -> None:
    """Page, CSV and command; Excel and JSON are the API's table's. Denied means 403 or a refusal, and no file."""
    client, file = signed_in(organisation), tmp_path / "report.csv"
    page = client.get(f"/reports/{code}/")
    download = client.get(f"/reports/{code}/download.csv?dialect=machine")
    asked = {"organisation": organisation, "output": str(file), "stderr": io.StringIO(), "dialect": "machine"}
    if organisation not in MAY_RUN[code]:
        assert page.status_code == download.status_code == 403
        with pytest.raises(CommandError, match="403"):
            call_command("run_report", code, **asked)
        assert not file.exists()
        return
    wanted = FIELDS[code].shown_to(organisation)
    call_command("run_report", code, **asked)
    assert set(header(b"".join(download.streaming_content))) == wanted
    assert set(header(file.read_bytes())) == wanted
    text = page.content.decode()
    assert len(Page(text).rows[0]) == len(wanted)
    for key in FIELDS[code].hidden_from(organisation):
        assert not re.search(rf'(name|value|id)="-?{key}["_]', text), key
        assert f"sort={key}" not in text


def header(content: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
