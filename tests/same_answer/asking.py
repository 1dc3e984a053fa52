"""How an identifier is put where the site takes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reports.engine.report import REGISTRY
from smi_portal.tokens.covering import LISTS
from tests.same_answer import theirs
from tests.same_answer.theirs import administrator
from tests.support.people import signed_in
from tests.support.tokens import program

NO_ID = "00000000-0000-4000-8000-000000000000"
NO_NUMBER = "999999999"
NO_REFERENCE = "ZZZZZZZZZZ"
NO_LIST = "L-ZZZZZZ"
Asking = Callable[[Client, str], Any]


@dataclass(frozen=True)
class Place:
    """One place: `ask` puts an identifier there; `foreign` makes somebody else's; `absent` has the same form."""

    ask: Asking
    foreign: Callable[[], str] | str
    absent: str
    #: Organisations to which it is foreign; `+` behind one = its administrator; `@` before one = its program.
    who: tuple[str, ...] = ("M2",)

    def theirs(self) -> str:
        """The foreign identifier, made where it has to be."""
        return self.foreign if isinstance(self.foreign, str) else self.foreign()


def browser(who: str) -> Client:
    """Signed in as `who` of a Place says."""
    if who.startswith("@"):
        covers = [*(report.code for report in REGISTRY.values()), *(cover.code for cover in LISTS)]
        return program(who[1:], covers)
    return administrator(who[:-1]) if who.endswith("+") else signed_in(who)


def get(address: str) -> Asking:
    """Open an address with the identifier in the place of `{}`."""
    return lambda client, given: client.get(address.replace("{}", given))


def post(address: str, **data: str) -> Asking:
    """Send a form there, `{}` being the identifier; and follow where it leads, for what is said there."""
    return lambda client, given: client.post(
        address.replace("{}", given),
        {key: value.replace("{}", given) for key, value in data.items()},
        follow=True,
    )


def uploaded(address: str, field: str, text: str, name: str = "theirs.csv", **data: str) -> Asking:
    """Send a file with the identifier in it."""

    def ask(client: Client, given: str) -> Any:
        file = SimpleUploadedFile(name, text.replace("{}", given).encode())
        return client.post(address, {**data, field: file}, follow=True)

    return ask


def the_workbook(client: Client, given: str) -> Any:
    """A ledger with the device in it: its result's workbook."""
    made = theirs.ledger(client, given)
    assert made.status_code == 302, made.content.decode()[-2000:]
    return client.get(made["Location"] + "workbook.xlsx")


def the_list(address: str) -> Asking:
    """A list of one's own with the identifier in it, and what is asked of that."""

    def ask(client: Client, given: str) -> Any:
        made = client.post("/lists/", {"pasted": given})
        assert made.status_code == 302, made.content.decode()[-2000:]
        return client.get(address.replace("{}", made["Location"].rstrip("/").rsplit("/", 1)[1]))

    return ask


DEVICE = (theirs.METER, theirs.NO_METER)
#: What an organisation keeps for itself: foreign to DCC too.
TO_ALL = ("M2", "DCC")
